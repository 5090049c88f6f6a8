import {
  InvalidCallbackError,
  InvalidOptionError,
  ResourcesExhaustedError,
} from "../api/errors.ts";
import type { ScheduledCall } from "../api/scheduled_call.ts";
import { MAX_SCHEDULED_CALLS } from "../tuning.ts";
import { forget } from "../util/forget.ts";
import { literalOf } from "../util/text.ts";
import { TimeLimit } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What {@linkcode ScheduledCalls} need from the turn loop of their runtime. */
export type CallLoop = Pick<
  TurnLoop<never>,
  "now" | "schedule" | "unschedule" | "timeLimitCount"
>;

/**
 * The scheduled calls of one owner: a connection or a runtime. They are
 * cancelled when it closes.
 */
export class ScheduledCalls {
  readonly #loop: CallLoop;
  readonly #make: (callback: () => void) => void;
  readonly #onNone: () => void;
  #first: Call | undefined = undefined;
  #isOver = false;

  /**
   * `make` makes a call, and handles what it throws. `onNone` is called when
   * the last pending one is cancelled.
   */
  constructor(
    loop: CallLoop,
    make: (callback: () => void) => void,
    onNone: () => void = () => {},
  ) {
    this.#loop = loop;
    this.#make = make;
    this.#onNone = onNone;
  }

  /** True if none is pending. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** See `ReactRuntime.after`. */
  after(delayMs: number, callback: () => void): ScheduledCall {
    return this.#schedule("after", delayMs, 0, callback, 0);
  }

  /** See `ReactRuntime.every`. */
  every(intervalMs: number, callback: () => void): ScheduledCall {
    return this.#schedule("every", intervalMs, 1, callback, intervalMs);
  }

  /**
   * How many milliseconds late `call`, which is being made, is because the
   * thread was busy.
   */
  lateMs(call: ScheduledCall): number {
    return call instanceof Call ? this.#loop.now() - call.deadline : 0;
  }

  /** Cancels all calls, and refuses new ones. */
  end(): void {
    this.#isOver = true;
    for (let call = this.#first; call !== undefined; call = call.next) {
      this.#loop.unschedule(call);
    }
    this.#first = undefined;
  }

  /** Cancels `call`. Returns false if it is not pending. */
  cancel(call: Call): boolean {
    if (!this.#loop.unschedule(call)) return false;
    this.#unlink(call);
    if (this.isEmpty) this.#onNone();
    return true;
  }

  /**
   * Makes `call`, which is due. A repeated call is scheduled again for the next
   * of its times that is not past.
   */
  makeDue(call: Call, callback: () => void, intervalMs: number): void {
    if (intervalMs === 0) {
      this.#unlink(call);
    } else {
      const late = this.#loop.now() - call.deadline;
      const missedMs = Math.floor(late / intervalMs) * intervalMs;
      this.#loop.schedule(call, call.deadline + missedMs + intervalMs);
    }
    this.#make(callback);
  }

  #schedule(
    when: "after" | "every",
    ms: number,
    least: number,
    callback: () => void,
    intervalMs: number,
  ): ScheduledCall {
    if (!(Number.isFinite(ms) && ms >= least)) {
      forget(ms);
      throw new InvalidOptionError(
        `Cannot call ${when} ${
          literalOf(ms)
        } ms: it must be a finite number from ${least} up`,
      );
    }
    if (typeof callback !== "function") {
      forget(callback);
      throw new InvalidCallbackError(
        `Cannot call ${
          literalOf(callback)
        } ${when} ${ms} ms: it is not a function`,
      );
    }
    const call = new Call(this, callback, intervalMs);
    if (this.#isOver) return call;
    const { timeLimitCount } = this.#loop;
    if (timeLimitCount >= MAX_SCHEDULED_CALLS) {
      throw new ResourcesExhaustedError(
        `Cannot call ${when} ${ms} ms: ${timeLimitCount} calls and time limits are pending in the runtime`,
      );
    }
    this.#loop.schedule(call, this.#loop.now() + ms);
    this.#link(call);
    return call;
  }

  #link(call: Call): void {
    call.next = this.#first;
    if (call.next !== undefined) call.next.previous = call;
    this.#first = call;
  }

  #unlink(call: Call): void {
    const { previous, next } = call;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else this.#first = next;
    call.previous = call.next = undefined;
  }
}

/** One call, linked into the list of its owner. */
class Call extends TimeLimit implements ScheduledCall {
  previous: Call | undefined = undefined;
  next: Call | undefined = undefined;
  readonly #calls: ScheduledCalls;
  readonly #callback: () => void;
  readonly #intervalMs: number;

  /** Made only once if `intervalMs` is 0. */
  constructor(
    calls: ScheduledCalls,
    callback: () => void,
    intervalMs: number,
  ) {
    super();
    this.#calls = calls;
    this.#callback = callback;
    this.#intervalMs = intervalMs;
  }

  get isPending(): boolean {
    return this.isArmed;
  }

  cancel(): boolean {
    return this.#calls.cancel(this);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  onTimeout(): void {
    this.#calls.makeDue(this, this.#callback, this.#intervalMs);
  }
}
