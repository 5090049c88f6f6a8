// A view of a buffer may be an object of the user, with a `length` or a
// `subarray` that somebody has put on it. So it is asked by the engine's own
// getters, which run no code of anybody, and let no proxy pass.

/** What the engine tells of a view. */
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

/** Of so few bytes it is faster to look whether they are there than to ask the engine. */
const FEW = 4096;

/**
 * How many bytes `bytes` has, whatever it says. To be asked once, before
 * anything is changed: it may have a `length` of its own, which is code of the
 * user.
 */
export function sizeOf(bytes: Uint8Array): number {
  const length: unknown = bytes.length;
  // Nobody can put an index on it: there is a byte where it has one, and nowhere else.
  return typeof length === "number" && length < FEW &&
      bytes[length - 1] !== undefined && bytes[length] === undefined
    ? length
    : SIZE.call(bytes);
}

/** True if `value` is a `Uint8Array`: not an object that has only the prototype, nor a proxy, whose code would run if that was asked first. */
export function isByteArray(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}

/** True if the buffer of `bytes`, which had some, was transferred away. */
export function isGone(bytes: Uint8Array): boolean {
  return bytes[0] === undefined;
}

/** Where `bytes` begins in its buffer. */
export function offsetOf(bytes: Uint8Array): number {
  return OFFSET.call(bytes);
}

/** A view of the bytes from `start` to `end`, of which there is one at least. */
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

/** The bytes that `view` shows; undefined if its buffer was transferred away, or is shorter by now. */
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

/** How many bytes the buffer of `bytes` has; undefined if it is shared memory. */
export function bufferSizeOf(bytes: Uint8Array): number | undefined {
  try {
    return BUFFER_SIZE.call(BUFFER.call(bytes));
  } catch {
    return undefined;
  }
}

/** What the language calls the class of `view`. */
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
