import { EMPTY } from "../util/empty.ts";
import { countOf, cut, textOf } from "../util/text.ts";
import { bytesOf, isByteArray } from "../util/views.ts";
import { InvalidSliceError } from "./errors.ts";

/** The most characters of a value's class name in a message. */
const LONGEST_NAME = 60;

/**
 * The bytes of `view`; `view` itself if it is a `Uint8Array`; empty if its
 * buffer was transferred. Throws {@linkcode InvalidSliceError} if it is not a
 * view; `action` names the operation in the message.
 */
export function asBytes(
  view: ArrayBufferView,
  action = "send",
): Uint8Array {
  if (isByteArray(view)) return view;
  if (!ArrayBuffer.isView(view)) {
    throw new InvalidSliceError(
      `Cannot ${action} ${
        typeOf(view)
      }: it must be a view of bytes, such as a Uint8Array`,
    );
  }
  return bytesOf(view) ?? EMPTY;
}

/**
 * Returns `text`. Throws {@linkcode InvalidSliceError} if it is not a string.
 */
export function asText(text: string): string {
  if (typeof text === "string") return text;
  throw new InvalidSliceError(
    `Cannot write ${typeOf(text)} as text: it must be a string`,
  );
}

/**
 * Throws {@linkcode InvalidSliceError} unless the bytes from `start` to `end`
 * lie within `length`. `action` names the operation in the message.
 */
export function checkSlice(
  length: number,
  start: number,
  end: number,
  action = "send",
): void {
  const isWithin = Number.isInteger(start) && Number.isInteger(end) &&
    start >= 0 && start <= end && end <= length;
  if (isWithin) return;
  throw new InvalidSliceError(
    `Cannot ${action} ${textOf(start)} to ${textOf(end)} of ${
      countOf(length, "byte")
    }`,
  );
}

/**
 * Throws {@linkcode InvalidSliceError} unless `size` of `written` bytes can be
 * kept.
 */
export function checkCount(written: number, size: number): void {
  if (Number.isInteger(size) && size >= 0 && size <= written) return;
  throw new InvalidSliceError(
    `Cannot keep ${textOf(size)} of the ${written} bytes that are written`,
  );
}

/**
 * Names the type of any `value` for a message, without its content, which may
 * be large or secret.
 */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (typeof value !== "object") return `a ${typeof value}`;
  try {
    return cut(Object.prototype.toString.call(value), LONGEST_NAME);
  } catch {
    return "an object of unknown type";
  }
}
