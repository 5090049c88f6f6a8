import { offsetOf, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "./empty.ts";

/** So many bytes are copied faster than a view is made. */
const CHEAP_SURPLUS = 2048;

/** Pieces are joined by copying to one of this many bytes at most. */
const LARGEST_JOINED = 64 * 1024;

/** A buffer is kept if so much of it is to be sent, else that is copied. */
const WORTH_KEEPING = 1 / 4;

/** A piece of the queue; bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  end = 0;
  /** They lie where they were read; the rest of the buffer is not ours to write to. */
  isAdopted = false;
  next: Segment | null = null;
}

/** The bytes that a connection has still to send, in order, in buffers of the pool. */
export class SendQueue {
  readonly #pool: BufferPool;
  /** The piece that is sent next. */
  head: Segment | null = null;
  #tail: Segment | null = null;
  #spare: Segment | null = null;
  /** How many bytes are queued, those that are lent included. */
  size = 0;
  /** How many of the first bytes somebody else reads: they stay where they are until they are dropped. */
  bytesBorrowed = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** True if somebody transferred away what is sent next, and it is lost. */
  get isGone(): boolean {
    return this.head?.bytes.length === 0;
  }

  /** Queues a copy of the bytes from `start` to `end` of `length`, one at least, and has room for `more` bytes behind them. */
  append(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
    more = 0,
  ): void {
    const size = end - start;
    const tail = this.#tailFor(size + more);
    const target = tail?.bytes ?? this.#pool.acquire(size + more);
    const at = tail?.end ?? 0;
    // To copy a little too much, which is overwritten next, costs less than a view.
    const isCheap = length - size <= CHEAP_SURPLUS &&
      at + length <= target.length;
    target.set(isCheap ? bytes : partOf(bytes, start, end), at);
    if (isCheap && start > 0) target.copyWithin(at, at + start, at + end);
    if (tail === undefined) this.#addSegment(target, 0, size, false);
    else tail.end += size;
    this.size += size;
  }

  /** Queues `size` bytes that somebody has transferred away. */
  appendLost(size: number): void {
    this.#addSegment(EMPTY, 0, size, true);
    this.size += size;
  }

  /** Queues bytes of the message that is handed out in place where they are, without a copy; false if they are few of many. */
  adopt(bytes: Uint8Array, start: number, end: number): boolean {
    const { inPlace } = this.#pool;
    const at = offsetOf(bytes) + start;
    const size = end - start;
    const tail = this.#tail;
    if (tail?.bytes === inPlace.buffer && tail?.end === at) {
      tail.end += size;
    } else if (!this.#adoptAnother(at, size)) {
      return false;
    }
    this.size += size;
    return true;
  }

  /** Removes the first `count` bytes, of the first segment, all that is lent among them. */
  drop(count: number): void {
    const head = this.head as Segment;
    head.start += count;
    this.size -= count;
    this.bytesBorrowed = 0;
    if (head.start < head.end) return;
    this.head = head.next;
    if (this.head === null) this.#tail = null;
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = 0;
    head.isAdopted = false;
    head.next = null;
    this.#spare = head;
  }

  /** Removes everything. What is lent may still be read, so that buffer is not used again. */
  clear(): void {
    if (this.head !== null && this.bytesBorrowed > 0) this.head.bytes = EMPTY;
    while (this.head !== null) this.drop(this.head.end - this.head.start);
  }

  #adoptAnother(at: number, size: number): boolean {
    const { inPlace } = this.#pool;
    const room = inPlace.buffer?.length ?? 0;
    const buffer = size < room * WORTH_KEEPING ? undefined : inPlace.take();
    if (buffer === undefined) return false;
    this.#addSegment(buffer, at, at + size, true);
    return true;
  }

  /** The last segment if it has room for `size` bytes or can be made larger. */
  #tailFor(size: number): Segment | undefined {
    const tail = this.#tail;
    if (tail === null || tail.isAdopted) return undefined;
    if (size <= tail.bytes.length - tail.end) return tail;
    const used = tail.end - tail.start;
    const isLent = tail === this.head && this.bytesBorrowed > 0;
    if (isLent || used + size > LARGEST_JOINED) return undefined;
    this.#moveTo(tail, this.#pool.acquire(used + size));
    return tail;
  }

  /** Puts a segment at the end of the queue: the bytes from `start` to `end`, one at least, which are there already. */
  #addSegment(
    bytes: Uint8Array,
    start: number,
    end: number,
    isAdopted: boolean,
  ): void {
    const segment = this.#spare ?? new Segment();
    this.#spare = null;
    segment.bytes = bytes;
    segment.start = start;
    segment.end = end;
    segment.isAdopted = isAdopted;
    if (this.#tail === null) this.head = segment;
    else this.#tail.next = segment;
    this.#tail = segment;
  }

  /** Copies what `segment` has to send to `bytes`, and has it use these. */
  #moveTo(segment: Segment, bytes: Uint8Array): void {
    bytes.set(segment.bytes.subarray(segment.start, segment.end));
    this.#release(segment);
    segment.end -= segment.start;
    segment.start = 0;
    segment.bytes = bytes;
  }

  #release({ bytes }: Segment): void {
    const isFree = bytes !== EMPTY && !this.#pool.inPlace.giveBack(bytes);
    if (isFree) this.#pool.release(bytes);
  }
}
