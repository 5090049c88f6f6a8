import type { Adapter, TimerHandle } from "../adapters/adapter.ts";
import { logError } from "../util/log.ts";
import { watchPromise } from "../util/promises.ts";
import { Timed, TimerHeap } from "../util/timer_heap.ts";
import type { CommandQueue } from "./command_queue.ts";
import type { CommandExecutor } from "./commands.ts";
import { toError } from "./failures.ts";
import { Looks } from "./looks.ts";

/** A time limit of the library's own. */
export class Timeout extends Timed {
  constructor(readonly onTimeout: () => void) {
    super();
  }
}

/** Something that writes what was sent in a turn at its end. */
export interface Flushable {
  flush(): void;
}

/** How many commands a turn carries out before sockets are served again. */
const COMMANDS_PER_TURN = 1024;

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The turns of a runtime: in each, time limits that are over are told, commands
 * that are due are carried out, calls that were put off are made, and at its end
 * what was sent is flushed.
 *
 * It drives itself, by the adapter's end of turn and one timer, unless it is
 * polled: then commands and time limits wait for `work`.
 */
export class TurnLoop<UserCommand> {
  /** What time limits that are over wait for. */
  readonly looks: Looks;
  readonly #adapter: Adapter;
  readonly #commands: CommandQueue<UserCommand>;
  readonly #executor: CommandExecutor<UserCommand>;
  readonly #onTurnEnd: () => void;

  readonly #timeouts = new TimerHeap<Timeout>();
  /** When sockets were last known to have been served: time limits that were over by then are. */
  #servedAt = -Infinity;
  /** What `servedAt` will be when those that are ready now are served; undefined if nobody waits for that. */
  #willBeServedAt: number | undefined = undefined;
  #timer: TimerHandle = undefined;
  #timerDeadline = Infinity;

  #isTurnRequested = false;
  /** A turn is under way, and what is to be flushed will be at its end. */
  #isWorking = false;
  #isPolled = false;
  #toCall: (() => void)[] = [];
  #toFlush: Flushable[] = [];
  #toFlushLast: Flushable[] = [];
  #socketEventCount = 0;
  #onEvent: (() => void) | undefined = undefined;

  /** `onTurnEnd` is called last in every turn. */
  constructor(
    adapter: Adapter,
    commands: CommandQueue<UserCommand>,
    executor: CommandExecutor<UserCommand>,
    onTurnEnd: () => void,
  ) {
    this.looks = new Looks(adapter);
    this.#adapter = adapter;
    this.#commands = commands;
    this.#executor = executor;
    this.#onTurnEnd = onTurnEnd;
  }

  /** How many socket events have come in so far. */
  get socketEventCount(): number {
    return this.#socketEventCount;
  }

  /** True if calls wait that were put off. */
  get hasCalls(): boolean {
    return this.#toCall.length > 0;
  }

  /** Milliseconds on the clock of the adapter. */
  now(): number {
    return this.#adapter.now();
  }

  /** Arms `timeout`, anew if it is armed. */
  arm(timeout: Timeout, delayMs: number): void {
    this.#timeouts.remove(timeout);
    this.#timeouts.push(timeout, this.#adapter.now() + delayMs);
    this.#setTimer();
  }

  disarm(timeout: Timeout): void {
    if (this.#timeouts.remove(timeout)) this.#setTimer();
  }

  /** A socket event has come in. */
  onSocketEvent(): void {
    this.#socketEventCount++;
    this.#onEvent?.();
  }

  /** A command has come in, or one that waited was withdrawn. */
  onCommand(): void {
    this.#onEvent?.();
    if (this.#isPolled) return;
    const { queuedCount, unsettledCount } = this.#commands;
    if (queuedCount > 0 || unsettledCount === 0) this.requestTurn();
    this.#setTimer();
  }

  /**
   * Commands come in by an event of the host: `take` takes them on, and what is
   * queued is then carried out, in a turn of its own that ends with this call.
   */
  onCommandEvent(take: () => void): void {
    this.#onEvent?.();
    this.#isWorking = true;
    take();
    if (!this.#isPolled && this.#commands.queuedCount > 0) {
      this.#commands.runQueued(this.#executor, COMMANDS_PER_TURN);
    }
    this.#endTurn();
  }

  /** True if a command that has come in may be carried out before the call returns. */
  get canWorkNow(): boolean {
    return this.#isWorking && !this.#isPolled &&
      this.#commands.queuedCount === 0;
  }

  /** Flushes `flushable` at the end of this turn. */
  flushLater(flushable: Flushable): void {
    this.#toFlush.push(flushable);
    this.#seeToTurn();
  }

  /** Flushes `flushable` at the end of this turn, behind all others. */
  flushLast(flushable: Flushable): void {
    this.#toFlushLast.push(flushable);
    this.#seeToTurn();
  }

  /** Calls back in the next turn. */
  defer(callback: () => void): void {
    this.#toCall.push(callback);
    this.requestTurn();
  }

  /** Has a turn come soon. */
  requestTurn(): void {
    if (this.#isTurnRequested) return;
    this.#isTurnRequested = true;
    this.#adapter.endOfTurn(this.#turn);
  }

  /** From now on commands and time limits wait for `work` (true), or do not (false). */
  setPolled(isPolled: boolean): void {
    if (this.#isPolled === isPolled) return;
    this.#isPolled = isPolled;
    this.#setTimer();
    if (!isPolled) this.requestTurn();
  }

  /** Does what is due, `maxCommands` queued commands at most, and ends the turn. */
  work(maxCommands: number): void {
    this.#isWorking = true;
    this.#tellTimeouts();
    this.#commands.runDeferred(this.#executor, COMMANDS_PER_TURN);
    this.#commands.runQueued(this.#executor, maxCommands);
    this.#endTurn();
  }

  /**
   * Waits until a socket event or a command has come in, something is due, or
   * `timeoutMs` have passed, has sockets served, then works. Resolves when that
   * is done.
   */
  poll(timeoutMs: number, maxCommands: number): Promise<void> {
    const isReady = this.#commands.queuedCount > 0 || this.hasCalls;
    const delay = isReady
      ? 0
      : Math.min(timeoutMs, this.#earliest - this.#adapter.now());
    return new Promise((resolve) => {
      const work = () => {
        this.work(maxCommands);
        resolve();
      };
      if (delay <= 0) return this.#adapter.endOfTurn(work);
      const timer = this.#adapter.setTimer(() => this.#onEvent?.(), delay);
      this.#onEvent = () => {
        this.#onEvent = undefined;
        this.#adapter.clearTimer(timer);
        this.#adapter.endOfTurn(work);
      };
    });
  }

  /** Tells of the time limits that are over, once sockets were served since: a late timer alone proves nothing. */
  #tellTimeouts(): void {
    for (;;) {
      const timeout = this.#timeouts.popDue(this.#servedAt);
      if (timeout === undefined) break;
      timeout.onTimeout();
    }
    const now = this.#adapter.now();
    const isOver = this.#timeouts.earliest <= now;
    if (!isOver || this.#willBeServedAt !== undefined) return;
    this.#willBeServedAt = now;
    this.looks.afterPoll(this.#onServed);
  }

  readonly #onServed = (): void => {
    this.#servedAt = this.#willBeServedAt as number;
    this.#willBeServedAt = undefined;
    if (!this.#isPolled) this.work(COMMANDS_PER_TURN);
    this.#onEvent?.();
  };

  readonly #turn = (): void => {
    this.#isTurnRequested = false;
    if (this.#isPolled) this.#endTurn();
    else this.work(COMMANDS_PER_TURN);
    this.#onEvent?.(); // maybe nothing is left to do
  };

  #endTurn(): void {
    const callbacks = this.#toCall;
    this.#toCall = [];
    for (const callback of callbacks) call(callback);
    const flushables = this.#toFlush;
    this.#toFlush = [];
    this.#isWorking = false;
    for (const flushable of flushables) flushable.flush();
    if (this.#toFlushLast.length > 0) this.#flushLastOnes();
    if (!this.#isPolled && this.#commands.queuedCount > 0) this.requestTurn();
    this.#setTimer();
    this.#onTurnEnd();
  }

  /** Sees to it that a turn ends, if none is under way. */
  #seeToTurn(): void {
    if (!this.#isWorking) this.requestTurn();
  }

  #flushLastOnes(): void {
    const flushables = this.#toFlushLast;
    this.#toFlushLast = [];
    for (const flushable of flushables) flushable.flush();
  }

  /** When something is due; time limits have to wait while sockets are being served for their sake. */
  get #earliest(): number {
    const deadline = this.#commands.earliestDeadline;
    return this.#willBeServedAt === undefined
      ? Math.min(this.#timeouts.earliest, deadline)
      : deadline;
  }

  /** Keeps the one timer armed, for what is due first or before, and not at all if nothing is. What is due already gets a turn. */
  #setTimer(): void {
    const earliest = this.#isPolled ? Infinity : this.#earliest;
    const isTooLate = earliest < this.#timerDeadline;
    const isNeedless = earliest === Infinity && this.#timer !== undefined;
    if (!isTooLate && !isNeedless) return;
    if (this.#timer !== undefined) this.#adapter.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerDeadline = Infinity;
    if (earliest === Infinity) return;
    const delay = earliest - this.#adapter.now();
    if (delay <= 0) return this.requestTurn();
    this.#timerDeadline = earliest;
    this.#timer = this.#adapter.setTimer(
      this.#onTimer,
      Math.min(delay, MAX_TIMER_MS),
    );
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerDeadline = Infinity;
    if (this.#isPolled) return;
    this.work(COMMANDS_PER_TURN);
    this.#onEvent?.(); // maybe nothing is left to do
  };
}

function call(callback: () => void): void {
  try {
    watchPromise(callback(), logThrown);
  } catch (thrown) {
    logThrown(thrown);
  }
}

function logThrown(thrown: unknown): void {
  logError("a callback threw:", toError(thrown, "a callback"));
}
