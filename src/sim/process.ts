import type { TcpAddress } from "../contract/address.ts";
import {
  Acceptor,
  type AcceptorEvents,
  type AcceptorOptions,
} from "./acceptor.ts";
import { Handshake, type HandshakeEvents } from "./handshake.ts";
import type { Host } from "./host.ts";
import { ProcessEvent } from "./process_event.ts";
import { CallbackEvent } from "./schedule.ts";
import type { Parting, TcpEnd } from "./tcp_end.ts";
import type { World } from "./world.ts";

/** A timer of a process. */
export class ProcessTimer extends ProcessEvent {
  readonly #callback: () => void;

  constructor(process: Process, callback: () => void) {
    super(process);
    this.#callback = callback;
  }

  happen(): void {
    // Cleared while the process stood still, or by a timer of the same time.
    if (!this.process.timers.delete(this)) return;
    this.process.note("timer");
    this.#callback();
  }
}

class Call extends ProcessEvent {
  constructor(process: Process, readonly happen: () => void) {
    super(process);
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
  readonly host: Host;
  readonly world: World;
  readonly timers = new Set<ProcessTimer>();
  readonly ends = new Set<TcpEnd>();
  readonly acceptors = new Set<Acceptor>();
  readonly handshakes = new Set<Handshake>();

  isDead = false;
  #isPaused = false;
  #pausedUntil = 0;
  /** When the last of the callbacks of {@linkcode Process.endOfTurn} is due. */
  #turnEndsAt = 0;
  #held: ProcessEvent[] = [];
  readonly #resume = new CallbackEvent(() => this.#goOn());

  constructor(host: Host) {
    this.host = host;
    this.world = host.world;
  }

  /** Adds a line to the trace. */
  note(what: string, a?: number, b?: number): void {
    this.world.note(this.host.name, what, a, b);
  }

  /** Calls back in a few microseconds. */
  soon(callback: () => void): void {
    this.world.schedule.after(new Call(this, callback), this.turn());
  }

  /** Calls back in a few microseconds, and not before those who asked earlier. */
  endOfTurn(callback: () => void): void {
    const { schedule } = this.world;
    this.#turnEndsAt = Math.max(this.#turnEndsAt, schedule.now + this.turn());
    schedule.push(new Call(this, callback), this.#turnEndsAt);
  }

  /** Calls back when it has done what it could. */
  afterPoll(callback: () => void): void {
    this.world.schedule.after(new Call(this, callback), LONGEST_POLL);
  }

  /** In how many microseconds it does what it could do now. */
  turn(): number {
    return this.host.random.integer(0, LONGEST_TURN);
  }

  /** Binds a port, which is not open yet. Throws a `SocketFailure`. */
  listen(
    asked: TcpAddress,
    options: AcceptorOptions,
    events: AcceptorEvents,
  ): Acceptor {
    const address = this.host.bindable(asked, options.reusePort);
    const acceptor = new Acceptor(this, address, options, events);
    this.acceptors.add(acceptor);
    this.host.bind(acceptor);
    this.note(`listens on ${address.hostname}:${address.port}`);
    return acceptor;
  }

  /** Begins to connect. */
  connect(address: TcpAddress, events: HandshakeEvents): Handshake {
    const id = ++this.world.connectCount;
    const handshake = new Handshake(this, id, address, events);
    this.handshakes.add(handshake);
    handshake.begin();
    return handshake;
  }

  /** Calls back in `delay` microseconds, and at least one: time passes for who does it again and again. */
  setTimer(callback: () => void, delay: number): ProcessTimer {
    const timer = new ProcessTimer(this, callback);
    const { lateTimers } = this.host.faults;
    const late = lateTimers.strikes()
      ? lateTimers.amount(1, LONGEST_LATENESS)
      : 0;
    this.timers.add(timer);
    this.world.schedule.after(timer, Math.max(1, delay) + late);
    return timer;
  }

  clearTimer(timer: ProcessTimer): void {
    if (!this.timers.delete(timer)) return;
    this.world.schedule.remove(timer);
  }

  /** Has `event` happen, or wait, or not happen any more. */
  deliver(event: ProcessEvent): void {
    if (this.isDead) return;
    if (this.#isPaused) {
      event.isHeld = true;
      this.#held.push(event);
      return;
    }
    this.world.schedule.hasCalledOut = true;
    event.happen();
    if (!this.isDead) this.#strike();
  }

  /** Stands still for `duration` microseconds from now, or longer if it does so already. */
  pause(duration: number): void {
    const { schedule } = this.world;
    this.#isPaused = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, schedule.now + duration);
    schedule.remove(this.#resume);
    schedule.push(this.#resume, this.#pausedUntil);
    this.note("paused");
  }

  /** Ends without a word to anybody inside; `partingOf` says for each connection what its peer hears. */
  end(partingOf: () => Parting): void {
    this.isDead = true;
    const { schedule } = this.world;
    schedule.remove(this.#resume);
    this.#held = [];
    for (const timer of this.timers) schedule.remove(timer);
    for (const handshake of this.handshakes) handshake.cancel(partingOf());
    for (const acceptor of this.acceptors) acceptor.release(partingOf);
    for (const end of this.ends) end.vanish(partingOf());
    this.timers.clear();
    this.handshakes.clear();
    this.acceptors.clear();
    this.ends.clear();
  }

  #strike(): void {
    const { pauses, clockJumps } = this.host.faults;
    if (pauses.strikes()) this.pause(pauses.amount(1, LONGEST_PAUSE));
    if (clockJumps.strikes()) {
      this.host.jumpWallClock(clockJumps.amount(-LONGEST_JUMP, LONGEST_JUMP));
    }
  }

  /** What was due comes now, before anything else: the timers, as hosts have it that look at sockets after them, then the rest; each in the order of its times. */
  #goOn(): void {
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
      this.world.schedule.push(event, first);
    }
  }
}
