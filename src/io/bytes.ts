import { InvalidSliceError } from "../api/errors.ts";
import { cut } from "../util/text.ts";
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
