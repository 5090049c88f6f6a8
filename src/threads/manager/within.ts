import { Timeout } from "../../core/time_limits.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";

/** The part of a loop that a wait needs. */
export type WaitingLoop = Pick<TurnLoop<unknown>, "arm" | "disarm">;

/** Resolves to true when `promise` resolves, and to false after `ms`; rejects if `promise` rejects first. */
export function within(
  loop: WaitingLoop,
  promise: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timeout = new Timeout(() => resolve(false));
    loop.arm(timeout, ms);
    promise.then(() => resolve(true), reject)
      .finally(() => loop.disarm(timeout));
  });
}
