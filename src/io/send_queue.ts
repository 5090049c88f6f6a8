import { type BufferPool, EMPTY } from "./buffer_pool.ts";
import { type Stage, STAGE_SIZE, type StageBorrower } from "./stage.ts";

/** So many bytes are copied faster than a view is made. */
const CHEAP_SURPLUS = 2048;

/** Pieces are joined by copying to one of this many bytes at most. */
const LARGEST_JOINED = 64 * 1024;

/** A buffer is kept if so much of it is to be sent, else that is copied. */
const WORTH_KEEPING = 1 / 4;

/** No place on the stage. */
const NOWHERE = -1;

/** A piece of the queue; bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  end = 0;
  /** They lie where they were read; the rest of the buffer is not ours to write to. */
  isAdopted = false;
  next: Segment | null = null;
}

/**
 * The bytes that a connection has still to send, in order.
 *
 * They are copies in buffers of the pool, or, if nothing else is queued, a run:
 * bytes of the messages that are being handled, in place on the stage until that
 * is used again.
 */
export class SendQueue implements StageBorrower {
  readonly #pool: BufferPool;
  readonly #stage: Stage;
  #head: Segment | null = null;
  #tail: Segment | null = null;
  #spare: Segment | null = null;
  /** Where the run lies on the stage, and is to end at the latest; nowhere if there is none. */
  #runStart = NOWHERE;
  #runEnd = NOWHERE;
  #runRoom = NOWHERE;
  #size = 0;
  #countLent = 0;
  #isGone = false;

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

  /** The piece that is sent next, if there is no run. */
  get first(): Segment | null {
    return this.#head;
  }

  /** True if there is a run: everything that is queued is on the stage, from `runStart` to `runEnd`. */
  get hasRun(): boolean {
    return this.#runStart !== this.#runEnd;
  }

  /** Where the run begins on the stage. */
  get runStart(): number {
    return this.#runStart;
  }

  /** Where it ends. */
  get runEnd(): number {
    return this.#runEnd;
  }

  /** True if somebody transferred away what was queued in place, and it is lost. */
  get isGone(): boolean {
    return this.#isGone || this.#head?.bytes.length === 0;
  }

  /** Queues a copy of the bytes from `start` to `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (this.hasRun) this.copyRun(size);
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

  /**
   * Queues bytes of the message that is being handled as a run, which may then
   * grow as long as the queue stays shorter than `limit`; false if they are no
   * such bytes, or something is queued.
   */
  beginRun(
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
  ): boolean {
    const stage = this.#stage;
    if (
      this.#size > 0 || bytes !== stage.current || !stage.lend(this)
    ) return false;
    this.#runStart = stage.start + start;
    this.#runEnd = stage.start + end;
    this.#runRoom = Math.min(STAGE_SIZE, this.#runStart + limit - 1);
    this.#size = end - start;
    return true;
  }

  /** Has the run grow by bytes of the message that is being handled; false if they are no such bytes, do not follow it, or are too many. */
  extendRun(bytes: Uint8Array, start: number, end: number): boolean {
    const stage = this.#stage;
    const runEnd = stage.start + end;
    if (
      bytes !== stage.current || stage.start + start !== this.#runEnd ||
      !(start >= 0 && start <= end && runEnd <= this.#runRoom) ||
      !Number.isInteger(end)
    ) return false;
    this.#runEnd = runEnd;
    this.#size += end - start;
    return true;
  }

  /** Queues bytes of the message that is being handled where it was read, without a copy; false if they are no such bytes, or few of many. */
  adopt(bytes: Uint8Array, start: number, end: number): boolean {
    const { inPlace } = this.#pool;
    if (bytes !== inPlace.view) return false;
    if (this.hasRun) this.copyRun();
    const at = bytes.byteOffset + start;
    const size = end - start;
    const tail = this.#tail;
    if (tail?.bytes === inPlace.buffer && tail?.end === at) {
      tail.end += size;
    } else if (!this.#adoptAnother(at, size)) {
      return false;
    }
    this.#size += size;
    return true;
  }

  /** Removes the first `count` bytes of the run; what is left is copied. */
  dropRun(count: number): void {
    this.#runStart += count;
    this.#size -= count;
    if (this.hasRun) this.copyRun();
    else this.#forgetRun();
  }

  /** Copies the run, to a buffer with room for `more` bytes. */
  copyRun(more = 0): void {
    const start = this.#runStart;
    const end = this.#runEnd;
    const size = end - start;
    this.#forgetRun();
    if (this.#stage.bytes.length === 0) {
      this.#isGone = true;
      this.#size -= size;
      return;
    }
    const segment = this.#addSegment(this.#pool.acquire(size + more));
    segment.bytes.set(
      end === STAGE_SIZE
        ? this.#stage.view(size)
        : this.#stage.bytes.subarray(start, end),
    );
    segment.end = size;
  }

  /** Copies what is queued in place. For the stage. */
  returnStage(): void {
    if (this.hasRun) this.copyRun();
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
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = 0;
    head.isAdopted = false;
    head.next = null;
    this.#spare = head;
  }

  /** Removes everything. What is lent may still be read, so that buffer is not used again. */
  clear(): void {
    if (this.hasRun) this.dropRun(this.#size);
    if (this.#head !== null && this.#countLent > 0) this.#head.bytes = EMPTY;
    while (this.#head !== null) this.drop(this.#head.end - this.#head.start);
  }

  #adoptAnother(at: number, size: number): boolean {
    const { inPlace } = this.#pool;
    const room = inPlace.buffer?.length ?? 0;
    const buffer = size < room * WORTH_KEEPING ? undefined : inPlace.take();
    if (buffer === undefined) return false;
    const segment = this.#addSegment(buffer);
    segment.isAdopted = true;
    segment.start = at;
    segment.end = at + size;
    return true;
  }

  #forgetRun(): void {
    this.#runStart = this.#runEnd = this.#runRoom = NOWHERE;
  }

  /** The last segment if it has room for `size` bytes or can be made larger, else a new one. */
  #segmentFor(size: number): Segment {
    const tail = this.#tail;
    if (tail !== null && !tail.isAdopted) {
      if (size <= tail.bytes.length - tail.end) return tail;
      const used = tail.end - tail.start;
      const isLent = tail === this.#head && this.#countLent > 0;
      if (!isLent && used + size <= LARGEST_JOINED) {
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
