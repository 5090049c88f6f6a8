import { BORROWED, type Socket } from "../contract/socket.ts";
import { InvalidSliceError } from "../api/errors.ts";
import { COUNTED_WRITE_SIZE, WRITE_SIZE } from "../tuning.ts";
import { EMPTY } from "../util/empty.ts";
import { isGone, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { ReadContext, SliceOwner } from "./read_context.ts";
import { SendQueue } from "./send_queue.ts";
import type { Tap } from "../api/recorder.ts";

const GONE = new InvalidSliceError(
  "Cannot send what was queued without a copy: its buffer was transferred away before the turn ended",
);

/**
 * The bytes of a connection on their way to its socket: a slice range, or a
 * queue, never both. Knows no bound, no mark, and no completion; those are the
 * {@linkcode OutboundBuffer}'s, which extends it rather than holds it: after each
 * system call every further object has to be fetched anew.
 */
export abstract class OutboundBytes implements SliceOwner {
  // What every send needs comes first, and lies together in memory.
  /** If its slice range is of this connection it is all that is queued. */
  protected readonly context: ReadContext;
  /** Made when something does not go out at once, or has to be copied. */
  protected queue: SendQueue | undefined = undefined;
  /** The socket is full, or has yet to send what it borrowed. */
  protected isBlocked = false;
  /** How many bytes are written at once at most. */
  #writeSize = WRITE_SIZE;
  protected borrowsWrites: boolean;
  #socket: Socket;
  readonly #shortSize: number;
  protected sentCount = 0;
  /** How many bytes were queued at once at most. */
  bytesQueuedPeak = 0;
  readonly pool: BufferPool;
  /** Who hears what is received and sent, if anybody does. */
  tap: Tap | undefined = undefined;

  /** A queue of less than `shortSize` bytes takes more without a look at bounds and marks. */
  constructor(socket: Socket, pool: BufferPool, shortSize: number) {
    this.#shortSize = shortSize;
    this.#socket = socket;
    this.borrowsWrites = socket.borrowsWrites;
    this.pool = pool;
    this.context = pool.readContext;
  }

  /** What is to be sent next was transferred away: end the connection. */
  protected abstract onGone(error: Error): void;

  get bytesSent(): number {
    return this.sentCount;
  }

  get bytesQueued(): number {
    const { context } = this;
    return context.sliceOwner === this
      ? context.sliceEnd - context.sliceStart
      : this.queue?.size ?? 0;
  }

  /** How many bytes the buffers have that hold what is queued. */
  get bytesHeld(): number {
    return this.queue?.bytesHeld ?? 0;
  }

  flush(): void {
    if (this.context.sliceOwner === this) {
      if (this.borrowsWrites) this.copySlice();
      else this.#flushSlice();
    }
    const { queue } = this;
    if (queue !== undefined && queue.size > 0) this.#flushQueue(queue);
  }

  /** The socket takes more, or has sent what it borrowed: now is the time to flush. */
  onWritable(): void {
    this.isBlocked = false;
    const { queue } = this;
    if (queue === undefined || queue.bytesBorrowed === 0) return;
    this.sentCount += queue.bytesBorrowed;
    queue.drop(queue.bytesBorrowed);
  }

  /** Writes what is queued, as far as that goes; what comes later is never written together with it. Returns what is left. */
  seal(): { readonly plainLeft: number; readonly isBorrowed: boolean } {
    this.flush();
    this.queue?.seal();
    const borrowedCount = this.queue?.bytesBorrowed ?? 0;
    return {
      plainLeft: this.bytesQueued - borrowedCount,
      isBorrowed: borrowedCount > 0,
    };
  }

  /** From now on `socket` is written to. It goes on with what was borrowed, if it stands for the one before. */
  moveTo(socket: Socket): void {
    this.#socket = socket;
    this.borrowsWrites = socket.borrowsWrites;
    this.#writeSize = WRITE_SIZE;
  }

  /** Copies what is queued in place, and has room for `more` bytes behind it. */
  copySlice(more = 0): void {
    const { context } = this;
    const size = context.sliceEnd - context.sliceStart;
    const bytes = context.takeSlice();
    const queue = this.queue ??= this.#newQueue();
    if (bytes === EMPTY) queue.appendLost(size);
    else queue.append(bytes, size, 0, size, more);
  }

  /** Drops all that is queued. */
  protected dropAll(): void {
    if (this.context.sliceOwner === this) this.context.sliceOwner = undefined;
    this.queue?.clear();
  }

  /** Queues bytes of the message that is being handled in the buffer they were read into; false if they are no such bytes, or few of many. */
  protected adopt(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.pool.inPlace.view) return false;
    return this.queueAfterSlice().adopt(bytes, start, end);
  }

  /** Queues a copy of the bytes from `start` to `end` of `length`. */
  protected append(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
  ): void {
    this.queueAfterSlice(end - start).append(bytes, length, start, end);
  }

  /** The queue, for `more` bytes that come behind the slice range. */
  protected queueAfterSlice(more = 0): SendQueue {
    if (this.context.sliceOwner === this) this.copySlice(more);
    return this.queue ??= this.#newQueue();
  }

  #newQueue(): SendQueue {
    return new SendQueue(this.pool, this.#shortSize);
  }

  /** Offers the bytes from `start` to `end` to a socket that does not borrow, until it is full; returns how many it took. */
  protected writeDirect(bytes: Uint8Array, start: number, end: number): number {
    let next = start;
    while (next < end && !this.isBlocked) {
      const size = Math.min(end - next, this.#writeSize);
      next += this.#write(bytes, next, next + size);
    }
    this.sentCount += next - start;
    return next - start;
  }

  /** Writes the slice range from where it lies, if it may be overwritten as soon as that returns. */
  #flushSlice(): void {
    const { context } = this;
    const { source, sliceStart, sliceEnd } = context;
    if (isGone(source)) return this.copySlice();
    const size = sliceEnd - sliceStart;
    if (size > this.bytesQueuedPeak) this.bytesQueuedPeak = size;
    context.sliceOwner = undefined;
    const next = sliceStart + this.writeDirect(source, sliceStart, sliceEnd);
    if (next === sliceEnd) return;
    const rest = partOf(source, next, sliceEnd);
    this.append(rest, sliceEnd - next, 0, sliceEnd - next);
  }

  #flushQueue(queue: SendQueue): void {
    if (queue.size > this.bytesQueuedPeak) this.bytesQueuedPeak = queue.size;
    for (;;) {
      const { head } = queue;
      if (head === null) return;
      const { bytes, start } = head;
      if (bytes.length === 0) return this.onGone(GONE);
      if (this.isBlocked) return;
      const end = Math.min(head.end, start + this.#writeSize);
      const taken = this.#write(bytes, start, end);
      if (taken === BORROWED) {
        queue.bytesBorrowed = end - start;
      } else {
        this.sentCount += taken;
        queue.drop(taken);
      }
    }
  }

  /** Offers the bytes from `start` to `end`, `#writeSize` at most, to the socket; returns what that does. */
  #write(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.#socket.write(bytes, start, end);
    if (this.tap !== undefined && taken !== 0) {
      this.tap.onSent(bytes, start, taken === BORROWED ? end : start + taken);
    }
    this.isBlocked = taken === BORROWED || taken < end - start;
    if (this.isBlocked && taken > 0 && !this.borrowsWrites) {
      this.#writeSize = COUNTED_WRITE_SIZE;
    }
    return taken;
  }
}
