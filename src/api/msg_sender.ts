/**
 * Sending messages.
 *
 * @module
 */

import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";

/**
 * Sends for one connection. All bytes go out in the order in which they were sent;
 * what the socket does not take waits in a queue. What is sent in one turn is
 * written together at its end. Nothing is sent twice or interleaved, and nothing is
 * lost before the connection ends.
 *
 * @category Reactors
 */
export interface MsgSender {
  /** How many bytes the operating system has accepted so far. */
  readonly bytesSent: number;

  /** How many bytes are waiting, including those of a write in progress. */
  readonly bytesQueued: number;

  /** How many completions are still to be called. */
  readonly pendingCount: number;

  /**
   * Sends `bytes`, or queues them to be sent as soon as the socket takes them.
   * They are the caller's again when the call returns. May be called from
   * anywhere in the thread of the runtime.
   * Any view is sent as the bytes that it shows. A view of larger numbers is sent in
   * the byte order of this machine.
   *
   * @param bytes What to send.
   * @param completion Called once, when they are out or lost with the connection.
   * On a connection that is closed or closing, it is called with
   * {@linkcode ConnectionClosedError}.
   * @returns `Closed` on a connection that is closed or closing, `InQueue` if the
   * socket is full, else `Complete`.
   * @throws {SendQueueFullError} Beyond `maxSendQueue`, if `sendQueueOverflow` is
   * `"reject"`; nothing is sent. If it is `"close"`, the connection is aborted
   * instead.
   * @throws {InvalidSliceError} If `bytes` is not a view.
   */
  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends the bytes from `start` (inclusive) to `end` (exclusive) as
   * {@linkcode MsgSender.sendOrQueue} does, but creates no view, and where possible
   * makes no copy. So if `bytes` is the `buf` of the message being handled, you must
   * not change these bytes before the turn ends, not even in the handlers of the
   * next messages. Nor may you transfer their buffer, which would close the
   * connection.
   *
   * @param bytes What to send a part of.
   * @param start Offset of the first byte, in bytes whatever the type of the view.
   * @param end Offset after the last byte.
   * @param completion As for `sendOrQueue`.
   * @returns As `sendOrQueue`.
   * @throws {InvalidSliceError} If the range is not within `bytes`, or `bytes` is
   * not a view.
   * @throws {SendQueueFullError} As `sendOrQueue`.
   */
  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends what the socket takes of `bytes` at once; the rest is up to the caller.
   * Where the runtime does not report how much a socket takes, it takes all (at most
   * `maxSendQueue`) or nothing.
   *
   * @param bytes What to send.
   * @returns How many bytes were sent: 0 if anything is queued, or the connection
   * is closed or closing.
   * @throws {InvalidSliceError} If `bytes` is not a view.
   */
  sendNoQueue(bytes: ArrayBufferView): number;

  /** Writes what is queued, as far as the socket takes it, without waiting for the end of the turn. */
  flush(): void;
}
