import { DIRECT_READ_SIZE } from "../tuning.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";
import type { HeldBytes } from "./read_context.ts";

/** How much larger than what is there the buffer of a message of known size may be: to announce a size alone takes no memory. */
const GROWTH = 8;

/** The same for a message whose size is not known: nobody says that there is more to come. */
const BLIND_GROWTH = 2;

/** What earlier reads left: the beginning of a message, in a buffer of the pool. */
export class PartialMessage implements HeldBytes {
  bytes = EMPTY;
  /** Offset of the first byte that is left. */
  pos = 0;
  /** Offset behind the last one. */
  end = 0;
  /** How many of the last bytes are of the read in hand. */
  fresh = 0;
  /** How many bytes the buffer had when it was acquired. */
  room = 0;

  readonly #pool: BufferPool;
  readonly #smallest: number;
  readonly #maxMessageSize: number;
  /** The part that a socket is to read into. */
  #target: Uint8Array | undefined = undefined;

  /** Buffers have `smallest` bytes at first, but never more than a message, of `maxMessageSize` bytes at most, if no more than that is there. */
  constructor(pool: BufferPool, smallest: number, maxMessageSize: number) {
    this.#pool = pool;
    this.#smallest = smallest;
    this.#maxMessageSize = maxMessageSize;
  }

  /** How many bytes are left. */
  get size(): number {
    return this.end - this.pos;
  }

  /** Adds the bytes of `chunk` from `start` to `end`, of a message of `msgSize` bytes, 0 if that is not known. */
  append(chunk: Uint8Array, start: number, end: number, msgSize: number): void {
    const count = end - start;
    if (this.end + count > this.bytes.length) this.#makeRoom(count, msgSize);
    this.bytes.set(chunk.subarray(start, end), this.end);
    this.end += count;
    this.fresh += count;
  }

  /** The place for what a message of `msgSize` bytes lacks, or for much of it; undefined if that is not worth while. A socket may write to it until `receive`. */
  target(msgSize: number): Uint8Array | undefined {
    const missing = msgSize - this.size;
    if (Math.min(missing, GROWTH * this.size) < DIRECT_READ_SIZE) {
      return undefined;
    }
    const room = this.bytes.length - this.end;
    if (room < Math.min(missing, DIRECT_READ_SIZE)) this.#makeRoom(0, msgSize);
    return this.#target = this.bytes.subarray(this.end, this.end + missing);
  }

  /** Takes in `length` bytes that a socket has put in `buffer`; false if that is no place of this. */
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

  /** Drops the first `count` bytes; returns how many of these it did not have. */
  drop(count: number): number {
    const left = this.size - count;
    if (left <= 0) this.clear();
    else this.pos += count;
    return Math.max(-left, 0);
  }

  /** Drops everything. What a socket may write to is not used again. */
  clear(): void {
    if (this.#target !== undefined) this.#pool.forget(this.room);
    else if (this.bytes !== EMPTY) this.#pool.release(this.bytes, this.room);
    this.#target = undefined;
    this.bytes = EMPTY;
    this.room = 0;
    this.pos = this.end = this.fresh = 0;
  }

  /** Makes room for `count` more bytes, by moving what is there to the front if that is enough and pays. */
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

  /** How large a buffer for `needed` bytes is to be. */
  #roomFor(needed: number, msgSize: number): number {
    const growth = msgSize > 0 ? GROWTH : BLIND_GROWTH;
    const wanted = Math.max(growth * needed, this.#smallest);
    return Math.max(needed, Math.min(wanted, msgSize || this.#maxMessageSize));
  }
}
