import type { FaultPoint } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import type { WriteOwnership } from "./options.ts";
import type { SimRandom } from "./random.ts";
import { SimSignals } from "./process_signals.ts";
import { CallbackEvent, SimEvent } from "./scheduler.ts";
import type { WriteFaults } from "./write_side.ts";

/**
 * What the peer of a connection receives when the process at this end dies:
 * FIN, a reset, or nothing until it sends.
 */
export type DisconnectMode = "fin" | "reset" | "silence";

/** What a process needs of its host. */
export interface ProcessHost {
  readonly name: string;
  readonly kernel: Kernel;
  /** How its sockets take what is written. */
  readonly writes: WriteOwnership;
  /** For the small choices of the operating system. */
  readonly random: SimRandom;
  /** The faults that strike a process. */
  readonly faults: {
    readonly lateTimers: FaultPoint;
    readonly pauses: FaultPoint;
    readonly clockJumps: FaultPoint;
    readonly truncatedEnds: FaultPoint;
    readonly tlsWrites: WriteFaults;
  };
  jumpWallClock(ms: number): void;
  /** The process ends by itself. */
  exit(code: number): void;
}

/** Something that the system holds for a process. */
export interface Resource {
  /** The process has died; `disconnectModeOf` decides for each connection. */
  release(disconnectModeOf: () => DisconnectMode): void;
}

/** An event in a process: it waits while the process is frozen, and dies with it. */
export abstract class ProcessEvent extends SimEvent {
  readonly process: Process;
  /** It became due while the process was frozen. */
  isHeld = false;

  constructor(process: Process) {
    super();
    this.process = process;
  }

  fire(): void {
    this.process.deliver(this);
  }

  /** What happens in the process. */
  abstract execute(): void;
}

/** A timer of a process. */
export class ProcessTimer extends ProcessEvent {
  readonly #callback: () => void;

  constructor(process: Process, callback: () => void) {
    super(process);
    this.#callback = callback;
  }

  execute(): void {
    // It may have been cleared while the process was frozen, or by a timer due at the same time.
    if (!this.process.timers.delete(this)) return;
    this.process.addToTrace("timer");
    this.#callback();
  }
}

class ProcessCall extends ProcessEvent {
  readonly execute: () => void;

  constructor(process: Process, callback: () => void) {
    super(process);
    this.execute = callback;
  }
}

/** The most microseconds until a process serves what is ready. */
const LONGEST_TURN = 10;
/** After this many microseconds it has served everything that was ready: a socket that can be read, written and closed takes three turns. */
const LONGEST_POLL = 3 * LONGEST_TURN + 1;
const LONGEST_LATENESS = 50_000;
const LONGEST_PAUSE = 1_000_000;
const LONGEST_JUMP = 3_600_000;

/** A program that runs on a host, from its start to a kill or crash. */
export class Process {
  readonly host: ProcessHost;
  readonly kernel: Kernel;
  readonly timers = new Set<ProcessTimer>();
  readonly ends = new Set<Resource>();
  readonly listeningSockets = new Set<Resource>();
  readonly handshakes = new Set<Resource>();
  readonly signals = new SimSignals(this);

  isDead = false;
  #isPaused = false;
  #pausedUntil = 0;
  /** When the last of the callbacks of {@linkcode Process.endOfTurn} is due. */
  #turnEndsAt = 0;
  #held: ProcessEvent[] = [];
  readonly #resume = new CallbackEvent(() => this.#onResume());

  constructor(host: ProcessHost) {
    this.host = host;
    this.kernel = host.kernel;
  }

  /** Adds a line to the trace. */
  addToTrace(what: string, a?: number, b?: number): void {
    this.kernel.addToTrace(this.host.name, what, a, b);
  }

  /** Calls back in `delay` microseconds, by default a few. */
  schedule(callback: () => void, delay: number = this.turnDelay()): void {
    this.kernel.scheduler.after(new ProcessCall(this, callback), delay);
  }

  /** It ends by itself. */
  exit(code: number): void {
    this.host.exit(code);
  }

  /** Calls back in a few microseconds, in the order of the calls. */
  endOfTurn(callback: () => void): void {
    const { scheduler } = this.kernel;
    this.#turnEndsAt = Math.max(
      this.#turnEndsAt,
      scheduler.now + this.turnDelay(),
    );
    scheduler.push(new ProcessCall(this, callback), this.#turnEndsAt);
  }

  /** Calls back when all that was ready was served. */
  afterPoll(callback: () => void): void {
    this.kernel.scheduler.after(new ProcessCall(this, callback), LONGEST_POLL);
  }

  /** In how many microseconds it serves what is ready now. */
  turnDelay(): number {
    return this.host.random.integer(0, LONGEST_TURN);
  }

  /** Calls back in `delay` microseconds, at least one, so that time passes for a timer that is armed over and over. */
  setTimer(callback: () => void, delay: number): ProcessTimer {
    const timer = new ProcessTimer(this, callback);
    const { lateTimers } = this.host.faults;
    const late = lateTimers.strikes()
      ? lateTimers.amount(1, LONGEST_LATENESS)
      : 0;
    this.timers.add(timer);
    this.kernel.scheduler.after(timer, Math.max(1, delay) + late);
    return timer;
  }

  clearTimer(timer: ProcessTimer): void {
    if (!this.timers.delete(timer)) return;
    this.kernel.scheduler.remove(timer);
  }

  /** Executes `event`, or holds it while the process is frozen; drops it if the process is dead. */
  deliver(event: ProcessEvent): void {
    if (this.isDead) return;
    if (this.#isPaused) {
      event.isHeld = true;
      this.#held.push(event);
      return;
    }
    this.kernel.scheduler.hasCalledOut = true;
    event.execute();
    if (!this.isDead) this.#strike();
  }

  /** Freezes for `duration` microseconds from now, or for longer if it is frozen already. */
  pause(duration: number): void {
    const { scheduler } = this.kernel;
    this.#isPaused = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, scheduler.now + duration);
    scheduler.remove(this.#resume);
    scheduler.push(this.#resume, this.#pausedUntil);
    this.addToTrace("paused");
  }

  /** Ends it; none of its callbacks is called any more. */
  terminate(disconnectModeOf: () => DisconnectMode): void {
    this.isDead = true;
    const { scheduler } = this.kernel;
    scheduler.remove(this.#resume);
    this.#held = [];
    for (const timer of this.timers) scheduler.remove(timer);
    this.timers.clear();
    for (
      const resources of [this.handshakes, this.listeningSockets, this.ends]
    ) {
      for (const resource of resources) resource.release(disconnectModeOf);
      resources.clear();
    }
  }

  #strike(): void {
    const { pauses, clockJumps } = this.host.faults;
    if (pauses.strikes()) this.pause(pauses.amount(1, LONGEST_PAUSE));
    if (clockJumps.strikes()) {
      this.host.jumpWallClock(clockJumps.amount(-LONGEST_JUMP, LONGEST_JUMP));
    }
  }

  /** What became due happens now, before anything else: first the timers, as in event loops that poll sockets after them, then the rest, each in the order of its time. */
  #onResume(): void {
    this.addToTrace("goes on");
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    const isTimer = (event: ProcessEvent) => event instanceof ProcessTimer;
    const first = held[0]?.deadline ?? 0;
    const timers = held.filter(isTimer);
    const rest = held.filter((event) => !isTimer(event));
    for (const event of [...timers, ...rest]) {
      event.isHeld = false;
      this.kernel.scheduler.push(event, first);
    }
  }
}
