import { Stage } from "./stage.ts";

const SMALLEST_BITS = 12;
const LARGEST_BITS = 16;
const KEPT_BYTES_PER_SIZE = 1 << 20;

/** The largest buffer that is pooled; larger ones are left to the garbage collector. */
export const LARGEST_POOLED = 1 << LARGEST_BITS;

/** No bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0);

function sizeBits(bytes: number): number {
  return Math.max(SMALLEST_BITS, 32 - Math.clz32(bytes - 1));
}

/**
 * The buffers that the connections of a runtime share, so that an idle
 * connection holds none: powers of two from 4 KiB to 64 KiB, 1 MiB of each kept
 * at most.
 */
export class BufferPool {
  /** Where the reads of these connections are laid out, one at a time. */
  readonly stage: Stage = new Stage();
  readonly #free: Uint8Array[][] = Array.from(
    { length: LARGEST_BITS + 1 },
    () => [],
  );

  /** A buffer of at least `bytes` (1 or more), its content arbitrary, the caller's until `release`. */
  acquire(bytes: number): Uint8Array {
    if (bytes > LARGEST_POOLED) return new Uint8Array(bytes);
    const bits = sizeBits(bytes);
    return this.#free[bits].pop() ?? new Uint8Array(1 << bits);
  }

  /** Gives `buffer`, which came from `acquire`, back. One that somebody has transferred away is empty, and is forgotten. */
  release(buffer: Uint8Array): void {
    if (buffer.length > LARGEST_POOLED || buffer.length === 0) return;
    const bits = sizeBits(buffer.length);
    const free = this.#free[bits];
    if (free.length << bits < KEPT_BYTES_PER_SIZE) free.push(buffer);
  }

  /** How many bytes are kept for later. */
  get bytesKept(): number {
    return this.#free.reduce(
      (sum, free, bits) => sum + (free.length << bits),
      0,
    );
  }
}
