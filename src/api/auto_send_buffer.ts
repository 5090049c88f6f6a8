/**
 * What encodes messages straight into what is sent.
 *
 * @module
 */

import type { ByteWriter } from "./byte_writer.ts";
import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";

/**
 * Writes a message piece by piece, straight into what the connection sends next.
 * The message is sent as one by {@linkcode AutoSendBuffer.send}, or at the end of
 * the scope of `using`; what is sent in between goes out before it. From
 * `ctx.acquireSend()`.
 *
 * Several may be open at once, and one may stay open for as long as its
 * connection, across turns and sends: each `send` begins the next message. When
 * its scope has ended it must not be touched any more: the connection uses it
 * for a later message.
 *
 * What the scope of `using` has written is sent however the scope ends, by an
 * exception too. Where half a message must never go out, call `send` at the end
 * and do without `using`: then nothing is sent of what a handler wrote that
 * throws.
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
   * The bytes that are written and not sent.
   *
   * @returns A view, valid until the next call of another method; the bytes may
   * be changed. The buffer is not the caller's to transfer away.
   * @throws {InvalidSliceError} If somebody has done so all the same.
   */
  getWritten(): Uint8Array;

  /** Drops what is written and not sent. */
  clear(): void;

  /**
   * Sends what is written as one message and begins the next; for the rest see
   * {@linkcode MsgSender.sendOrQueue}.
   *
   * @param completion As of `sendOrQueue`.
   * @returns As `sendOrQueue`. If the connection is closed or closing, what was
   * written is dropped.
   * @throws {SendQueueFullError} As `sendOrQueue`: what is written stays.
   * @throws {InvalidSliceError} If the buffer of `getWritten` was transferred.
   */
  send(completion?: SendCompletion): SendOrQueueResult;

  /**
   * Sends what is written, and ends the scope; called by `using`.
   *
   * @throws {SendQueueFullError} As `send`; what is written is dropped then.
   * @throws {InvalidSliceError} As `send`; what is written is dropped then.
   */
  [Symbol.dispose](): void;
}
