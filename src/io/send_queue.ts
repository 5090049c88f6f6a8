import type { SharedMessages } from "../api/group_sender.ts";
import { CHEAP_SURPLUS, LARGEST_JOINED, WORTH_KEEPING } from "../tuning.ts";
import { offsetOf, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";

/** A limit that not even nothing keeps to. */
const NOWHERE = -1;

/** Who writes a message that is queued when it is whole, and has begun it where the queue ends or elsewhere. */
export interface TailWriter {
  /** Where it writes. */
  readonly bytes: Uint8Array;
  /** Where its message begins there. */
  readonly start: number;
  /** A user has a view of `bytes`, and may transfer these away. */
  readonly isShown: boolean;
  /** How many bytes of its message are written. */
  readonly bytesWritten: number;
  /** Where the queue ends, at `start` of `bytes`, is from now on where its message begins, and what it has written of that. */
  moveTo(bytes: Uint8Array, start: number): void;
  /** What it has written where the queue ends is about to be overwritten: copy it elsewhere, with room for `room` bytes in all. */
  leaveTail(room: number): void;
  /** What it has written is queued: it writes behind that from now on. */
  onQueued(): void;
}

/** A piece of the queue; bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  /** Of the last one, see `#end` of the queue. */
  end = 0;
  /** They lie where they were read, or others send them, too; the rest of the buffer is not ours to write to. */
  isAdopted = false;
  /** What is queued later does not join it, wherever that lies. */
  isSealed = false;
  /** The buffer, if others send from it, too. */
  shared: SharedMessages | undefined = undefined;
  /** How many bytes the buffer had when it came. */
  room = 0;
  next: Segment | null = null;
}

/** The bytes that a connection has still to send, in order, in buffers of the pool. */
export class SendQueue {
  // What every send needs comes first, and lies together in memory.
  /** The buffer of the last segment. */
  #bytes = EMPTY;
  /** Where the last segment ends. */
  #end = 0;
  /** So far what is queued next may be copied to behind that without another thought. */
  #limit = NOWHERE;
  /** The same for who writes there. */
  #reach = NOWHERE;
  /** What to add to `#end`, or to take from it, for the number of bytes that are queued. */
  #more = 0;

  readonly #pool: BufferPool;
  /** A queue that is shorter takes more without another thought. */
  readonly #shortSize: number;
  #head: Segment | null = null;
  #last: Segment | null = null;
  #spare: Segment | null = null;
  /** Who writes behind the last segment, in its buffer. */
  #writer: TailWriter | undefined = undefined;
  #isClosed = false;
  /** How many of the first bytes somebody else reads: they stay where they are until they are dropped. */
  bytesBorrowed = 0;

  /** So long as it has less than `shortSize` bytes, `extend` and `advance` add to it. */
  constructor(pool: BufferPool, shortSize = Infinity) {
    this.#pool = pool;
    this.#shortSize = shortSize;
  }

  /** How many bytes are queued, those that are borrowed included. */
  get size(): number {
    return this.#more + this.#end;
  }

  /** The piece that is sent next. */
  get head(): Segment | null {
    if (this.#last !== null) this.#last.end = this.#end;
    return this.#head;
  }

  /** How many bytes its buffers have; of those that others send from, too, how many are queued. */
  get bytesHeld(): number {
    let count = 0;
    for (let at = this.head; at !== null; at = at.next) {
      count += at.shared === undefined ? at.room : at.end - at.start;
    }
    return count;
  }

  /** Queues a copy of `bytes`, which are `size`, if the last segment has room for them, and the queue stays short; else false. */
  extend(bytes: Uint8Array, size: number): boolean {
    if (this.#end + size > this.#limit && !this.#makeWay(size)) return false;
    this.#bytes.set(bytes, this.#end);
    this.#end += size;
    return true;
  }

  /** Queues the `size` bytes that its writer has written behind the last segment, if the queue stays short; else false. */
  advance(size: number): boolean {
    if (this.#end + size > this.#reach) return false;
    this.#end += size;
    return true;
  }

  /** `extend` and `advance` take nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#setLimit();
  }

  /** Gives `writer` room for `size` bytes, those it has written included, behind the last segment; false if that cannot be, and then it writes elsewhere, with as much room if it has been there. */
  reserve(writer: TailWriter, size: number): boolean {
    if (this.#writer !== writer) this.#evictWriter();
    const last = this.#lastFor(size);
    if (last === undefined) {
      this.#evictWriter(size);
      return false;
    }
    this.#writer = writer;
    this.#setLimit();
    writer.moveTo(this.#bytes, this.#end);
    return true;
  }

  /** Has `writer` write elsewhere. */
  detach(writer: TailWriter): void {
    if (this.#writer === writer) this.#evictWriter();
  }

  /** Queues the `size` bytes that `writer` has written; takes over its buffer if they cannot join the last segment. */
  commit(writer: TailWriter, size: number): void {
    if (this.#writer !== writer) this.#takeIn(writer, size);
    this.#end += size;
    writer.onQueued();
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
    if (this.#writer !== undefined) this.#evictWriter();
    const last = this.#lastFor(size + more);
    const target = last?.bytes ?? this.#pool.acquire(size + more);
    const at = last === undefined ? 0 : this.#end;
    // To copy a little too much, which is overwritten next, costs less than a view.
    const isCheap = length - size <= CHEAP_SURPLUS &&
      at + length <= target.length;
    target.set(isCheap ? bytes : partOf(bytes, start, end), at);
    if (isCheap && start > 0) target.copyWithin(at, at + start, at + end);
    if (last === undefined) this.#addSegment(target, 0, size, false);
    else this.#end += size;
  }

  /** Queues `size` bytes that somebody has transferred away. */
  appendLost(size: number): void {
    this.#evictWriter();
    this.#addSegment(EMPTY, 0, size, true);
  }

  /** Queues bytes of the message that is handed out in place where they are, without a copy; false if they are few of many. */
  adopt(bytes: Uint8Array, start: number, end: number): boolean {
    const { inPlace } = this.#pool;
    const at = offsetOf(bytes) + start;
    const size = end - start;
    this.#evictWriter();
    const last = this.#last;
    if (
      last?.bytes === inPlace.buffer && this.#end === at && !last?.isSealed
    ) {
      this.#end += size;
      return true;
    }
    return this.#adoptAnother(at, size);
  }

  /** Queues the message that was written last to `shared`, from `start` on, where it lies; or a copy, if it is short and joins others. */
  share(shared: SharedMessages, start: number): void {
    const { bytes, end, short } = shared;
    const isWhole = start === shared.start;
    if (isWhole && short !== undefined && this.extend(short, end - start)) {
      return;
    }
    this.#evictWriter();
    const last = this.#last;
    if (last?.shared === shared && this.#end === start && !last.isSealed) {
      this.#end = end;
    } else {
      this.#addSegment(bytes, start, end, true).shared = shared;
      shared.retain();
    }
  }

  /** What is queued from now on does not join what is queued already. */
  seal(): void {
    this.#evictWriter();
    if (this.#last !== null) {
      this.#last.isAdopted = this.#last.isSealed = true;
      this.#setLimit();
    }
  }

  /** Removes the first `count` bytes, of the first segment, all that is borrowed among them. */
  drop(count: number): void {
    const head = this.head as Segment;
    head.start += count;
    this.#more -= count;
    this.bytesBorrowed = 0;
    if (head.start < head.end) return this.#setLimit();
    if (head.next === null) {
      this.#evictWriter();
      this.#last = null;
      this.#bytes = EMPTY;
      this.#end = this.#more = 0;
    }
    this.#head = head.next;
    this.#setLimit();
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = head.room = 0;
    head.isAdopted = head.isSealed = false;
    head.shared = undefined;
    head.next = null;
    this.#spare = head;
  }

  /** Removes everything. What is borrowed may still be read, so that buffer is not used again. */
  clear(): void {
    this.#evictWriter();
    if (this.head !== null && this.bytesBorrowed > 0) this.#leave(this.head);
    while (this.head !== null) this.drop(this.head.end - this.head.start);
  }

  /** The place behind the last segment is about to be used or gone. */
  #evictWriter(room = 0): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    this.#setLimit();
    writer.leaveTail(room);
  }

  /** Has the `size` bytes that `writer` has written elsewhere lie behind the last segment. */
  #takeIn(writer: TailWriter, size: number): void {
    this.#evictWriter();
    const { bytes, start } = writer;
    const last = this.#lastFor(size);
    if (last !== undefined) {
      this.#bytes.set(bytes.subarray(start, start + size), this.#end);
      return;
    }
    this.#addSegment(bytes, start, start, writer.isShown);
    this.#writer = writer;
    this.#setLimit();
    writer.moveTo(bytes, start);
  }

  #adoptAnother(at: number, size: number): boolean {
    const { inPlace } = this.#pool;
    const room = inPlace.buffer?.length ?? 0;
    const buffer = size < room * WORTH_KEEPING ? undefined : inPlace.take();
    if (buffer === undefined) return false;
    this.#pool.hold(buffer.length);
    this.#addSegment(buffer, at, at + size, true);
    return true;
  }

  /** The last segment if it has room for `size` bytes or can be made larger. */
  #lastFor(size: number): Segment | undefined {
    const last = this.#last;
    if (last === null || last.isAdopted) return undefined;
    if (size <= last.bytes.length - this.#end) return last;
    const used = this.#end - last.start;
    const isBorrowed = last === this.#head && this.bytesBorrowed > 0;
    if (isBorrowed || used + size > LARGEST_JOINED) return undefined;
    this.#moveTo(last, this.#pool.acquire(used + size));
    return last;
  }

  /** Puts a segment at the end of the queue: the bytes from `start` to `end`, one at least, which are there already. */
  #addSegment(
    bytes: Uint8Array,
    start: number,
    end: number,
    isAdopted: boolean,
  ): Segment {
    const segment = this.#spare ?? new Segment();
    this.#spare = null;
    segment.bytes = bytes;
    segment.start = start;
    segment.end = end;
    segment.room = bytes.length;
    segment.isAdopted = isAdopted;
    const { size } = this;
    if (this.#last === null) {
      this.#head = segment;
    } else {
      this.#last.end = this.#end;
      this.#last.next = segment;
    }
    this.#last = segment;
    this.#bytes = bytes;
    this.#end = end;
    this.#more = size - start;
    this.#setLimit();
    return segment;
  }

  /** Copies what `segment`, the last one, has to send, and what is written behind it, to `bytes`, and has it use these. */
  #moveTo(segment: Segment, bytes: Uint8Array): void {
    const written = this.#writer?.bytesWritten ?? 0;
    const { start } = segment;
    bytes.set(segment.bytes.subarray(start, this.#end + written));
    this.#release(segment);
    segment.start = 0;
    segment.bytes = this.#bytes = bytes;
    segment.room = bytes.length;
    this.#end -= start;
    this.#more += start;
    this.#setLimit();
  }

  /** Evicts the writer, so that `extend` may go on; false if it may not even so. */
  #makeWay(size: number): boolean {
    if (this.#end + size > this.#reach) return false;
    this.#evictWriter();
    return true;
  }

  /** To be called whenever what it depends on has changed. */
  #setLimit(): void {
    const last = this.#last;
    this.#reach = last === null || last.isAdopted || this.#isClosed
      ? NOWHERE
      : Math.min(this.#bytes.length, this.#shortSize - 1 - this.#more);
    this.#limit = this.#writer === undefined ? this.#reach : NOWHERE;
  }

  /** Leaves the buffer of `segment` to who may still read it. */
  #leave(segment: Segment): void {
    if (segment.shared === undefined) this.#pool.forget(segment.room);
    else segment.shared.release(true);
    segment.shared = undefined;
    segment.bytes = EMPTY;
  }

  #release({ bytes, room, shared, isAdopted }: Segment): void {
    if (shared !== undefined) shared.release();
    else if (bytes === EMPTY) return;
    else if (isAdopted && this.#pool.inPlace.giveBack(bytes)) {
      this.#pool.forget(room);
    } else this.#pool.release(bytes, room);
  }
}
