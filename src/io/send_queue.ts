import type { SharedMessages } from "../api/group_sender.ts";
import { CHEAP_SURPLUS, LARGEST_JOINED, WORTH_KEEPING } from "../tuning.ts";
import { offsetOf, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";

/** A limit that even a write of 0 bytes exceeds. */
const NOWHERE = -1;

/**
 * Writes a message at the end of the queue, or elsewhere, before it is queued.
 */
export interface InPlaceWriter {
  /** The buffer that it writes to. */
  readonly bytes: Uint8Array;
  /** Offset of its message in `bytes`. */
  readonly start: number;
  /** True if the user has a view of `bytes`, and could transfer it. */
  readonly isShown: boolean;
  /** How many bytes of the message are written. */
  readonly bytesWritten: number;
  /**
   * The message, with what is written of it, now begins at `start` of `bytes`:
   * the end of the queue.
   */
  moveTo(bytes: Uint8Array, start: number): void;
  /**
   * The place at the end of the queue is about to be used. Move the message to
   * a separate buffer of at least `room` bytes.
   */
  leaveTail(room: number): void;
  /** The message is queued. The next one begins behind it. */
  onQueued(): void;
}

/** A piece of the queue: the bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  /**
   * Not kept up to date in the last segment: there, use `#end` of the queue.
   */
  end = 0;
  /**
   * True if the bytes are part of a read or of a shared buffer: nothing may be
   * written behind them.
   */
  isAdopted = false;
  /** True if later bytes must not be joined with it. */
  isSealed = false;
  /** Set if other queues send from this buffer, too. */
  shared: SharedMessages | undefined = undefined;
  /** Size of the buffer when it was queued. */
  room = 0;
  next: Segment | null = null;
}

/**
 * The bytes that a connection still has to send, in order, in pooled buffers.
 */
export class SendQueue {
  // Fields that every send uses come first, to lie together in memory.
  #bytes = EMPTY;
  /** Offset past the last segment, in `#bytes`. */
  #end = 0;
  /**
   * Offset up to which `extend` may copy. {@linkcode NOWHERE} while there is a
   * writer.
   */
  #limit = NOWHERE;
  /** Offset up to which the writer may commit. */
  #reach = NOWHERE;
  /** The size of the queue minus `#end`. */
  #more = 0;

  readonly #pool: BufferPool;
  /** A queue shorter than this needs no checks by its owner. */
  readonly #shortSize: number;
  #head: Segment | null = null;
  #last: Segment | null = null;
  #spare: Segment | null = null;
  /** The writer at the end of the queue, in the buffer of the last segment. */
  #writer: InPlaceWriter | undefined = undefined;
  #isClosed = false;
  /** True if nothing is queued. */
  isEmpty = true;
  /**
   * How many of the first bytes the socket has borrowed. They stay in place
   * until they are dropped.
   */
  bytesBorrowed = 0;

  /**
   * `shortSize` is the queue length up to which `extend` and `advance` succeed.
   */
  constructor(pool: BufferPool, shortSize = Infinity) {
    this.#pool = pool;
    this.#shortSize = shortSize;
  }

  /** Number of queued bytes, including the borrowed ones. */
  get size(): number {
    return this.#more + this.#end;
  }

  /** The segment to send next. */
  get head(): Segment | null {
    if (this.#last !== null) this.#last.end = this.#end;
    return this.#head;
  }

  /**
   * Size of the buffers in the queue; of shared ones, only the queued bytes
   * count.
   */
  get bytesHeld(): number {
    let count = 0;
    for (let at = this.head; at !== null; at = at.next) {
      count += at.shared === undefined ? at.room : at.end - at.start;
    }
    return count;
  }

  /**
   * Queues a copy of `bytes`, which has `size` bytes, if there is room in the
   * last segment and the queue stays short. Returns false otherwise.
   */
  extend(bytes: Uint8Array, size: number): boolean {
    if (this.#end + size > this.#limit && !this.#makeWay(size)) return false;
    this.#bytes.set(bytes, this.#end);
    this.#end += size;
    return true;
  }

  /**
   * Queues `size` bytes that the writer has put behind the last segment, if the
   * queue stays short. Returns false otherwise.
   */
  advance(size: number): boolean {
    if (this.#end + size > this.#reach) return false;
    this.#end += size;
    return true;
  }

  /** Makes `extend` and `advance` fail from now on. */
  close(): void {
    this.#isClosed = true;
    this.#setLimit();
  }

  /**
   * Gives `writer` room behind the last segment for `size` bytes, including
   * those it has written. Returns false if there is none; a writer that was
   * there is moved to a separate buffer with that much room.
   */
  reserve(writer: InPlaceWriter, size: number): boolean {
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

  /** Moves `writer` away from the end of the queue. */
  detach(writer: InPlaceWriter): void {
    if (this.#writer === writer) this.#evictWriter();
  }

  /**
   * Queues the `size` bytes that `writer` has written. Takes over its buffer if
   * they cannot join the last segment.
   */
  commit(writer: InPlaceWriter, size: number): void {
    if (this.#writer !== writer) this.#takeIn(writer, size);
    this.#end += size;
    writer.onQueued();
  }

  /**
   * Queues a copy of the bytes from `start` to `end`, at least one, leaving
   * room for `more` behind them; `length` is the size of `bytes`.
   */
  append(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
    more = 0,
  ): void {
    const size = end - start;
    if (this.#writer !== undefined) this.#evictWriter();
    const last = this.isEmpty ? undefined : this.#lastFor(size + more);
    const target = last?.bytes ?? this.#pool.acquire(size + more);
    const at = last === undefined ? 0 : this.#end;
    // Copying a little too much, to be overwritten next, is cheaper than
    // creating a view.
    const isCheap = length - size <= CHEAP_SURPLUS &&
      at + length <= target.length;
    target.set(isCheap ? bytes : partOf(bytes, start, end), at);
    if (isCheap && start > 0) target.copyWithin(at, at + start, at + end);
    if (last === undefined) this.#addSegment(target, 0, size, false);
    else this.#end += size;
  }

  /**
   * Queues `size` bytes whose buffer was transferred away. Sending them will
   * fail.
   */
  appendLost(size: number): void {
    this.#evictWriter();
    this.#addSegment(EMPTY, 0, size, true);
  }

  /**
   * Queues bytes of the message that is handed out in place, without a copy.
   * Returns false if they are too small a part of their buffer.
   */
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

  /**
   * Queues the last message of `shared`, from `start` on: without a copy,
   * unless it is short enough to join the last segment.
   */
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

  /** Keeps later bytes from being joined with those queued so far. */
  seal(): void {
    this.#evictWriter();
    if (this.#last !== null) {
      this.#last.isAdopted = this.#last.isSealed = true;
      this.#setLimit();
    }
  }

  /**
   * Drops the first `count` bytes, which must lie in the first segment and
   * include all borrowed ones. Returns the segment to send next.
   */
  drop(count: number): Segment | null {
    const head = this.#head as Segment;
    const last = this.#last as Segment;
    last.end = this.#end;
    head.start += count;
    this.#more -= count;
    this.bytesBorrowed = 0;
    if (head.start < head.end) {
      this.#setLimit();
      return head;
    }
    const { next } = head;
    if (next === null) {
      if (this.#writer !== undefined) this.#evictWriter();
      this.#last = null;
      this.#bytes = EMPTY;
      this.#end = this.#more = 0;
      this.#limit = this.#reach = NOWHERE;
      this.isEmpty = true;
    } else {
      this.#setLimit();
    }
    this.#head = next;
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = head.room = 0;
    head.isAdopted = head.isSealed = false;
    head.shared = undefined;
    head.next = null;
    this.#spare = head;
    return next;
  }

  /**
   * Drops everything. The socket may still read borrowed bytes, so their buffer
   * is not reused.
   */
  clear(): void {
    this.#evictWriter();
    if (this.head !== null && this.bytesBorrowed > 0) this.#leave(this.head);
    while (this.head !== null) this.drop(this.head.end - this.head.start);
  }

  /**
   * Moves the writer away, because the place behind the last segment is about
   * to be used or dropped.
   */
  #evictWriter(room = 0): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    this.#setLimit();
    writer.leaveTail(room);
  }

  /**
   * Brings the `size` bytes that `writer` has written elsewhere to the end of
   * the queue.
   */
  #takeIn(writer: InPlaceWriter, size: number): void {
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

  /**
   * Returns the last segment if it has room for `size` more bytes, or can be
   * enlarged.
   */
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

  /**
   * Appends a segment for the bytes from `start` to `end`, which are already in
   * place.
   */
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
    if (this.#last === null) {
      this.#head = segment;
      this.isEmpty = false;
    } else {
      this.#last.end = this.#end;
      this.#last.next = segment;
    }
    this.#last = segment;
    this.#bytes = bytes;
    this.#more += this.#end - start;
    this.#end = end;
    this.#setLimit();
    return segment;
  }

  /**
   * Moves the content of `segment`, the last one, and of the writer behind it,
   * to `bytes`.
   */
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

  /**
   * Moves the writer away so that `extend` can go on. Returns false if there is
   * no room even so.
   */
  #makeWay(size: number): boolean {
    if (this.#end + size > this.#reach) return false;
    this.#evictWriter();
    return true;
  }

  /** Call this after every change to what the limits depend on. */
  #setLimit(): void {
    const last = this.#last;
    this.#reach = last === null || last.isAdopted || this.#isClosed
      ? NOWHERE
      : Math.min(this.#bytes.length, this.#shortSize - 1 - this.#more);
    this.#limit = this.#writer === undefined ? this.#reach : NOWHERE;
  }

  /** Gives up the buffer of `segment` without reusing it. */
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
