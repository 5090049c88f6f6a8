import type { ByteWriter } from "../api/byte_writer.ts";
import { asBytes } from "../api/bytes.ts";
import {
  FrameTooLargeError,
  InvalidCodecError,
  InvalidSliceError,
} from "../api/errors.ts";
import { knownPart } from "../util/known_parts.ts";
import { isPromiseLike, watchPromise } from "../util/promises.ts";
import { countOf, literalOf } from "../util/text.ts";

/** Creates the error for a frame of `size` bytes that exceeds `max`. */
export function tooLarge(
  action: "receive" | "send",
  size: number | string,
  max: number,
  options?: ErrorOptions,
): FrameTooLargeError {
  return new FrameTooLargeError(
    `Cannot ${action} a frame of ${
      countOf(size, "byte")
    }: its codec allows at most ${max}`,
    options,
  );
}

/**
 * Throws {@linkcode FrameTooLargeError} if a frame is larger than `max`. `size`
 * is 0 if its size is still unknown after `available` bytes.
 */
export function checkFrameSize(
  size: number,
  available: number,
  max: number,
): void {
  const isEndless = size === 0 && available >= max;
  if (size <= max && !isEndless) return;
  throw tooLarge("receive", isEndless ? `more than ${max}` : size, max);
}

/**
 * Returns `payload` as bytes. Its `length` may be forged, which `writePayload`
 * finds out. Throws {@linkcode InvalidSliceError} if it is not a view.
 */
export function asPayload(payload: Uint8Array): Uint8Array {
  return payload instanceof Uint8Array ? payload : asBytes(payload);
}

/**
 * Writes `payload`, whose `length` was read as `size`. Throws
 * {@linkcode InvalidSliceError} if it really has another size.
 */
export function writePayload(
  payload: Uint8Array,
  size: number,
  out: ByteWriter,
): void {
  if (out.write(payload) === size) return;
  throw new InvalidSliceError(
    `Cannot send a view that claims to have ${
      literalOf(size)
    } bytes: it has another size`,
  );
}

/**
 * Throws {@linkcode InvalidCodecError} if `result`, returned by an encoder, is
 * a promise, since an asynchronous encoder would write too late; or if it is
 * bytes or a text, which an encoder has to write, and whose message would be
 * empty.
 */
export function checkEncoded(result: unknown): void {
  if (result === undefined) return;
  if (typeof result === "string" || ArrayBuffer.isView(result)) {
    throw new InvalidCodecError(
      `Cannot send a message: encode returned ${
        literalOf(result)
      }, but must write it to its second parameter`,
    );
  }
  if (!isPromiseLike(result)) return;
  watchPromise(result, () => {});
  throw new InvalidCodecError(
    "Cannot send a message: encode returned a promise, but must write everything before it returns",
  );
}

/** Truncates `out` to `size` bytes, unless it is shorter already. */
export function takeBack(out: ByteWriter, size: number): void {
  if (out.bytesWritten > size) out.truncate(size);
}

/**
 * Returns a view of the bytes from `start` to `end`, possibly a cached one. It
 * is always a plain `Uint8Array`, because `slice` and `toString` of a Node
 * `Buffer` behave differently.
 */
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
