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
  "Cannot send bytes that were queued without a copy: their buffer was transferred before the turn ended",
);

/**
 * The bytes of a connection on their way to its socket: either a slice range or
 * a queue, never both. Limits, the high-water mark and completions are up to
 * {@linkcode OutboundBuffer}, which extends this instead of holding it, because
 * each further object is a cache miss after a system call.
 */
export abstract class OutboundBytes implements SliceOwner {
  // Fields that every send uses come first, to lie together in memory.
  /** If its slice range belongs to this connection, the queue is empty. */
  protected readonly context: ReadContext;
  /** Created when bytes have to wait, or to be copied. */
  protected queue: SendQueue | undefined = undefined;
  /** True while the socket is full, or is still sending borrowed bytes. */
  protected isBlocked = false;
  /** The most bytes per write. */
  #writeSize = WRITE_SIZE;
  protected borrowsWrites: boolean;
  #socket: Socket;
  readonly #shortSize: number;
  protected sentCount = 0;
  /** The longest that the queue has been, in bytes. */
  bytesQueuedPeak = 0;
  readonly pool: BufferPool;
  /** Observes all bytes received and sent. */
  tap: Tap | undefined = undefined;

  /**
   * `shortSize` is the queue length below which no limit or mark can be
   * reached.
   */
  constructor(socket: Socket, pool: BufferPool, shortSize: number) {
    this.#shortSize = shortSize;
    this.#socket = socket;
    this.borrowsWrites = socket.borrowsWrites;
    this.pool = pool;
    this.context = pool.readContext;
  }

  /** The next bytes to send were transferred away: end the connection. */
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

  /** Size of the buffers that hold queued bytes. */
  get bytesHeld(): number {
    return this.queue?.bytesHeld ?? 0;
  }

  flush(): void {
    if (this.context.sliceOwner === this) {
      if (this.borrowsWrites) this.copySlice();
      else this.#flushSlice();
    }
    const { queue } = this;
    if (queue !== undefined && !queue.isEmpty) this.#flushQueue(queue);
  }

  /** The socket is writable, or has sent the bytes it borrowed. Flush next. */
  onWritable(): void {
    this.isBlocked = false;
    const { queue } = this;
    if (queue === undefined || queue.bytesBorrowed === 0) return;
    this.sentCount += queue.bytesBorrowed;
    queue.drop(queue.bytesBorrowed);
  }

  /**
   * Writes as much of the queue as the socket takes. Later sends are never
   * joined with what is left in it, whose size is returned. For an upgrade to
   * TLS.
   */
  seal(): { readonly plainLeft: number; readonly isBorrowed: boolean } {
    this.flush();
    this.queue?.seal();
    const borrowedCount = this.queue?.bytesBorrowed ?? 0;
    return {
      plainLeft: this.bytesQueued - borrowedCount,
      isBorrowed: borrowedCount > 0,
    };
  }

  /**
   * Switches to `socket`. If it wraps the previous socket, it also finishes the
   * borrowed write.
   */
  moveTo(socket: Socket): void {
    this.#socket = socket;
    this.borrowsWrites = socket.borrowsWrites;
    this.#writeSize = WRITE_SIZE;
  }

  /**
   * Copies the slice range to the queue, which then has room for `more` bytes.
   */
  copySlice(more = 0): void {
    const { context } = this;
    const size = context.sliceEnd - context.sliceStart;
    const bytes = context.takeSlice();
    const queue = this.queue ??= this.#newQueue();
    if (bytes === EMPTY) queue.appendLost(size);
    else queue.append(bytes, size, 0, size, more);
  }

  protected dropAll(): void {
    if (this.context.sliceOwner === this) this.context.sliceOwner = undefined;
    this.queue?.clear();
  }

  /**
   * Queues bytes of the current message in the buffer that they were read into.
   * Returns false if `bytes` is not that message, or too small a part of the
   * buffer.
   */
  protected adopt(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.pool.inPlace.view) return false;
    return this.queueAfterSlice().adopt(bytes, start, end);
  }

  /**
   * Queues a copy of the bytes from `start` to `end`; `length` is the size of
   * `bytes`.
   */
  protected append(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
  ): void {
    this.queueAfterSlice(end - start).append(bytes, length, start, end);
  }

  /**
   * Returns the queue, to which the slice range has been moved, with room for
   * `more` bytes behind it.
   */
  protected queueAfterSlice(more = 0): SendQueue {
    if (this.context.sliceOwner === this) this.copySlice(more);
    return this.queue ??= this.#newQueue();
  }

  #newQueue(): SendQueue {
    return new SendQueue(this.pool, this.#shortSize);
  }

  /**
   * Writes the bytes from `start` to `end` until the socket is full. Returns
   * how many it took. Only for sockets that do not borrow.
   */
  protected writeDirect(bytes: Uint8Array, start: number, end: number): number {
    let next = start;
    while (next < end && !this.isBlocked) {
      const size = Math.min(end - next, this.#writeSize);
      next += this.#write(bytes, next, next + size);
    }
    this.sentCount += next - start;
    return next - start;
  }

  /**
   * Writes the slice range from where it lies. Only for sockets that do not
   * borrow, since the memory is reused.
   */
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
    const { size } = queue;
    if (size > this.bytesQueuedPeak) this.bytesQueuedPeak = size;
    let { head } = queue;
    while (head !== null) {
      const { bytes, start } = head;
      if (bytes.length === 0) return this.onGone(GONE);
      if (this.isBlocked) return;
      const end = Math.min(head.end, start + this.#writeSize);
      const taken = this.#write(bytes, start, end);
      if (taken === BORROWED) {
        queue.bytesBorrowed = end - start;
        return;
      }
      this.sentCount += taken;
      head = queue.drop(taken);
    }
  }

  /**
   * Writes the bytes from `start` to `end`, at most `#writeSize`. Returns what
   * `Socket.write` returned.
   */
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
