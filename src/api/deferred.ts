/**
 * The time at which a command is executed.
 *
 * @module
 */

import { InvalidOptionError } from "./errors.ts";
import { literalOf, read, textOf } from "../util/text.ts";

/**
 * When a command is executed.
 *
 * @category Commands
 */
export type Deferred =
  | { readonly kind: "immediate" }
  | { readonly kind: "after"; readonly ms: number }
  | { readonly kind: "until"; readonly epochMs: number };

/**
 * The kinds of {@linkcode Deferred}.
 *
 * @category Commands
 */
export interface DeferredKinds {
  /** In the next turn of the runtime: the default. */
  readonly immediate: Deferred;

  /**
   * Some time after the command is sent, not earlier.
   *
   * @param ms Milliseconds, with fractions if you like.
   * @returns The option for a command.
   * @throws {InvalidOptionError} If `ms` is not a finite number of 0 or more.
   */
  after(ms: number): Deferred;

  /**
   * When the wall clock shows `date`, or at once if that is past. The wall clock is
   * read only when the command is sent, so later changes of it have no effect.
   *
   * @param date When it is due.
   * @returns The option for a command.
   * @throws {InvalidOptionError} If `date` is invalid, or not a `Date`.
   */
  until(date: Date): Deferred;
}

/**
 * Makes the `deferred` option of a command.
 *
 * @category Commands
 */
export const Deferred: DeferredKinds = {
  immediate: { kind: "immediate" },

  after(ms: number): Deferred {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new InvalidOptionError(
        `Cannot defer by ${
          literalOf(ms)
        } ms: it must be a finite number of 0 or more`,
      );
    }
    return { kind: "after", ms };
  },

  until(date: Date): Deferred {
    try {
      const epochMs = date.getTime();
      if (Number.isFinite(epochMs)) return { kind: "until", epochMs };
    } catch (cause) {
      throw new InvalidOptionError(
        `Cannot defer until ${literalOf(date)}: it is not a Date`,
        { cause },
      );
    }
    throw new InvalidOptionError("Cannot defer until an invalid Date");
  },
};

/**
 * Milliseconds until a command with `deferred` is due; 0 is at once. `wallNow`
 * reads the wall clock. Throws {@linkcode InvalidOptionError} if `deferred` was
 * not made by this module.
 */
export function delayOf(deferred: Deferred, wallNow: () => number): number {
  let cause: unknown = undefined;
  try {
    const delay = rawDelayOf(deferred, wallNow);
    if (Number.isFinite(delay) && delay >= 0) return delay;
  } catch (thrown) {
    cause = thrown;
  }
  throw new InvalidOptionError(
    `Cannot use ${
      showDeferred(deferred)
    } as a time: use Deferred.immediate, Deferred.after or Deferred.until`,
    { cause },
  );
}

function rawDelayOf(deferred: Deferred, wallNow: () => number): number {
  switch (deferred?.kind) {
    case "immediate":
      return 0;
    case "after":
      return deferred.ms;
    case "until":
      return Math.max(0, deferred.epochMs - wallNow());
    default:
      return NaN;
  }
}

/** Formats any value that was passed as a time, for a message. */
function showDeferred(deferred: unknown): string {
  const kind = read(deferred, "kind");
  if (kind === undefined) return literalOf(deferred);
  const time = read(deferred, kind === "after" ? "ms" : "epochMs");
  return `${textOf(kind)} ${literalOf(time)}`;
}
