/**
 * Waiting in virtual time.
 *
 * @module
 */

import { SimTimeoutError } from "../api/errors.ts";
import { oneLine } from "../util/one_line.ts";
import { answerOf } from "./scenario_answer.ts";
import {
  checkOption,
  custom,
  number,
  OptionTable,
} from "../api/options/rules.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { CallbackEvent, type Scheduler } from "./scheduler.ts";

/**
 * Options of {@linkcode SimNetwork.until} and {@linkcode Simulation.until}.
 *
 * @category Simulation
 */
export interface UntilOptions {
  /** Milliseconds of virtual time after which the wait fails. 0 to 2^31 - 1, default 60000. */
  readonly timeoutMs?: number | undefined;
  /** What is waited for, to be named in the error. Default: the source of the condition. */
  readonly what?: string | undefined;
}

const TIME = number(0, MAX_INT32, 60_000);

/** The options of `until`. */
export const UNTIL_OPTIONS: OptionTable<UntilOptions> = new OptionTable<
  UntilOptions
>({
  timeoutMs: TIME,
  what: custom<string>("text", (value) => typeof value === "string"),
});

interface Condition {
  readonly holds: () => boolean;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Waits for a time, for a condition, or for the network to come to rest. */
export class Waits {
  readonly #scheduler: Scheduler;
  readonly #conditions = new Set<Condition>();
  readonly #checks: (() => void)[] = [];
  #onIdle: (() => void)[] = [];
  /** Called when nothing is left to happen and nobody waits for rest. */
  onDeadlock: () => void = () => {};

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    scheduler.beforeEvent = () => this.#check();
    scheduler.onIdle = () => this.#idle();
  }

  /** Resolves in `ms` milliseconds, at least a microsecond. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#callAfter(ms, resolve);
    });
  }

  /** Resolves when `holds`, called after every event, returns true. */
  until(holds: () => boolean, options: UntilOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const { timeoutMs, what = sourceOf(holds) } = UNTIL_OPTIONS.fill(options);
      if (answerOf("a condition", holds)) return resolve();
      const timeout = this.#callAfter(timeoutMs, () => {
        condition.reject(
          new SimTimeoutError(
            `Waited for ${what}: it did not hold within ${timeoutMs} ms of virtual time`,
          ),
        );
      });
      const remove = () => {
        this.#scheduler.remove(timeout);
        this.#conditions.delete(condition);
      };
      const condition: Condition = {
        holds,
        resolve: () => {
          remove();
          resolve();
        },
        reject: (thrown) => {
          remove();
          reject(thrown);
        },
      };
      this.#conditions.add(condition);
    });
  }

  /** Resolves when nothing is left to happen. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#scheduler.wake();
    });
  }

  /** Calls `check` after every event. */
  afterEvents(check: () => void): void {
    this.#checks.push(check);
  }

  #callAfter(ms: number, callback: () => void): CallbackEvent {
    checkOption("the time", ms, TIME);
    const event = new CallbackEvent(() => {
      this.#scheduler.hasCalledOut = true;
      callback();
    });
    this.#scheduler.after(event, Math.max(1, Math.ceil(ms * 1000)));
    return event;
  }

  #check(): boolean {
    for (const check of this.#checks) check();
    let hasSettled = false;
    for (const condition of this.#conditions) {
      try {
        if (!answerOf("a condition", condition.holds)) continue;
        condition.resolve();
      } catch (thrown) {
        condition.reject(thrown);
      }
      hasSettled = true;
    }
    return hasSettled;
  }

  #idle(): void {
    const waiting = this.#onIdle;
    if (waiting.length === 0) return this.onDeadlock();
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
    this.#scheduler.wake(); // to find out whether that makes something happen
  }
}

/** What `condition` says, in a line. */
function sourceOf(condition: () => boolean): string {
  return oneLine(Function.prototype.toString.call(condition));
}
