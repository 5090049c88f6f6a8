import { POOL_SIZE, POOLED_BITS } from "../tuning.ts";
import { InPlace } from "./in_place.ts";
import { ReadContext } from "./read_context.ts";

/** The largest buffer that is pooled; larger ones are left to the garbage collector. */
export const LARGEST_POOLED: number = 1 << POOLED_BITS.largest;

/** How many bytes buffers may have that hold something, and who is told when they have more. */
export interface BufferLimit {
  readonly bytes: number;
  onExceeded(): void;
}

const NO_LIMIT: BufferLimit = { bytes: Infinity, onExceeded() {} };

/** From this share of the limit on, queues are kept short. */
const PRESSURE = 1 / 2;

/**
 * The buffers that the connections of a runtime share, so that an idle
 * connection holds none: powers of two from 4 KiB to 4 MiB, of which 8 MiB are
 * kept at most. (The system has to clear the memory of every new one.)
 *
 * It counts those that hold something: what was read of a message, or what is to
 * be sent. Those that sockets read into hold nothing yet.
 */
export class BufferPool {
  /** The read in hand: the connections of a runtime read one at a time. */
  readonly readContext: ReadContext = new ReadContext();
  /** The same of a large read into a buffer of ours. */
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

  /** A buffer of at least `bytes` (1 or more), its content arbitrary, the caller's until `release`. */
  acquire(bytes: number): Uint8Array {
    const buffer = this.acquireToRead(bytes);
    this.hold(buffer.length);
    return buffer;
  }

  /** Gives `buffer`, which came from `acquire`, back; it had `size` bytes then. One that somebody has transferred away is empty, and is forgotten. */
  release(buffer: Uint8Array, size: number = buffer.length): void {
    this.#bytesHeld -= size;
    this.releaseRead(buffer);
  }

  /** The same for a buffer that a socket reads into. */
  acquireToRead(bytes: number): Uint8Array {
    if (bytes > LARGEST_POOLED) return new Uint8Array(bytes);
    const bits = Math.max(POOLED_BITS.smallest, 32 - Math.clz32(bytes - 1));
    const buffer = this.#free[bits].pop();
    if (buffer === undefined) return new Uint8Array(1 << bits);
    this.#bytesKept -= buffer.length;
    return buffer;
  }

  /** The same for a buffer that came from `acquireToRead`, or that is not held any more. */
  releaseRead(buffer: Uint8Array): void {
    const { length } = buffer;
    if (length > LARGEST_POOLED || length === 0) return;
    if (this.#bytesKept + length > POOL_SIZE) return;
    this.#bytesKept += length;
    this.#free[31 - Math.clz32(length)].push(buffer);
  }

  /** A buffer that a socket has read into, of `size` bytes, holds something from now on. */
  hold(size: number): void {
    this.#bytesHeld += size;
    if (this.#bytesHeld > this.#limit.bytes) this.#limit.onExceeded();
  }

  /** A buffer of `size` bytes holds nothing any more, or is left to who may still read it. */
  forget(size: number): void {
    this.#bytesHeld -= size;
  }

  /** What writes numbers to `buffer`, made once for each. */
  viewOf(buffer: Uint8Array): DataView {
    let view = this.#views.get(buffer);
    if (view === undefined) {
      view = new DataView(buffer.buffer);
      this.#views.set(buffer, view);
    }
    return view;
  }

  /** How many bytes the buffers have that hold something. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  /** True if they are so many that queues are to be kept short. */
  get isUnderPressure(): boolean {
    return this.#bytesHeld > this.#limit.bytes * PRESSURE;
  }

  /** How many bytes are kept for later. */
  get bytesKept(): number {
    return this.#bytesKept;
  }
}
