import { InvalidSliceError } from "../api/errors.ts";
import { cut, textOf } from "../util/text.ts";
import { bytesOf, isByteArray } from "../util/views.ts";
import { EMPTY } from "./empty.ts";

/** So much is shown of what a value calls itself. */
const LONGEST_NAME = 60;

/**
 * What `view` shows, itself if it is a `Uint8Array`; no bytes if its buffer was
 * transferred away. Throws {@linkcode InvalidSliceError} if it is no view.
 */
export function asBytes(view: ArrayBufferView): Uint8Array {
  if (isByteArray(view)) return view;
  if (!ArrayBuffer.isView(view)) {
    throw new InvalidSliceError(
      `Cannot send ${
        kindOf(view)
      }: what is sent is a view of bytes, such as a Uint8Array`,
    );
  }
  return bytesOf(view) ?? EMPTY;
}

/** `text`. Throws {@linkcode InvalidSliceError} if it is none. */
export function asText(text: string): string {
  if (typeof text === "string") return text;
  throw new InvalidSliceError(`Cannot write ${kindOf(text)} as a text`);
}

/** Throws {@linkcode InvalidSliceError} unless the bytes from `start` to `end` lie within `length`. */
export function checkSlice(length: number, start: number, end: number): void {
  const isWithin = Number.isInteger(start) && Number.isInteger(end) &&
    start >= 0 && start <= end && end <= length;
  if (isWithin) return;
  throw new InvalidSliceError(
    `Cannot send ${textOf(start)} to ${textOf(end)} of ${length} bytes`,
  );
}

/** What `value`, which may be anything, is; not what it holds, which may be large or secret. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (typeof value !== "object") return `a ${typeof value}`;
  try {
    return cut(Object.prototype.toString.call(value), LONGEST_NAME);
  } catch {
    return "an object that does not say what it is";
  }
}
