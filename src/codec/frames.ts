import type { ByteWriter } from "../api/byte_writer.ts";
import { asBytes } from "../api/bytes.ts";
import {
  FrameTooLargeError,
  InvalidCodecError,
  InvalidSliceError,
} from "../api/errors.ts";
import { knownPart } from "../util/known_parts.ts";
import { isPromiseLike, watchPromise } from "../util/promises.ts";
import { countOf, textOf } from "../util/text.ts";

/** Why a frame of `size` bytes cannot be sent or received. */
export function tooLarge(
  action: "receive" | "send",
  size: number | string,
  max: number,
  options?: ErrorOptions,
): FrameTooLargeError {
  return new FrameTooLargeError(
    `Cannot ${action} a frame of ${
      countOf(size, "byte")
    }: the largest of its codec is ${max}`,
    options,
  );
}

/** Throws {@linkcode FrameTooLargeError} if a frame of `size` bytes, 0 if that is not known, of which `available` are there, is larger than `max`. */
export function checkFrameSize(
  size: number,
  available: number,
  max: number,
): void {
  const isEndless = size === 0 && available >= max;
  if (size <= max && !isEndless) return;
  throw tooLarge("receive", isEndless ? `more than ${max}` : size, max);
}

/** `payload` as bytes; what it says of its `length` is believed until `writePayload`. Throws {@linkcode InvalidSliceError} if it is not a view. */
export function asPayload(payload: Uint8Array): Uint8Array {
  return payload instanceof Uint8Array ? payload : asBytes(payload);
}

/** Writes `payload`, which has told that it has `size` bytes. */
export function writePayload(
  payload: Uint8Array,
  size: number,
  out: ByteWriter,
): void {
  if (out.write(payload) === size) return;
  throw new InvalidSliceError(
    `Cannot send ${textOf(size)} bytes of a view that has others than it says`,
  );
}

/** Throws {@linkcode InvalidCodecError} if `result`, which an encoder has returned, is a promise: that would mean that it writes later. */
export function refusePromise(result: unknown): void {
  if (result === undefined || !isPromiseLike(result)) return;
  watchPromise(result, () => {});
  throw new InvalidCodecError(
    "Cannot send a message: encode returned a promise, and must have written all when it returns",
  );
}

/** Takes back what was written to `out` behind the first `size` bytes. */
export function takeBack(out: ByteWriter, size: number): void {
  if (out.bytesWritten > size) out.truncate(size);
}

/** The bytes from `start` to `end`, in a view that may have been made before: always a plain `Uint8Array`, since the `slice` and `toString` of a `Buffer` mean something else. */
export function viewOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  return knownPart(bytes, start, end) ?? newView(bytes, start, end);
}

function newView(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes.subarray(start, end)
    : new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
