import { checkFunction } from "../api/check_function.ts";
import type { Socket } from "../contract/socket.ts";
import type { AutoSendBuffer } from "../api/auto_send_buffer.ts";
import { ConnectionClosedError, SendQueueFullError } from "../api/errors.ts";
import type {
  GroupSender,
  SenderGroup,
  SharedMessages,
} from "../api/group_sender.ts";
import type { ConnectionSettings } from "../api/options/connection.ts";
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

/** What a completion is for, in messages. */
const COMPLETE = "complete a send by";

/** The options that limit what is sent. */
export type OutboundSettings = Pick<
  ConnectionSettings,
  "maxSendQueue" | "sendQueueOverflow" | "sendHighWaterMark"
>;

/** Callbacks from an {@linkcode OutboundBuffer} to its connection. */
export interface OutboundHost extends CompletionHost {
  /** There is something to flush or to settle before the turn ends. */
  onSendPending(): void;
  /** The queue has exceeded the high-water mark. */
  onHighWaterMark(): void;
  /**
   * The queue has overflowed, or queued bytes were transferred away: end the
   * connection.
   */
  onSendFailed(error: Error): void;
  /** Calls `callback` in the next turn. */
  defer(callback: () => void): void;
}

/**
 * The sending side of a connection. All bytes pass through one queue, in order,
 * with one write under way at a time. What the socket does not take waits until
 * it is writable again.
 *
 * The sends of a turn are collected and written together at its end. Nothing is
 * sent twice, dropped or interleaved, unless the connection ends.
 */
export class OutboundBuffer extends OutboundBytes
  implements GroupSender, PacedSender, WriterHost {
  readonly #host: OutboundHost;
  #closed = false;
  /** Number of sends accepted. */
  messagesOut = 0;
  /**
   * A queue shorter than this cannot reach a limit or mark, so it needs no
   * checks.
   */
  readonly #gatherLimit: number;
  /** The completions that are not called yet. Created with the first one. */
  pending: PendingSends | undefined = undefined;
  /**
   * Reused by every `acquireSend` while it is free. Created by the first one.
   */
  #writer: MessageWriter | undefined = undefined;
  readonly #settings: OutboundSettings;
  /** Groups to notify when the connection closes. Created on first use. */
  #groups: Set<SenderGroup> | undefined = undefined;
  isPaced = false;
  /**
   * A queue of at least this size is flushed without waiting for the end of the
   * turn.
   */
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
    return this.pending?.count ?? 0;
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
    if (completion !== undefined) checkFunction(completion, COMPLETE);
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

  /** Returns a writer for a message, reusing the last one if it is free. */
  acquireSend(): AutoSendBuffer {
    const writer = this.#writer;
    if (writer !== undefined && writer.open()) return writer;
    return this.#writer = new MessageWriter(
      this,
      this.pool,
      this.#settings.maxSendQueue,
    );
  }

  /** Refuses all further sends. */
  close(): void {
    this.#closed = true;
    if (this.context.sliceOwner === this) this.copySlice();
    this.queue?.close();
    this.#leaveGroups();
  }

  /**
   * Drops the queue, and fails all pending completions with `reason` or, by
   * default, a {@linkcode ConnectionClosedError}.
   */
  fail(reason: Error | undefined): void {
    this.#closed = true;
    this.dropAll();
    this.#leaveGroups();
    if (this.pendingCount === 0) return;
    this.pending?.fail(
      reason ??
        new ConnectionClosedError("Not sent: the connection was closed"),
    );
  }

  get isLong(): boolean {
    const { bytesQueued } = this;
    return bytesQueued > this.#settings.sendHighWaterMark ||
      (bytesQueued >= this.#flushSize && this.pool.isUnderPressure);
  }

  // Called by groups.

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

  // Called by its writers.

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

  /** Sends part of `bytes`, if it could not be added to a slice range. */
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

  /** Sends the bytes from `start` to `end`; `length` is the size of `bytes`. */
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

  /**
   * Writes a large range directly, if the socket copies what it takes. Returns
   * the offset of the first byte that the socket did not take.
   */
  #offer(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < DIRECT_WRITE_SIZE || this.borrowsWrites) return start;
    this.flush();
    return start + this.writeDirect(bytes, start, end);
  }

  /**
   * Returns what to answer if `size` more bytes cannot be sent; undefined if
   * they can.
   */
  #refusal(
    size: number,
    bytesQueued: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult | undefined {
    if (completion !== undefined) checkFunction(completion, COMPLETE);
    if (this.#closed) {
      if (completion !== undefined) this.#refuse(completion);
      return SendOrQueueResult.Closed;
    }
    return bytesQueued + size > this.#settings.maxSendQueue
      ? this.#overflow(size, completion)
      : undefined;
  }

  /**
   * Records a send of `size` bytes, which are sent or queued. `countBefore` is
   * the length of the queue before it.
   */
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

  /**
   * If the queue is empty, queues as many of `bytes` as it may hold, and
   * returns how many.
   */
  #queueIfFree(bytes: Uint8Array, length: number): number {
    if (this.bytesQueued > 0) return 0;
    const size = Math.min(length, this.#settings.maxSendQueue);
    this.append(bytes, length, 0, size);
    this.#flushEarly();
    return size;
  }

  /**
   * Starts a slice range with part of the message being handled, without a
   * copy. Returns false if `bytes` is not that message, or the queue is not
   * empty.
   */
  #beginSlice(bytes: ArrayBufferView, start: number, end: number): boolean {
    const isNext = !this.#closed && !this.isBlocked &&
      (this.queue === undefined || this.queue.isEmpty);
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

  /**
   * Registers `completion` for the last `size` queued bytes: it is called once
   * everything up to `endPosition` is sent. With `Infinity`, it can only fail.
   */
  #await(
    size: number,
    completion: SendCompletion,
    endPosition: number = this.sentCount + this.bytesQueued,
  ): void {
    this.pending ??= new PendingSends(this, this.#host);
    this.pending.add(endPosition, size, completion);
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
