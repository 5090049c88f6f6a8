// Integers of 64 bits as strings, by the rules of Redis.

import { ReplyError } from "./reply_error.ts";

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
/** Texts up to this length are numbers that a double holds exactly. */
const EXACT_LENGTH = 15;
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** The number that `text` is; undefined if it is none. */
export function tryInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  if (text.length <= EXACT_LENGTH) return Number(text);
  const value = BigInt(text);
  return value <= MAX && value >= MIN ? value : undefined;
}

/** The number that `text` is. Throws {@linkcode ReplyError} if it is none. */
export function integerOf(text: string): number | bigint {
  const value = tryInteger(text);
  if (value !== undefined) return value;
  throw new ReplyError("ERR value is not an integer or out of range");
}

/** The sum. Throws {@linkcode ReplyError} if it does not fit. */
export function add(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") return a + b;
  const sum = BigInt(a) + BigInt(b);
  if (sum <= MAX && sum >= MIN) return sum;
  throw new ReplyError("ERR increment or decrement would overflow");
}
