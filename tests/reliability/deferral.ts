import { Deferred, type SimRandom } from "../../mod.ts";

/** Only few values, so that some commands are due at the same time. */
const DELAYS_MS = [0, 0.125, 1, 5, 5, 20, 20.5, 100];

/** Draws when the next command is due. */
export function drawDeferred(
  random: SimRandom,
  wallNow: number,
): Deferred | undefined {
  switch (random.integer(0, 5)) {
    case 0:
      return Deferred.after(random.integer(0, 200));
    case 1:
      return Deferred.until(new Date(wallNow + random.integer(-20, 100)));
    case 2:
    case 3:
      return Deferred.after(random.pick(DELAYS_MS));
    case 4:
      return Deferred.immediate;
    default:
      return undefined;
  }
}

/** The delay in milliseconds. */
export function delayOf(
  deferred: Deferred | undefined,
  wallNow: number,
): number {
  switch (deferred?.kind) {
    case "after":
      return deferred.ms;
    case "until":
      return Math.max(0, deferred.epochMs - wallNow);
    default:
      return 0;
  }
}
