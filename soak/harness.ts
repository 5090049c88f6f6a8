import { LogLevel, type ReactorID, setLogSink } from "../mod.ts";
import type { WatchedCommands } from "./commands.ts";
import { ConnectionLedger } from "./connection_ledger.ts";
import { SoakTally } from "./soak_tally.ts";

/** Longer than any stall: an end is stuck if nothing happens for so long. */
const STUCK_MS = 20_000;

/** What is done to an open end from outside. */
export interface OpenEnd {
  readonly id: ReactorID | undefined;
  /** Where it lives. */
  readonly node: {
    readonly isStopping: boolean;
    readonly commands: WatchedCommands;
  };
  /** When something happened to it last. */
  readonly lastProgress: number;
  /** Aborts it. */
  abort(): void;
  /** It was asked to close, or may have been. */
  closeRequested(isAbort: boolean): void;
  /** For messages. */
  describe(): string;
}

/** What the ends of the library share. */
export class SoakHarness {
  readonly tally: SoakTally = new SoakTally();
  readonly ledger: ConnectionLedger = new ConnectionLedger((what) =>
    this.tally.breaks(what)
  );
  /** The ends that are open. */
  readonly open: Set<OpenEnd> = new Set();
  /** Nothing new is started, and what is in progress comes to its end. */
  isResting = false;
  #tagCount = 0;

  constructor() {
    setLogSink(({ level, parts }) => {
      const text = parts.join(" ");
      if (level === LogLevel.Error && text.startsWith("a callback threw")) {
        this.tally.breaks(text);
      }
    });
  }

  /** A number that no connection has had. */
  nextNumber(): number {
    return ++this.#tagCount;
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
