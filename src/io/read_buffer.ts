import { READ_GROWTH, READ_SIZE, SMALL_READS_TO_SHRINK } from "../tuning.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";
import type { BufferOwner } from "./in_place.ts";

/**
 * Twice as much, so that a read does not fill the smaller buffer, which would
 * then grow again.
 */
const SHRINK_FACTOR = 2 * READ_GROWTH;

/**
 * A pooled buffer to read into, whose size adapts to the reads of a connection.
 */
export class ReadBuffer implements BufferOwner {
  readonly #pool: BufferPool;
  #bytes = EMPTY;
  #size = READ_SIZE.smallest;
  #smallReads = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /**
   * The current buffer. It is replaced after a change of size, or if it was
   * transferred or given away.
   */
  get bytes(): Uint8Array {
    if (this.#bytes.length !== this.#size) {
      if (this.#bytes !== EMPTY) this.#pool.release(this.#bytes, 0);
      this.#bytes = this.#pool.acquireToRead(this.#size);
    }
    return this.#bytes;
  }

  giveAway(bytes: Uint8Array): boolean {
    if (bytes !== this.#bytes) return false;
    this.#bytes = EMPTY;
    return true;
  }

  /** Adapts the size of the next buffer to a read of `length` bytes. */
  fit(length: number): void {
    const size = this.#size;
    if (length === size) {
      if (size < READ_SIZE.largest) this.#resize(size * READ_GROWTH);
    } else if (length * SHRINK_FACTOR > size || size === READ_SIZE.smallest) {
      this.#smallReads = 0;
    } else if (++this.#smallReads === SMALL_READS_TO_SHRINK) {
      this.#resize(size / READ_GROWTH);
    }
  }

  #resize(size: number): void {
    this.#size = size;
    this.#smallReads = 0;
  }
}
