import { BUFFER_PRESSURE, POOL_SIZE, POOLED_BITS } from "../tuning.ts";
import { InPlace } from "./in_place.ts";
import { ReadContext } from "./read_context.ts";

/**
 * The largest pooled buffer, in bytes. Larger ones are left to the garbage
 * collector.
 */
export const LARGEST_POOLED: number = 1 << POOLED_BITS.largest;

/** An upper limit on the bytes of all buffers that hold data. */
export interface BufferLimit {
  readonly bytes: number;
  onExceeded(): void;
}

const NO_LIMIT: BufferLimit = { bytes: Infinity, onExceeded() {} };

/**
 * Recycles the buffers of all connections of a runtime, so that an idle
 * connection holds none. Sizes are powers of two from 4 KiB to 4 MiB, and at
 * most 8 MiB of free buffers are kept: the system has to clear each new one.
 *
 * The pool also counts the buffers that hold data: the start of a message that
 * is still incomplete, or bytes to send. A buffer that a socket is about to
 * read into does not count yet.
 */
export class BufferPool {
  /** The current read; the connections of a runtime read one at a time. */
  readonly readContext: ReadContext = new ReadContext();
  /** The current read, if it is large and went into a pooled buffer. */
  readonly inPlace: InPlace = new InPlace();
  readonly #free: Uint8Array[][] = Array.from(
    { length: POOLED_BITS.largest + 1 },
    () => [],
  );
  #bytesKept = 0;
  #bytesHeld = 0;
  readonly #limit: BufferLimit;
  readonly #views = new WeakMap<Uint8Array, DataView>();

  constructor(limit: BufferLimit = NO_LIMIT) {
    this.#limit = limit;
  }

  /**
   * Returns a buffer of at least `bytes` (1 or more). Its content is arbitrary.
   * The caller owns it until `release`.
   */
  acquire(bytes: number): Uint8Array {
    const buffer = this.acquireToRead(bytes);
    this.hold(buffer.length);
    return buffer;
  }

  /**
   * Like `acquire`, but for a socket to read into: it is not counted until
   * `hold`.
   */
  acquireToRead(bytes: number): Uint8Array {
    if (bytes > LARGEST_POOLED) return new Uint8Array(bytes);
    const bits = Math.max(POOLED_BITS.smallest, 32 - Math.clz32(bytes - 1));
    const buffer = this.#free[bits].pop();
    if (buffer === undefined) return new Uint8Array(1 << bits);
    this.#bytesKept -= buffer.length;
    return buffer;
  }

  /**
   * Takes back a buffer, of which `counted` bytes are counted: the size it was
   * acquired with, since one that was transferred is empty, and is not kept; or
   * 0 if it was acquired to read or forgotten.
   */
  release(buffer: Uint8Array, counted: number = buffer.length): void {
    this.#bytesHeld -= counted;
    const { length } = buffer;
    if (length > LARGEST_POOLED || length === 0) return;
    if (this.#bytesKept + length > POOL_SIZE) return;
    this.#bytesKept += length;
    this.#free[31 - Math.clz32(length)].push(buffer);
  }

  /** Starts to count a buffer of `size` bytes that a socket has read into. */
  hold(size: number): void {
    this.#bytesHeld += size;
    if (this.#bytesHeld > this.#limit.bytes) this.#limit.onExceeded();
  }

  /**
   * Stops counting a buffer of `size` bytes without taking it back: somebody
   * else may still read it.
   */
  forget(size: number): void {
    this.#bytesHeld -= size;
  }

  /** Returns the `DataView` of `buffer`, which is created once. */
  viewOf(buffer: Uint8Array): DataView {
    let view = this.#views.get(buffer);
    if (view === undefined) {
      view = new DataView(buffer.buffer);
      this.#views.set(buffer, view);
    }
    return view;
  }

  /** The total size of the buffers that hold data, in bytes. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  /** True if connections should keep their queues short. */
  get isUnderPressure(): boolean {
    return this.#bytesHeld > this.#limit.bytes * BUFFER_PRESSURE;
  }

  /** The total size of the free buffers, in bytes. */
  get bytesKept(): number {
    return this.#bytesKept;
  }
}
