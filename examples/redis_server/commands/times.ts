// How commands give the time at which a key expires.

import { integerOf } from "../numbers.ts";
import { ReplyError } from "../reply_error.ts";

/** Seconds or milliseconds from now, or since 1970. */
export type Unit = "EX" | "PX" | "EXAT" | "PXAT";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
/** The last time that JavaScript can write as an integer of 64 bits: the next number is too large. */
const LAST = 2 ** 63 - 1024;

/** The time that `text` gives, in milliseconds since 1970. Throws {@linkcode ReplyError} if it is out of range. */
export function deadlineOf(
  text: string,
  unit: Unit,
  now: number,
  name: string,
  least = 1,
): number {
  const value = integerOf(text);
  const isSeconds = unit.startsWith("E");
  const base = unit.endsWith("AT") ? 0 : now;
  const scaled = BigInt(value) * (isSeconds ? 1000n : 1n);
  const deadline = scaled + BigInt(base);
  if (value < least || deadline > MAX || scaled < MIN) {
    throw new ReplyError(`ERR invalid expire time in '${name}' command`);
  }
  return Math.min(Number(deadline), LAST);
}
