import process from "node:process";
import { LogLevel, type ReactorID, setLogSink } from "../mod.ts";
import type { WatchedCommands } from "./commands.ts";
import { ConnectionLedger } from "./connection_ledger.ts";
import { SoakTally } from "./soak_tally.ts";

/** An end without an event for this long is stuck; longer than any stall. */
const STUCK_MS = 20_000;

/** What is known about an open end, and what can be done to it. */
export interface OpenEnd {
  readonly id: ReactorID | undefined;
  /** The runtime that it belongs to. */
  readonly node: {
    readonly isStopping: boolean;
    readonly commands: WatchedCommands;
  };
  /** Time of its last event. */
  readonly lastProgress: number;
  /** Aborts it. */
  abort(): void;
  /** Called when it is asked to close, or may have been. */
  closeRequested(isAbort: boolean): void;
  /** A description for messages. */
  describe(): string;
}

/** Shared by all ends of the library in this process. */
export class SoakHarness {
  readonly tally: SoakTally = new SoakTally();
  readonly ledger: ConnectionLedger = new ConnectionLedger((what) =>
    this.tally.breaks(what)
  );
  /** The open ends. */
  readonly open: Set<OpenEnd> = new Set();
  /**
   * True while nothing new is started, and everything in progress is finished.
   */
  isResting = false;
  #tagCount = 0;

  constructor() {
    setLogSink(({ level, parts }) => {
      const text = parts.join(" ");
      if (level === LogLevel.Error && text.startsWith("a callback threw")) {
        this.tally.breaks(text);
      }
    });
    process.on("uncaughtException", (error) => {
      this.tally.breaks(`uncaught: ${error.stack}`);
    });
    process.on("unhandledRejection", (reason) => {
      this.tally.breaks(`unhandled rejection: ${reason}`);
    });
  }

  /** Returns a number that no connection has had yet. */
  nextNumber(): number {
    return ++this.#tagCount;
  }

  /** Judges everything that is over: call it while no end is open. */
  settle(): void {
    this.ledger.settle();
    const { completions, completionsAsked } = this.tally;
    if (completions !== completionsAsked) {
      this.tally.breaks(
        `${completionsAsked} completions of sends, ${completions} called`,
      );
    }
  }

  /** Aborts ends that are stuck, and records them. */
  checkStuck(): void {
    const now = performance.now();
    for (const end of this.open) {
      if (now - end.lastProgress < STUCK_MS) continue;
      this.tally.breaks(`nothing happens any more: ${end.describe()}`);
      end.abort();
    }
  }
}
