import { Timeout } from "../../core/time_limits.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";

/** What waits need of a loop. */
export type WaitingLoop = Pick<TurnLoop<unknown>, "arm" | "disarm">;

/** Resolves to true with `promise`, and to false if it takes longer than `ms`; rejects as it does within that time. */
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
