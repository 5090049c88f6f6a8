import { PROBED_SIZE } from "../tuning.ts";

// A view may come from a user, with its own `length` or `subarray`. It is
// therefore read with the engine's own getters, which run no user code and
// reject proxies.

/** The engine's getters of views. */
interface ViewGetters {
  readonly buffer: () => ArrayBufferLike;
  readonly byteOffset: () => number;
  readonly byteLength: () => number;
}

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype);
const TYPED = gettersOf(TYPED_ARRAY);
const DATA = gettersOf(DataView.prototype);
const NAME = getterOf<string | undefined>(TYPED_ARRAY, Symbol.toStringTag);
const BUFFER_SIZE = getterOf<number>(ArrayBuffer.prototype, "byteLength");
const { buffer: BUFFER, byteOffset: OFFSET, byteLength: SIZE } = TYPED;

/**
 * The true length of `bytes`, even if it has its own `length`. Call it once,
 * before any state is changed, since such a `length` is user code.
 */
export function sizeOf(bytes: Uint8Array): number {
  const length: unknown = bytes.length;
  // Indexes cannot be faked: there is one exactly where there is a byte.
  return typeof length === "number" && length < PROBED_SIZE &&
      bytes[length - 1] !== undefined && bytes[length] === undefined
    ? length
    : SIZE.call(bytes);
}

/** True if `value` is a real `Uint8Array`, and not an object with its prototype or a proxy. Runs no code of a proxy. */
export function isByteArray(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}

/** True if the buffer of `bytes`, which was not empty, was transferred. */
export function isGone(bytes: Uint8Array): boolean {
  return bytes[0] === undefined;
}

/** Where `bytes` begins in its buffer. */
export function offsetOf(bytes: Uint8Array): number {
  return OFFSET.call(bytes);
}

/** A view of the bytes from `start` to `end`, at least one. */
export function partOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  return new Uint8Array(
    BUFFER.call(bytes),
    OFFSET.call(bytes) + start,
    end - start,
  );
}

/**
 * The bytes of `view`; undefined if its buffer was transferred or has become
 * too short.
 */
export function bytesOf(view: ArrayBufferView): Uint8Array | undefined {
  const { buffer, byteOffset, byteLength } = NAME.call(view) === undefined
    ? DATA
    : TYPED;
  try {
    return new Uint8Array(
      buffer.call(view),
      byteOffset.call(view),
      byteLength.call(view),
    );
  } catch {
    return undefined;
  }
}

/** The size of the buffer of `bytes`; undefined if it is shared memory. */
export function bufferSizeOf(bytes: Uint8Array): number | undefined {
  try {
    return BUFFER_SIZE.call(BUFFER.call(bytes));
  } catch {
    return undefined;
  }
}

/** The true size of `buffer`, even if it has its own `byteLength`. */
export function sizeOfBuffer(buffer: ArrayBuffer): number {
  return BUFFER_SIZE.call(buffer);
}

/** True if `value` is a buffer that is not shared memory. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  try {
    BUFFER_SIZE.call(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * True if `buffer` was transferred. Some versions of the runtimes lack
 * `detached`.
 */
export function isDetached(buffer: ArrayBuffer): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** The buffer of `view`. */
export function bufferOf(view: ArrayBufferView): ArrayBufferLike {
  const { buffer } = NAME.call(view) === undefined ? DATA : TYPED;
  return buffer.call(view);
}

/** The name of the class of `view`. */
export function viewNameOf(view: ArrayBufferView): string {
  return NAME.call(view) ?? "DataView";
}

function gettersOf(prototype: object): ViewGetters {
  return {
    buffer: getterOf(prototype, "buffer"),
    byteOffset: getterOf(prototype, "byteOffset"),
    byteLength: getterOf(prototype, "byteLength"),
  };
}

function getterOf<T>(prototype: object, name: PropertyKey): () => T {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get!;
}
