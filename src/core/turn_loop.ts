import type { Adapter } from "../contract/adapter.ts";
import type { Clock, TimerHandle } from "../contract/clock.ts";
import { SampledTimes, UNTIMED } from "../stats/sampled_times.ts";
import { COMMANDS_PER_TURN, DELAY_PROBES_MS } from "../tuning.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { logError } from "../util/log.ts";
import { callGuarded } from "../util/promises.ts";
import type { CommandQueue } from "./command_queue.ts";
import type { CommandExecutor } from "./commands.ts";
import { toError } from "../api/to_error.ts";
import { PollBarrier } from "./poll_barrier.ts";
import { type TimeLimit, TimeLimits } from "./time_limits.ts";

/** Work to do at the end of a turn, such as writing what was sent in it. */
export interface TurnTask {
  onTurnEnd(): void;
}

/** Something that lets the others go first. */
export interface Postponed {
  /** The others were served. */
  onServed(): void;
}

/**
 * The turns of a runtime. In each turn: expired time limits and scheduled calls
 * are called; due commands are executed; deferred callbacks are called; and at
 * the end, sends are flushed.
 *
 * It drives itself, using the adapter's `endOfTurn` and one timer. If it is
 * polled, commands and time limits wait for `work` instead.
 */
export class TurnLoop<UserCommand> {
  /** Expired time limits wait for this. */
  readonly pollBarrier: PollBarrier;
  /** How long handlers take, how long turns take, and how long the host takes to begin one. */
  readonly handlerTimes: SampledTimes;
  readonly turnTimes: SampledTimes;
  readonly turnDelays: SampledTimes;
  readonly #adapter: Adapter;
  readonly #clock: Clock;
  readonly #commands: CommandQueue<UserCommand>;
  readonly #executor: CommandExecutor<UserCommand>;
  readonly #onTurnEnd: () => void;

  readonly #timeLimits: TimeLimits;
  #timer: TimerHandle = undefined;
  #timerDeadline = Infinity;

  #isTurnRequested = false;
  /** When the turn was requested, if that is measured. */
  #turnRequestedAt = UNTIMED;
  /** Until when turns are requested to measure their delay. */
  probesEndAt = -Infinity;
  /** When one was last requested for that. */
  #probedAt = -Infinity;
  /** True during a turn, at whose end everything is flushed. */
  #isWorking = false;
  #isPolled = false;
  #toCall: (() => void)[] = [];
  #tasks: TurnTask[] = [];
  #lastTasks: TurnTask[] = [];
  #postponed: Postponed[] = [];
  #turnCount = 0;
  #socketEventCount = 0;
  #onEvent: (() => void) | undefined = undefined;

  /** `onTurnEnd` is called last in every turn. */
  constructor(
    adapter: Adapter,
    commands: CommandQueue<UserCommand>,
    executor: CommandExecutor<UserCommand>,
    onTurnEnd: () => void,
  ) {
    const { clock } = adapter;
    this.handlerTimes = new SampledTimes(clock);
    this.turnTimes = new SampledTimes(clock);
    this.turnDelays = new SampledTimes(clock);
    this.pollBarrier = new PollBarrier(adapter);
    this.#timeLimits = new TimeLimits(clock, this.pollBarrier, this.#onServed);
    this.#adapter = adapter;
    this.#clock = clock;
    this.#commands = commands;
    this.#executor = executor;
    this.#onTurnEnd = onTurnEnd;
  }

  /** Number of turns that have ended or are ending. */
  get turnCount(): number {
    return this.#turnCount;
  }

  /** Number of socket events so far. */
  get socketEventCount(): number {
    return this.#socketEventCount;
  }

  /** True if deferred callbacks are waiting. */
  get hasCalls(): boolean {
    return this.#toCall.length > 0;
  }

  /** Milliseconds on the clock of the adapter. */
  now(): number {
    return this.#clock.now();
  }

  /** Milliseconds since 1970. */
  wallNow(): number {
    return this.#clock.wallNow();
  }

  /** Number of pending time limits and scheduled calls. */
  get timeLimitCount(): number {
    return this.#timeLimits.size;
  }

  /** Arms `timeout`, or rearms it. */
  arm(timeout: TimeLimit, delayMs: number): void {
    this.armAt(timeout, this.now() + delayMs);
  }

  /** Arms `timeout`, or rearms it, to expire at `deadline`. */
  armAt(timeout: TimeLimit, deadline: number): void {
    this.#timeLimits.arm(timeout, deadline);
    if (!this.#isWorking) this.#setTimer();
  }

  disarm(timeout: TimeLimit): void {
    if (this.#timeLimits.disarm(timeout)) this.#setTimer();
  }

  /** Arms `call`. May be called from anywhere, so a waiting `poll` is woken. */
  schedule(call: TimeLimit, deadline: number): void {
    this.armAt(call, deadline);
    this.#onEvent?.();
  }

  /**
   * Disarms `call`. Returns false if it was not armed. The timer stays set
   * until a turn ends, because the next call usually needs one, too.
   */
  unschedule(call: TimeLimit): boolean {
    return this.#timeLimits.disarm(call);
  }

  onSocketEvent(): void {
    this.#socketEventCount++;
    this.#onEvent?.();
  }

  /**
   * Measures the delay of the host's turns for some time, by requesting turns
   * on socket events.
   */
  probeDelays(now: number): void {
    this.probesEndAt = now + DELAY_PROBES_MS.lasting;
  }

  /**
   * Requests a turn to measure its delay, unless that was done shortly before
   * `now`. Called by events before `probesEndAt`.
   */
  probeDelay(now: number): void {
    if (now - this.#probedAt < DELAY_PROBES_MS.apart) return;
    this.#probedAt = now;
    this.requestTurn();
  }

  /** A command has come in, or a waiting one was withdrawn. */
  onCommand(): void {
    this.#onEvent?.();
    if (this.#isPolled) return;
    const { queuedCount, unsettledCount } = this.#commands;
    const isTurnDue = queuedCount > 0 || unsettledCount === 0;
    if (isTurnDue) this.requestTurn(); // which sets the timer at its end
    else this.#setTimer();
  }

  /**
   * Handles commands that came in with an event of the host: `take` accepts
   * them; then the queue is executed, in a turn that ends with this call.
   */
  onCommandEvent(take: () => void): void {
    this.#onEvent?.();
    const startedAt = this.turnTimes.begin();
    this.#isWorking = true;
    take();
    if (!this.#isPolled && this.#commands.queuedCount > 0) {
      this.#commands.executeQueued(this.#executor, COMMANDS_PER_TURN);
    }
    this.#endTurn();
    if (startedAt !== UNTIMED) this.turnTimes.end(startedAt);
  }

  /** True if a new command may be executed before the call returns. */
  get canWorkNow(): boolean {
    return this.#isWorking && !this.#isPolled &&
      this.#commands.queuedCount === 0;
  }

  /** Calls `task` once, at the end of this turn. */
  atTurnEnd(task: TurnTask): void {
    this.#tasks.push(task);
    this.#seeToTurn();
  }

  /** Calls `task` once, at the end of this turn, after all others. */
  lastAtTurnEnd(task: TurnTask): void {
    this.#lastTasks.push(task);
    this.#seeToTurn();
  }

  /** Calls `postponed` once all sockets that are ready have been served. */
  postpone(postponed: Postponed): void {
    const isFirst = this.#postponed.push(postponed) === 1;
    if (isFirst) this.pollBarrier.afterPoll(this.#goOn);
  }

  readonly #goOn = (): void => {
    const all = this.#postponed;
    this.#postponed = [];
    for (const postponed of all) postponed.onServed();
  };

  /** Calls `callback` in the next turn. */
  defer(callback: () => void): void {
    this.#toCall.push(callback);
    this.requestTurn();
  }

  /** Requests a turn from the adapter. It begins when the host's turn ends. */
  requestTurn(): void {
    if (this.#isTurnRequested) return;
    this.#isTurnRequested = true;
    this.#turnRequestedAt = this.turnDelays.begin();
    this.#adapter.endOfTurn(this.#turn);
  }

  /** Sets whether commands and time limits wait for `work`. */
  setPolled(isPolled: boolean): void {
    if (this.#isPolled === isPolled) return;
    this.#isPolled = isPolled;
    this.#setTimer();
    if (!isPolled) this.requestTurn();
  }

  /**
   * Does what is due, including at most `maxCommands` queued commands, and ends
   * the turn.
   */
  work(maxCommands: number): void {
    const startedAt = this.turnTimes.begin();
    this.#isWorking = true;
    this.#timeLimits.fire(COMMANDS_PER_TURN);
    this.#commands.executeDeferred(this.#executor, COMMANDS_PER_TURN);
    this.#commands.executeQueued(this.#executor, maxCommands);
    this.#endTurn();
    if (startedAt !== UNTIMED) this.turnTimes.end(startedAt);
  }

  /**
   * Waits until a socket event or a command has come in, something is due, or
   * `timeoutMs` have passed. Then lets sockets be served, and works. Resolves
   * when that is done.
   */
  poll(timeoutMs: number, maxCommands: number): Promise<void> {
    const isReady = this.#commands.queuedCount > 0 || this.hasCalls;
    const delay = isReady
      ? 0
      : Math.min(timeoutMs, this.#earliest - this.#clock.now());
    return new Promise((resolve) => {
      const work = () => {
        this.work(maxCommands);
        resolve();
      };
      if (delay <= 0) return this.#adapter.endOfTurn(work);
      const timer = this.#clock.setTimer(() => this.#onEvent?.(), delay);
      this.#onEvent = () => {
        this.#onEvent = undefined;
        this.#clock.clearTimer(timer);
        this.#adapter.endOfTurn(work);
      };
    });
  }

  readonly #onServed = (): void => {
    if (!this.#isPolled) this.work(COMMANDS_PER_TURN);
    this.#onEvent?.();
  };

  readonly #turn = (): void => {
    this.#isTurnRequested = false;
    const requestedAt = this.#turnRequestedAt;
    if (requestedAt !== UNTIMED) this.turnDelays.end(requestedAt);
    if (this.#isPolled) this.#endTurn();
    else this.work(COMMANDS_PER_TURN);
    this.#onEvent?.(); // there may be nothing left to do
  };

  #endTurn(): void {
    this.#turnCount++;
    const callbacks = this.#toCall;
    this.#toCall = [];
    for (const callback of callbacks) callGuarded(callback, logThrown);
    const tasks = this.#tasks;
    this.#tasks = [];
    this.#isWorking = false;
    for (const task of tasks) task.onTurnEnd();
    if (this.#lastTasks.length > 0) this.#runLastTasks();
    if (!this.#isPolled && this.#commands.queuedCount > 0) this.requestTurn();
    this.#setTimer();
    this.#onTurnEnd();
  }

  /** Ensures that a turn follows, unless one is in progress. */
  #seeToTurn(): void {
    if (!this.#isWorking) this.requestTurn();
  }

  #runLastTasks(): void {
    const tasks = this.#lastTasks;
    this.#lastTasks = [];
    for (const task of tasks) task.onTurnEnd();
  }

  /** When the next time limit or command is due. */
  get #earliest(): number {
    return Math.min(
      this.#timeLimits.earliest,
      this.#commands.earliestDeadline,
    );
  }

  /**
   * Keeps the timer set no later than the first due time, or unset if there is
   * none. What is due already gets a turn.
   */
  #setTimer(): void {
    const earliest = this.#isPolled ? Infinity : this.#earliest;
    const isTooLate = earliest < this.#timerDeadline;
    const isNeedless = earliest === Infinity && this.#timer !== undefined;
    if (!isTooLate && !isNeedless) return;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerDeadline = Infinity;
    if (earliest === Infinity) return;
    const delay = earliest - this.#clock.now();
    if (delay <= 0) return this.requestTurn();
    this.#timerDeadline = earliest;
    this.#timer = this.#clock.setTimer(
      this.#onTimer,
      Math.min(delay, MAX_INT32),
    );
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerDeadline = Infinity;
    if (this.#isPolled) return;
    this.work(COMMANDS_PER_TURN);
    this.#onEvent?.(); // there may be nothing left to do
  };
}

function logThrown(thrown: unknown): void {
  logError("a callback threw:", toError(thrown, "a callback"));
}
