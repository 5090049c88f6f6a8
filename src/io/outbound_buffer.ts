import { BORROWED, type Socket } from "../contract/socket.ts";
import {
  ConnectionClosedError,
  InvalidSliceError,
  SendQueueFullError,
} from "../api/errors.ts";
import type { MsgSender } from "../api/msg_sender.ts";
import { watchPromise } from "../util/promises.ts";
import { textOf } from "../util/text.ts";
import { isGone, partOf, sizeOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { asBytes } from "./bytes.ts";
import { PendingSends } from "./pending_sends.ts";
import {
  type SendCompletion,
  SendOrQueueResult,
  type SendResult,
} from "../api/send_result.ts";
import { SendQueue } from "./send_queue.ts";
import type { ReadContext } from "./read_context.ts";

/** The bounds of a {@linkcode OutboundBuffer}; see `ConnectionOptions`. */
export interface OutboundSettings {
  /** See `ConnectionOptions.maxSendQueue`. */
  readonly maxSendQueue: number;
  /** See `ConnectionOptions.sendQueueOverflow`. */
  readonly sendQueueOverflow: "close" | "reject";
  /** See `ConnectionOptions.sendHighWaterMark`. */
  readonly sendHighWaterMark: number;
}

/** What a {@linkcode OutboundBuffer} asks of its connection. */
export interface OutboundHost {
  /** There is something to flush or settle: do so before the turn ends. */
  onSendPending(): void;
  /** The queue is longer than the high-water mark. */
  onHighWaterMark(): void;
  /** The queue would be longer than allowed, or what it is to send is gone: end the connection. */
  onSendFailed(error: Error): void;
  /** A completion threw, or returned a promise that rejected. */
  onCompletionThrew(thrown: unknown): void;
  /** Call back in the next turn. */
  defer(callback: () => void): void;
}

const SENT: SendResult = { ok: true };

const GONE = new InvalidSliceError(
  "Cannot send bytes given to sendSlice: their buffer was transferred away before the turn ended",
);

const FLUSH_SIZE = 64 * 1024;

/** Bytes of this many or more are offered to the kernel without a copy, where it takes a copy itself. */
const DIRECT_SIZE = 16 * 1024;

/** More in one write would hide the progress that time limits look for, and what is queued: lent bytes are out all at once, and Windows takes a write whole. */
const WRITE_SIZE = 256 * 1024;

/** So much to a socket that has taken a part of a write, and so hides nothing. 16 MiB then cost Bun on Linux 4.8 ms of the processor, as in one write, and not 5.6. */
const COUNTED_WRITE_SIZE = 4 * 1024 * 1024;

/**
 * Sends for one connection. All bytes go through one queue, in order; one write
 * is under way at a time; what the socket does not take is sent when it is
 * writable again.
 *
 * Sends of one turn are collected and written together at its end. Nothing is
 * ever sent twice, dropped or interleaved short of the end of the connection.
 */
export class OutboundBuffer implements MsgSender {
  // What every send needs comes first, and lies together in memory.
  readonly #host: OutboundHost;
  /** If the run there is of this sender it is all that is queued. */
  readonly #context: ReadContext;
  #closed = false;
  /** The socket is full, or has yet to send what it borrowed. */
  #isBlocked = false;
  /** How many bytes are written at once at most. */
  #writeSize = WRITE_SIZE;
  /** Made when something does not go out at once, or has to be copied. */
  #queue: SendQueue | undefined = undefined;
  /** Runs stay shorter. */
  readonly #sliceLimit: number;
  readonly #borrowsWrites: boolean;
  readonly #socket: Socket;
  #bytesSent = 0;
  /** Made by the first completion. */
  #pending: PendingSends | undefined = undefined;
  readonly #pool: BufferPool;
  readonly #settings: OutboundSettings;
  /** A queue as long as this does not wait for the end of the turn. */
  readonly #flushSize: number;

  constructor(
    socket: Socket,
    pool: BufferPool,
    settings: OutboundSettings,
    host: OutboundHost,
  ) {
    this.#socket = socket;
    this.#borrowsWrites = socket.borrowsWrites;
    this.#pool = pool;
    this.#context = pool.readContext;
    this.#settings = settings;
    this.#host = host;
    this.#flushSize = Math.min(FLUSH_SIZE, settings.sendHighWaterMark + 1);
    this.#sliceLimit = Math.min(this.#flushSize, settings.maxSendQueue + 1);
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get bytesQueued(): number {
    const stage = this.#context;
    return stage.sliceOwner === this
      ? stage.sliceEnd - stage.sliceStart
      : this.#queue?.size ?? 0;
  }

  get pendingCount(): number {
    return this.#pending?.count ?? 0;
  }

  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    const all = asBytes(bytes);
    const size = sizeOf(all);
    return this.#send(all, size, 0, size, completion, false);
  }

  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    if (completion === undefined) {
      if (this.#context.extendSlice(this, bytes, start, end)) {
        return SendOrQueueResult.Complete;
      }
      if (this.#beginSlice(bytes, start, end)) {
        return SendOrQueueResult.Complete;
      }
    }
    const all = asBytes(bytes);
    const length = sizeOf(all);
    checkSlice(length, start, end);
    return this.#send(all, length, start, end, completion, true);
  }

  sendNoQueue(bytes: ArrayBufferView): number {
    const all = asBytes(bytes);
    const length = sizeOf(all);
    if (this.#closed || length === 0) return 0;
    this.flush();
    this.#host.onSendPending();
    if (!this.#borrowsWrites) return this.#writeDirect(all, 0, length);
    if (this.bytesQueued > 0) return 0;
    const size = Math.min(length, this.#settings.maxSendQueue);
    this.#append(all, length, 0, size);
    this.#flushEarly();
    return size;
  }

  flush(): void {
    if (this.#context.sliceOwner === this) this.#flushSlice();
    if (this.#queue !== undefined) this.#flushQueue(this.#queue);
  }

  /** The socket takes more, or has sent what it borrowed: now is the time to flush. */
  onWritable(): void {
    const bytesBorrowed = this.#queue?.bytesBorrowed ?? 0;
    if (bytesBorrowed > 0) this.#dropSent(bytesBorrowed);
    this.#isBlocked = false;
  }

  /** Calls the completions of what is out. */
  settle(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    while (pending.firstEnd <= this.#bytesSent) {
      this.#complete(pending.take(), SENT);
    }
  }

  /** Takes nothing more. */
  close(): void {
    this.#closed = true;
    if (this.#context.sliceOwner === this) this.copySlice();
  }

  /** Copies what is queued in place, and has room for `more` bytes behind it. */
  copySlice(more = 0): void {
    const stage = this.#context;
    const size = stage.sliceEnd - stage.sliceStart;
    const bytes = stage.takeSlice();
    const queue = this.#queue ??= new SendQueue(this.#pool);
    if (isGone(bytes)) queue.appendLost(size);
    else queue.append(bytes, size, 0, size, more);
  }

  /** Drops the queue and fails what is pending with `reason`, if there is one. */
  fail(reason: Error | undefined): void {
    this.#closed = true;
    if (this.#context.sliceOwner === this) this.#context.sliceOwner = undefined;
    this.#queue?.clear();
    const pending = this.#pending;
    if (pending === undefined || pending.count === 0) return;
    const error = reason ??
      new ConnectionClosedError("Not sent: the connection was closed");
    while (pending.count > 0) {
      this.#complete(pending.take(), { ok: false, error });
    }
  }

  get #result(): SendOrQueueResult {
    return this.#isBlocked
      ? SendOrQueueResult.InQueue
      : SendOrQueueResult.Complete;
  }

  /** Sends the bytes from `start` to `end` of `length`. */
  #send(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
    completion: SendCompletion | undefined,
    isInPlace: boolean,
  ): SendOrQueueResult {
    const size = end - start;
    if (this.#closed) {
      this.#refuse(completion);
      return SendOrQueueResult.Closed;
    }
    const { bytesQueued } = this;
    if (bytesQueued + size > this.#settings.maxSendQueue) {
      return this.#overflow(size, completion);
    }
    const endPosition = this.#bytesSent + bytesQueued + size;
    let rest = start;
    if (size >= DIRECT_SIZE && !this.#borrowsWrites) {
      this.flush();
      rest += this.#writeDirect(bytes, start, end);
    }
    if (rest < end && !(isInPlace && this.#queueInPlace(bytes, rest, end))) {
      this.#append(bytes, length, rest, end);
    }
    if (completion !== undefined) this.#await(endPosition, size, completion);
    if (this.bytesQueued >= this.#flushSize) this.#flushEarly();
    if (bytesQueued === 0) this.#host.onSendPending();
    return this.#result;
  }

  #queueInPlace(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#context.extendSlice(this, bytes, start, end) ||
      this.#beginSlice(bytes, start, end) || this.#adopt(bytes, start, end);
  }

  /** Queues bytes of the message that is being handled where they lie on the stage; false if they are no such bytes, or anything else is queued. */
  #beginSlice(bytes: ArrayBufferView, start: number, end: number): boolean {
    const isFree = !this.#closed && !this.#isBlocked &&
      (this.#queue === undefined || this.#queue.size === 0);
    if (
      !isFree ||
      !this.#context.beginSlice(this, bytes, start, end, this.#sliceLimit)
    ) return false;
    this.#host.onSendPending();
    return true;
  }

  /** Queues bytes of the message that is being handled in the buffer they were read into; false if they are no such bytes, or few of many. */
  #adopt(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.#pool.inPlace.view) return false;
    return this.#queueAfterSlice().adopt(bytes, start, end);
  }

  /** Queues a copy of the bytes from `start` to `end` of `length`. */
  #append(
    bytes: Uint8Array,
    length: number,
    start: number,
    end: number,
  ): void {
    this.#queueAfterSlice(end - start).append(bytes, length, start, end);
  }

  /** The queue, for `more` bytes that come behind the run. */
  #queueAfterSlice(more = 0): SendQueue {
    if (this.#context.sliceOwner === this) this.copySlice(more);
    return this.#queue ??= new SendQueue(this.#pool);
  }

  /** Writes the run from where it lies, if it may be overwritten as soon as that returns. */
  #flushSlice(): void {
    const stage = this.#context;
    const { source, sliceStart, sliceEnd } = stage;
    if (this.#borrowsWrites || isGone(source)) return this.copySlice();
    stage.sliceOwner = undefined;
    const next = sliceStart + this.#writeDirect(source, sliceStart, sliceEnd);
    if (next === sliceEnd) return;
    const rest = partOf(source, next, sliceEnd);
    this.#append(rest, sliceEnd - next, 0, sliceEnd - next);
  }

  #flushQueue(queue: SendQueue): void {
    for (;;) {
      if (queue.isGone) return this.#host.onSendFailed(GONE);
      const { head } = queue;
      if (head === null || this.#isBlocked) return;
      const { bytes, start } = head;
      const end = Math.min(head.end, start + this.#writeSize);
      const taken = this.#write(bytes, start, end);
      if (taken === BORROWED) queue.bytesBorrowed = end - start;
      else this.#dropSent(taken);
    }
  }

  #flushEarly(): void {
    this.flush();
    if (this.bytesQueued > this.#settings.sendHighWaterMark) {
      this.#host.onHighWaterMark();
    }
  }

  #writeDirect(bytes: Uint8Array, start: number, end: number): number {
    let next = start;
    while (next < end && !this.#isBlocked) {
      const size = Math.min(end - next, this.#writeSize);
      next += this.#write(bytes, next, next + size);
    }
    this.#bytesSent += next - start;
    return next - start;
  }

  /** Offers the bytes from `start` to `end`, `#writeSize` at most, to the socket; returns what that does. */
  #write(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.#socket.write(bytes, start, end);
    this.#isBlocked = taken === BORROWED || taken < end - start;
    if (this.#isBlocked && taken > 0 && !this.#borrowsWrites) {
      this.#writeSize = COUNTED_WRITE_SIZE;
    }
    return taken;
  }

  /** Removes the first `count` bytes, which the system has taken, from the queue. */
  #dropSent(count: number): void {
    this.#bytesSent += count;
    this.#queue?.drop(count);
  }

  #await(
    endPosition: number,
    size: number,
    completion: SendCompletion,
  ): void {
    this.#pending ??= new PendingSends();
    this.#pending.add(endPosition, size, completion);
  }

  #overflow(size: number, completion?: SendCompletion): SendOrQueueResult {
    const { maxSendQueue, sendQueueOverflow } = this.#settings;
    const error = new SendQueueFullError(
      `Cannot queue ${size} bytes: ${this.bytesQueued} are queued and maxSendQueue is ${maxSendQueue}`,
    );
    if (sendQueueOverflow === "reject") throw error;
    this.close();
    if (completion !== undefined) {
      this.#await(Infinity, size, completion);
    }
    this.#host.onSendFailed(error);
    return SendOrQueueResult.Closed;
  }

  #refuse(completion?: SendCompletion): void {
    if (completion === undefined) return;
    const error = new ConnectionClosedError(
      "Cannot send: the connection is closed or closing",
    );
    this.#host.defer(() => this.#complete(completion, { ok: false, error }));
  }

  #complete(completion: SendCompletion, result: SendResult): void {
    try {
      watchPromise(
        completion(result),
        (thrown) => this.#host.onCompletionThrew(thrown),
      );
    } catch (thrown) {
      this.#host.onCompletionThrew(thrown);
    }
  }
}

function checkSlice(length: number, start: number, end: number): void {
  const isWithin = Number.isInteger(start) && Number.isInteger(end) &&
    start >= 0 && start <= end && end <= length;
  if (isWithin) return;
  throw new InvalidSliceError(
    `Cannot send ${textOf(start)} to ${textOf(end)} of ${length} bytes`,
  );
}
