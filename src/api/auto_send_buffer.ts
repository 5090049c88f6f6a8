/**
 * A buffer that encodes messages directly into the send queue.
 *
 * @module
 */

import type { ByteWriter } from "./byte_writer.ts";
import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";

/**
 * Writes a message piece by piece, straight into the send queue of the connection.
 * Get one from `ctx.acquireSend()`. The message is sent as a whole by
 * {@linkcode AutoSendBuffer.send}, or at the end of the scope of `using`; whatever
 * is sent in between goes out before it.
 *
 * Several may be open at once, and one may stay open as long as its connection,
 * across turns and sends: each `send` begins the next message. Do not use it after
 * the end of its scope: the connection reuses it for a later message.
 *
 * Everything written in the scope of `using` is sent, however the scope ends, even
 * by an exception. If half a message must never go out, call `send` at the end
 * instead of `using`: then nothing is sent if the handler throws before.
 *
 * @example A reply with a header, without an object for each message
 * ```ts
 * import type { AutoSendBuffer } from "@reactio/reactio";
 *
 * function reply(out: AutoSendBuffer, sequence: bigint, body: Uint8Array): void {
 *   out.writeUint32(14 + body.length);
 *   out.writeUint16(7);
 *   out.writeBigUint64(sequence);
 *   out.write(body);
 *   out.send();
 * }
 * console.log(reply.length); // 3
 * ```
 *
 * @example A text, sent at the end of the scope
 * ```ts
 * import type { DispatchContext } from "@reactio/reactio";
 *
 * function greet(ctx: DispatchContext, name: string): void {
 *   using out = ctx.acquireSend();
 *   out.writeText("hello ");
 *   out.writeText(name);
 * } // sent here
 * console.log(greet.length); // 2
 * ```
 *
 * @category Reactors
 */
export interface AutoSendBuffer extends ByteWriter, Disposable {
  /**
   * Returns the bytes that are written and not yet sent.
   *
   * @returns A view, valid until the next call of another method. You may change the
   * bytes, but not transfer the buffer.
   * @throws {InvalidSliceError} If the buffer was transferred nevertheless.
   */
  getWritten(): Uint8Array;

  /** Drops the bytes that are written and not yet sent. */
  clear(): void;

  /**
   * Sends the written bytes as one message and begins the next. Otherwise it works
   * like {@linkcode MsgSender.sendOrQueue}.
   *
   * @param completion As for `sendOrQueue`.
   * @returns As for `sendOrQueue`. If the connection is closed or closing, the
   * written bytes are dropped.
   * @throws {SendQueueFullError} As `sendOrQueue`; the written bytes are kept.
   * @throws {InvalidSliceError} If the buffer of `getWritten` was transferred.
   * @throws {InvalidCallbackError} If `completion` is not a function.
   */
  send(completion?: SendCompletion): SendOrQueueResult;

  /**
   * Sends the written bytes, and ends the scope; called by `using`.
   *
   * @throws {SendQueueFullError} As `send`; the written bytes are dropped then.
   * @throws {InvalidSliceError} As `send`; the written bytes are dropped then.
   */
  [Symbol.dispose](): void;
}
