/**
 * Sending messages.
 *
 * @module
 */

import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";

/**
 * Sends for one connection. All bytes go out in the order in which they were
 * sent; bytes that the socket does not take wait in a queue. Everything sent in
 * one turn is written together at its end. Nothing is sent twice or
 * interleaved, and nothing is lost before the connection ends.
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
   * The buffer belongs to the caller again when the call returns. May be called
   * from anywhere in the thread of the runtime. Any view is sent as its bytes.
   * A view of larger numbers is sent in the byte order of this machine.
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
   * @throws {InvalidCallbackError} If `completion` is not a function.
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
   * @throws {InvalidCallbackError} If `completion` is not a function.
   */
  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends the part of `bytes` that the socket takes at once; the caller handles
   * the rest. Where the runtime does not report how much a socket takes, it
   * takes all (at most `maxSendQueue`) or nothing.
   *
   * @param bytes What to send.
   * @returns How many bytes were sent: 0 if anything is queued, or the connection
   * is closed or closing.
   * @throws {InvalidSliceError} If `bytes` is not a view.
   */
  sendNoQueue(bytes: ArrayBufferView): number;

  /**
   * Writes queued bytes, as many as the socket takes, without waiting for the
   * end of the turn.
   */
  flush(): void;
}
