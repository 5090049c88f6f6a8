import type { Socket } from "../contract/socket.ts";
import type { AutoSendBuffer } from "../api/auto_send_buffer.ts";
import { ConnectionClosedError, SendQueueFullError } from "../api/errors.ts";
import type {
  GroupSender,
  SenderGroup,
  SharedMessages,
} from "../api/group_sender.ts";
import type { PacedSender } from "../api/paced_sender.ts";
import { type SendCompletion, SendOrQueueResult } from "../api/send_result.ts";
import { DIRECT_WRITE_SIZE, FLUSH_SIZE } from "../tuning.ts";
import { sizeOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { asBytes, checkSlice } from "../api/bytes.ts";
import { MessageWriter, type WriterHost } from "./message_writer.ts";
import { OutboundBytes } from "./outbound_bytes.ts";
import type { SendQueue } from "./send_queue.ts";
import {
  completeSend,
  type CompletionHost,
  PendingSends,
} from "./pending_sends.ts";
import { countIs, countOf } from "../util/text.ts";

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
export interface OutboundHost extends CompletionHost {
  /** There is something to flush or settle: do so before the turn ends. */
  onSendPending(): void;
  /** The queue is longer than the high-water mark. */
  onHighWaterMark(): void;
  /** The queue would be longer than allowed, or what it is to send is gone: end the connection. */
  onSendFailed(error: Error): void;
  /** Call back in the next turn. */
  defer(callback: () => void): void;
}

/**
 * Sends for one connection. All bytes go through one queue, in order; one write
 * is under way at a time; what the socket does not take is sent when it is
 * writable again.
 *
 * Sends of one turn are collected and written together at its end. Nothing is
 * ever sent twice, dropped or interleaved short of the end of the connection.
 */
export class OutboundBuffer extends OutboundBytes
  implements GroupSender, PacedSender, WriterHost {
  readonly #host: OutboundHost;
  #closed = false;
  /** How many sends were taken so far. */
  messagesOut = 0;
  /** So few bytes need no look at bounds and marks: the queue stays shorter. */
  readonly #gatherLimit: number;
  /** Made by the first completion. */
  #pending: PendingSends | undefined = undefined;
  /** The one that is used again; made by the first `acquireSend`. */
  #writer: MessageWriter | undefined = undefined;
  readonly #settings: OutboundSettings;
  /** Who is told when it is gone. Made by the first one. */
  #groups: Set<SenderGroup> | undefined = undefined;
  isPaced = false;
  /** A queue as long as this does not wait for the end of the turn. */
  readonly #flushSize: number;

  constructor(
    socket: Socket,
    pool: BufferPool,
    settings: OutboundSettings,
    host: OutboundHost,
  ) {
    const flushSize = Math.min(FLUSH_SIZE, settings.sendHighWaterMark + 1);
    const gatherLimit = Math.min(flushSize, settings.maxSendQueue + 1);
    super(socket, pool, gatherLimit);
    this.#settings = settings;
    this.#host = host;
    this.#flushSize = flushSize;
    this.#gatherLimit = gatherLimit;
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
    const { queue } = this;
    if (
      completion === undefined && queue !== undefined &&
      queue.extend(all, size)
    ) {
      this.messagesOut++;
      return this.sendResult;
    }
    return this.#send(all, size, 0, size, completion, false);
  }

  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    const isQueued = this.context.sliceOwner === this
      ? this.context.extendSlice(bytes, start, end)
      : this.#beginSlice(bytes, start, end);
    if (isQueued && completion === undefined) {
      this.messagesOut++;
      return SendOrQueueResult.Complete;
    }
    return isQueued
      ? this.#accept(end - start, this.bytesQueued, completion)
      : this.#sendPart(bytes, start, end, completion);
  }

  sendNoQueue(bytes: ArrayBufferView): number {
    const all = asBytes(bytes);
    const length = sizeOf(all);
    if (this.#closed || length === 0) return 0;
    this.flush();
    this.#host.onSendPending();
    const size = this.borrowsWrites
      ? this.#queueIfFree(all, length)
      : this.writeDirect(all, 0, length);
    if (size > 0) this.messagesOut++;
    return size;
  }

  /** Something to write a message into; one that was used before, if it is free. */
  acquireSend(): AutoSendBuffer {
    const writer = this.#writer;
    if (writer !== undefined && writer.open()) return writer;
    return this.#writer = new MessageWriter(
      this,
      this.pool,
      this.#settings.maxSendQueue,
    );
  }

  /** Calls the completions of what is out. */
  settle(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    while (pending.firstEnd <= this.sentCount) pending.settleFirst();
  }

  /** Takes nothing more. */
  close(): void {
    this.#closed = true;
    if (this.context.sliceOwner === this) this.copySlice();
    this.queue?.close();
    this.#leaveGroups();
  }

  /** Drops the queue and fails what is pending with `reason`, if there is one. */
  fail(reason: Error | undefined): void {
    this.#closed = true;
    this.dropAll();
    this.#leaveGroups();
    if (this.pendingCount === 0) return;
    this.#pending?.fail(
      reason ??
        new ConnectionClosedError("Not sent: the connection was closed"),
    );
  }

  get isLong(): boolean {
    const { bytesQueued } = this;
    return bytesQueued > this.#settings.sendHighWaterMark ||
      (bytesQueued >= this.#flushSize && this.pool.isUnderPressure);
  }

  // What groups ask.

  get isOpen(): boolean {
    return !this.#closed;
  }

  hasRoomFor(size: number): boolean {
    return this.bytesQueued + size <= this.#settings.maxSendQueue;
  }

  sendShared(shared: SharedMessages): SendOrQueueResult {
    const { bytesQueued } = this;
    const { bytes, start, end } = shared;
    const size = end - start;
    const refusal = this.#refusal(size, bytesQueued, undefined);
    if (refusal !== undefined) return refusal;
    const rest = this.#offer(bytes, start, end);
    if (rest < end) this.queueAfterSlice().share(shared, rest);
    return this.#accept(size, bytesQueued, undefined);
  }

  join(group: SenderGroup): void {
    (this.#groups ??= new Set()).add(group);
  }

  leave(group: SenderGroup): void {
    this.#groups?.delete(group);
  }

  defer(callback: () => void): void {
    this.#host.defer(callback);
  }

  // What its writers ask.

  reserve(writer: MessageWriter, size: number): boolean {
    return this.queueAfterSlice(size).reserve(writer, size);
  }

  detach(writer: MessageWriter): void {
    this.queue?.detach(writer);
  }

  sendTail(size: number): boolean {
    const isSent = (this.queue as SendQueue).advance(size);
    if (isSent) this.messagesOut++;
    return isSent;
  }

  sendWritten(
    writer: MessageWriter,
    size: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult {
    const { bytesQueued } = this;
    const refusal = this.#refusal(size, bytesQueued, completion);
    if (refusal !== undefined) return refusal;
    if (size > 0) this.queueAfterSlice(size).commit(writer, size);
    return this.#accept(size, bytesQueued, completion);
  }

  protected override onGone(error: Error): void {
    this.#host.onSendFailed(error);
  }

  get sendResult(): SendOrQueueResult {
    return this.isBlocked
      ? SendOrQueueResult.InQueue
      : SendOrQueueResult.Complete;
  }

  /** Sends the bytes from `start` to `end`, which do not lie in the read context or not behind the others that are queued there. */
  #sendPart(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult {
    const all = asBytes(bytes);
    const length = sizeOf(all);
    checkSlice(length, start, end);
    return this.#send(all, length, start, end, completion, true);
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
    const { bytesQueued } = this;
    const refusal = this.#refusal(size, bytesQueued, completion);
    if (refusal !== undefined) return refusal;
    const rest = this.#offer(bytes, start, end);
    if (rest < end && !(isInPlace && this.adopt(bytes, rest, end))) {
      this.append(bytes, length, rest, end);
    }
    return this.#accept(size, bytesQueued, completion);
  }

  /** Offers the bytes from `start` to `end`, if they are many, to a socket that makes a copy itself; returns where those begin that it has not taken. */
  #offer(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < DIRECT_WRITE_SIZE || this.borrowsWrites) return start;
    this.flush();
    return start + this.writeDirect(bytes, start, end);
  }

  /** What becomes of `size` bytes that cannot be sent behind those that are queued; undefined if they can. */
  #refusal(
    size: number,
    bytesQueued: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult | undefined {
    if (this.#closed) {
      if (completion !== undefined) this.#refuse(completion);
      return SendOrQueueResult.Closed;
    }
    return bytesQueued + size > this.#settings.maxSendQueue
      ? this.#overflow(size, completion)
      : undefined;
  }

  /** The last `size` bytes are sent or queued, where `countBefore` were queued before. */
  #accept(
    size: number,
    countBefore: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult {
    this.messagesOut++;
    if (completion !== undefined) this.#await(size, completion);
    if (this.bytesQueued >= this.#flushSize) this.#flushEarly();
    if (countBefore === 0) this.#host.onSendPending();
    return this.sendResult;
  }

  /** Queues as much of `bytes` as there may be, if nothing is queued; returns how much that is. */
  #queueIfFree(bytes: Uint8Array, length: number): number {
    if (this.bytesQueued > 0) return 0;
    const size = Math.min(length, this.#settings.maxSendQueue);
    this.append(bytes, length, 0, size);
    this.#flushEarly();
    return size;
  }

  /** Queues bytes of the message that is being handled where they lie in the read context; false if they are no such bytes, or anything else is queued. */
  #beginSlice(bytes: ArrayBufferView, start: number, end: number): boolean {
    const isNext = !this.#closed && !this.isBlocked &&
      (this.queue === undefined || this.queue.size === 0);
    if (
      !isNext ||
      !this.context.beginSlice(this, bytes, start, end, this.#gatherLimit)
    ) return false;
    this.#host.onSendPending();
    return true;
  }

  #flushEarly(): void {
    this.flush();
    if (!this.isPaced && this.isLong) this.#host.onHighWaterMark();
  }

  /** Has `completion` follow when the last `size` bytes that are queued are out; or fail, if there is no `endPosition` to reach. */
  #await(
    size: number,
    completion: SendCompletion,
    endPosition: number = this.sentCount + this.bytesQueued,
  ): void {
    this.#pending ??= new PendingSends(this.#host);
    this.#pending.add(endPosition, size, completion);
  }

  #leaveGroups(): void {
    const groups = this.#groups;
    if (groups === undefined) return;
    this.#groups = undefined;
    for (const group of groups) group.onSenderClosed(this);
  }

  #overflow(size: number, completion?: SendCompletion): SendOrQueueResult {
    const { maxSendQueue, sendQueueOverflow } = this.#settings;
    const error = new SendQueueFullError(
      `Cannot queue ${countOf(size, "byte")}: ${
        countIs(this.bytesQueued, "byte")
      } queued and maxSendQueue is ${maxSendQueue}`,
    );
    if (sendQueueOverflow === "reject") throw error;
    this.close();
    if (completion !== undefined) this.#await(size, completion, Infinity);
    this.#host.onSendFailed(error);
    return SendOrQueueResult.Closed;
  }

  #refuse(completion: SendCompletion): void {
    const error = new ConnectionClosedError(
      "Cannot send: the connection is closed or closing",
    );
    this.#host.defer(() =>
      completeSend(completion, { ok: false, error }, this.#host)
    );
  }
}
