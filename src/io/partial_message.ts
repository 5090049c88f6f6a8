import { BLIND_GROWTH, DIRECT_READ_SIZE, KNOWN_GROWTH } from "../tuning.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";
import type { HeldBytes } from "./read_context.ts";

/** The beginning of a message from earlier reads, in a pooled buffer. */
export class PartialMessage implements HeldBytes {
  bytes = EMPTY;
  /** Offset of the first byte. */
  pos = 0;
  /** Offset past the last byte. */
  end = 0;
  /** How many of the last bytes came with the current read. */
  fresh = 0;
  /** Size of the buffer when it was acquired. */
  room = 0;

  readonly #pool: BufferPool;
  readonly #smallest: number;
  readonly #maxMessageSize: number;
  /** The part of the buffer that a socket may be reading into. */
  #target: Uint8Array | undefined = undefined;

  /**
   * A buffer has at least `smallest` bytes at first, but not more than the
   * message needs: `maxMessageSize` if its size is unknown.
   */
  constructor(pool: BufferPool, smallest: number, maxMessageSize: number) {
    this.#pool = pool;
    this.#smallest = smallest;
    this.#maxMessageSize = maxMessageSize;
  }

  /** Number of bytes. */
  get size(): number {
    return this.end - this.pos;
  }

  /**
   * Appends the bytes of `chunk` from `start` to `end`. `msgSize` is the size
   * of the message, 0 if unknown.
   */
  append(chunk: Uint8Array, start: number, end: number, msgSize: number): void {
    const count = end - start;
    if (this.end + count > this.bytes.length) this.#makeRoom(count, msgSize);
    this.bytes.set(chunk.subarray(start, end), this.end);
    this.end += count;
    this.fresh += count;
  }

  /**
   * Returns where to read the rest of a message of `msgSize` bytes, or a large
   * part of it; undefined if too little is missing to be worth it. The socket
   * may write to it until `receive`.
   */
  target(msgSize: number): Uint8Array | undefined {
    const missing = msgSize - this.size;
    if (Math.min(missing, KNOWN_GROWTH * this.size) < DIRECT_READ_SIZE) {
      return undefined;
    }
    const room = this.bytes.length - this.end;
    if (room < Math.min(missing, DIRECT_READ_SIZE)) this.#makeRoom(0, msgSize);
    return this.#target = this.bytes.subarray(this.end, this.end + missing);
  }

  /**
   * Accepts `length` bytes that were read into `buffer`. Returns false if
   * `buffer` did not come from `target`.
   */
  receive(buffer: Uint8Array, length: number): boolean {
    if (buffer !== this.#target) return false;
    this.#target = undefined;
    this.end += length;
    return true;
  }

  copyTo(target: Uint8Array, start: number, most: number): number {
    const count = Math.min(this.size, most);
    if (count > 0) {
      target.set(this.bytes.subarray(this.pos, this.pos + count), start);
    }
    return count;
  }

  /**
   * Drops the first `count` bytes. Returns by how many that exceeds the bytes
   * held.
   */
  drop(count: number): number {
    const left = this.size - count;
    if (left <= 0) this.clear();
    else this.pos += count;
    return Math.max(-left, 0);
  }

  /**
   * Drops everything. A buffer that a socket may still write to is not reused.
   */
  clear(): void {
    if (this.#target !== undefined) this.#pool.forget(this.room);
    else if (this.bytes !== EMPTY) this.#pool.release(this.bytes, this.room);
    this.#target = undefined;
    this.bytes = EMPTY;
    this.room = 0;
    this.pos = this.end = this.fresh = 0;
  }

  /**
   * Makes room for `count` more bytes: in the same buffer, if its content can
   * move to the front and is small enough for that to pay off.
   */
  #makeRoom(count: number, msgSize: number): void {
    const { bytes, pos, end, size, room } = this;
    const needed = size + count;
    if (needed <= bytes.length && size <= pos) {
      bytes.copyWithin(0, pos, end);
    } else {
      this.bytes = this.#pool.acquire(this.#roomFor(needed, msgSize));
      this.room = this.bytes.length;
      this.bytes.set(bytes.subarray(pos, end));
      if (bytes !== EMPTY) this.#pool.release(bytes, room);
    }
    this.pos = 0;
    this.end = size;
  }

  /** The size of a new buffer for `needed` bytes. */
  #roomFor(needed: number, msgSize: number): number {
    const growth = msgSize > 0 ? KNOWN_GROWTH : BLIND_GROWTH;
    const wanted = Math.max(growth * needed, this.#smallest);
    return Math.max(needed, Math.min(wanted, msgSize || this.#maxMessageSize));
  }
}
