import type { FaultPoint } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import type { WriteOwnership } from "./options.ts";
import type { SimRandom } from "./random.ts";
import { CallbackEvent, SimEvent } from "./scheduler.ts";

/** What the peer of a connection hears when the process at this end dies: FIN, a reset, or nothing until it sends. */
export type DisconnectMode = "fin" | "reset" | "silence";

/** What a process needs of its host. */
export interface ProcessHost {
  readonly name: string;
  readonly kernel: Kernel;
  /** How its sockets take what is written. */
  readonly writes: WriteOwnership;
  /** For the small choices of its system. */
  readonly random: SimRandom;
  /** What strikes a process. */
  readonly faults: {
    readonly lateTimers: FaultPoint;
    readonly pauses: FaultPoint;
    readonly clockJumps: FaultPoint;
  };
  jumpWallClock(ms: number): void;
}

/** Something that the system holds for a process. */
export interface Resource {
  /** The process has died; `disconnectModeOf` decides for each connection. */
  release(disconnectModeOf: () => DisconnectMode): void;
}

/** An event that a process takes part in: it waits while the process stands still, and dies with it. */
export abstract class ProcessEvent extends SimEvent {
  readonly process: Process;
  /** It was due while the process stood still. */
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
    // Cleared while the process stood still, or by a timer of the same time.
    if (!this.process.timers.delete(this)) return;
    this.process.note("timer");
    this.#callback();
  }
}

class Call extends ProcessEvent {
  readonly execute: () => void;

  constructor(process: Process, callback: () => void) {
    super(process);
    this.execute = callback;
  }
}

/** A process waits up to so many microseconds to do what it could. */
const LONGEST_TURN = 10;
/** In so many it has done what it could: a socket that can read, be written and close takes three turns. */
const LONGEST_POLL = 3 * LONGEST_TURN + 1;
const LONGEST_LATENESS = 50_000;
const LONGEST_PAUSE = 1_000_000;
const LONGEST_JUMP = 3_600_000;

/** What runs on a host, from a start to a kill or crash. */
export class Process {
  readonly host: ProcessHost;
  readonly kernel: Kernel;
  readonly timers = new Set<ProcessTimer>();
  readonly ends = new Set<Resource>();
  readonly acceptors = new Set<Resource>();
  readonly handshakes = new Set<Resource>();

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
  note(what: string, a?: number, b?: number): void {
    this.kernel.note(this.host.name, what, a, b);
  }

  /** Calls back in a few microseconds. */
  schedule(callback: () => void): void {
    this.kernel.scheduler.after(new Call(this, callback), this.turnDelay());
  }

  /** Calls back in a few microseconds, and not before those who asked earlier. */
  endOfTurn(callback: () => void): void {
    const { scheduler } = this.kernel;
    this.#turnEndsAt = Math.max(
      this.#turnEndsAt,
      scheduler.now + this.turnDelay(),
    );
    scheduler.push(new Call(this, callback), this.#turnEndsAt);
  }

  /** Calls back when it has done what it could. */
  afterPoll(callback: () => void): void {
    this.kernel.scheduler.after(new Call(this, callback), LONGEST_POLL);
  }

  /** In how many microseconds it does what it could do now. */
  turnDelay(): number {
    return this.host.random.integer(0, LONGEST_TURN);
  }

  /** Calls back in `delay` microseconds, and at least one: time passes for who does it again and again. */
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

  /** Has `event` happen, or wait, or not happen any more. */
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

  /** Stands still for `duration` microseconds from now, or longer if it does so already. */
  pause(duration: number): void {
    const { scheduler } = this.kernel;
    this.#isPaused = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, scheduler.now + duration);
    scheduler.remove(this.#resume);
    scheduler.push(this.#resume, this.#pausedUntil);
    this.note("paused");
  }

  /** Ends it without calling anything inside. */
  terminate(disconnectModeOf: () => DisconnectMode): void {
    this.isDead = true;
    const { scheduler } = this.kernel;
    scheduler.remove(this.#resume);
    this.#held = [];
    for (const timer of this.timers) scheduler.remove(timer);
    this.timers.clear();
    for (const resources of [this.handshakes, this.acceptors, this.ends]) {
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

  /** What was due comes now, before anything else: the timers, as hosts have it that look at sockets after them, then the rest; each in the order of its times. */
  #onResume(): void {
    this.note("goes on");
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
