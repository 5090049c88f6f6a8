import { type BufferPool, EMPTY, LARGEST_POOLED } from "./buffer_pool.ts";
import { type Stage, STAGE_SIZE, type StageBorrower } from "./stage.ts";

/** So many bytes are copied faster than a view is made. */
const CHEAP_SURPLUS = 2048;

/** A piece of the queue; bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  end = 0;
  /** The bytes lie on the stage, and are copied before that is used again. */
  isStaged = false;
  next: Segment | null = null;
}

/**
 * The bytes that a connection has still to send, in order: copies in buffers of
 * the pool, and runs of the message that is being handled, which stay in place
 * on the stage until that is used again.
 */
export class SendQueue implements StageBorrower {
  readonly #pool: BufferPool;
  readonly #stage: Stage;
  #head: Segment | null = null;
  #tail: Segment | null = null;
  #spare: Segment | null = new Segment();
  /** Segments that lie on the stage are not before this one. */
  #firstStaged: Segment | null = null;
  #size = 0;
  #countLent = 0;

  /** The queue takes its buffers from `pool`, and runs from the stage of that. */
  constructor(pool: BufferPool) {
    this.#pool = pool;
    this.#stage = pool.stage;
  }

  /** How many bytes are queued, those that are lent included. */
  get size(): number {
    return this.#size;
  }

  /** How many of the first bytes somebody else reads: they stay where they are until they are dropped. */
  get countLent(): number {
    return this.#countLent;
  }

  /** The piece that is sent next. */
  get first(): Segment | null {
    return this.#head;
  }

  /** True if somebody transferred the buffer of the first piece to another thread. */
  get isFirstGone(): boolean {
    return this.#head !== null && isGone(this.#head);
  }

  /** Queues a copy of the bytes from `start` to `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    const segment = this.#segmentFor(size);
    // To copy a little too much, which is overwritten next, costs less than a view.
    const surplus = bytes.length - end;
    const isCheap = start === 0 && surplus <= CHEAP_SURPLUS &&
      segment.end + bytes.length <= segment.bytes.length;
    segment.bytes.set(
      isCheap ? bytes : bytes.subarray(start, end),
      segment.end,
    );
    segment.end += size;
    this.#size += size;
  }

  /** Queues bytes of the message that is being handled without a copy; false if they are no such bytes. */
  beginRun(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#stage.isView(bytes) || !this.#stage.lend(this)) return false;
    const offset = STAGE_SIZE - bytes.length;
    const segment = this.#addSegment(this.#stage.bytes);
    segment.isStaged = true;
    segment.start = offset + start;
    segment.end = offset + end;
    this.#firstStaged ??= segment;
    this.#size += end - start;
    return true;
  }

  /**
   * The same for bytes that follow those that were queued last, what most
   * messages of a long read come to; false also if the queue would not stay
   * shorter than `limit`.
   */
  extendRun(
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
  ): boolean {
    const tail = this.#tail;
    if (tail === null || !tail.isStaged || !this.#stage.isView(bytes)) {
      return false;
    }
    const size = this.#size + end - start;
    const follows = tail.end === STAGE_SIZE - bytes.length + start;
    const isWithin = start >= 0 && start <= end && end <= bytes.length;
    if (!follows || !isWithin || size >= limit) return false;
    tail.end += end - start;
    this.#size = size;
    return true;
  }

  /** Copies `segment` if it lies on the stage. */
  own(segment: Segment): void {
    if (!segment.isStaged || isGone(segment)) return;
    this.#moveTo(segment, this.#pool.acquire(segment.end - segment.start));
  }

  /** Copies what is queued in place. For the stage. */
  returnStage(): void {
    let segment = this.#firstStaged;
    this.#firstStaged = null;
    for (; segment !== null; segment = segment.next) this.own(segment);
  }

  /** Somebody else reads the first `count` bytes, of the first segment, from now on. */
  lend(count: number): void {
    this.#countLent = count;
  }

  /** Removes the first `count` bytes, of the first segment, all that is lent among them. */
  drop(count: number): void {
    const head = this.#head as Segment;
    head.start += count;
    this.#size -= count;
    this.#countLent = 0;
    if (head.start < head.end) return;
    this.#head = head.next;
    if (this.#head === null) this.#tail = null;
    if (this.#firstStaged === head) this.#firstStaged = this.#head;
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = 0;
    head.next = null;
    this.#spare = head;
  }

  /** Removes everything. What is lent may still be read, so that buffer is not used again. */
  clear(): void {
    if (this.#head !== null && this.#countLent > 0) this.#head.bytes = EMPTY;
    while (this.#head !== null) this.drop(this.#head.end - this.#head.start);
  }

  /** The last segment if it has room for `size` bytes or can be made larger, else a new one. */
  #segmentFor(size: number): Segment {
    const tail = this.#tail;
    if (tail !== null) {
      if (!tail.isStaged && size <= tail.bytes.length - tail.end) return tail;
      const used = tail.end - tail.start;
      const isLent = tail === this.#head && this.#countLent > 0;
      if (!isLent && !isGone(tail) && used + size <= LARGEST_POOLED) {
        this.#moveTo(tail, this.#pool.acquire(used + size));
        return tail;
      }
    }
    return this.#addSegment(this.#pool.acquire(size));
  }

  /** Puts a segment that uses `bytes`, and nothing of them yet, at the end of the queue. */
  #addSegment(bytes: Uint8Array): Segment {
    const segment = this.#spare ?? new Segment();
    this.#spare = null;
    segment.bytes = bytes;
    if (this.#tail === null) this.#head = segment;
    else this.#tail.next = segment;
    this.#tail = segment;
    return segment;
  }

  /** Copies what `segment` has to send to `bytes`, and has it use these. */
  #moveTo(segment: Segment, bytes: Uint8Array): void {
    const { start, end } = segment;
    bytes.set(
      segment.isStaged && end === STAGE_SIZE
        ? this.#stage.view(end - start)
        : segment.bytes.subarray(start, end),
    );
    this.#release(segment);
    segment.end -= segment.start;
    segment.start = 0;
    segment.bytes = bytes;
  }

  #release(segment: Segment): void {
    if (!segment.isStaged && segment.bytes !== EMPTY) {
      this.#pool.release(segment.bytes);
    }
    segment.isStaged = false;
  }
}

function isGone(segment: Segment): boolean {
  return segment.bytes.length === 0;
}
