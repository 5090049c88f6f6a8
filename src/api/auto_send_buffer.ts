/**
 * What encodes messages straight into what is sent.
 *
 * @module
 */

import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";

/**
 * Writes a message piece by piece, straight into what the connection sends next.
 * The message is sent as one by {@linkcode AutoSendBuffer.send}, or at the end of
 * the scope of `using`; what is sent in between goes out before it. From
 * `ctx.acquireSend()`.
 *
 * Numbers are written as `DataView` writes them: big-endian unless said
 * otherwise, and only the bits that fit, so a negative number becomes its two's
 * complement.
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
export interface AutoSendBuffer extends Disposable {
  /** How many bytes are written and not sent. */
  readonly bytesWritten: number;

  /**
   * Appends a copy of the bytes from `start` (inclusive) to `end` (exclusive).
   *
   * @param bytes Any view; it is the caller's again when the call returns.
   * @param start Offset of the first byte, 0 by default.
   * @param end Offset behind the last one, by default the size of the view.
   * @returns How many bytes that was.
   * @throws {AutoSendBufferDisposedError} After the end of the scope.
   * @throws {InvalidSliceError} If `bytes` is no view, or the bytes do not lie
   * within it. What was written before stays, here and below.
   * @throws {SendQueueFullError} If more would be written than `maxSendQueue`, so
   * that it could never be sent.
   */
  write(bytes: ArrayBufferView, start?: number, end?: number): number;

  /**
   * Appends a text as UTF-8.
   *
   * @param text What to append. A lone surrogate becomes U+FFFD.
   * @returns How many bytes that was.
   * @throws {AutoSendBufferDisposedError} After the end of the scope.
   * @throws {InvalidSliceError} If it is no text.
   * @throws {SendQueueFullError} As `write`.
   */
  writeText(text: string): number;

  /**
   * Appends the low 8 bits of `value`.
   *
   * @param value A number.
   * @throws {AutoSendBufferDisposedError} After the end of the scope; this holds
   * for the other numbers, too.
   * @throws {SendQueueFullError} As `write`.
   */
  writeUint8(value: number): void;

  /**
   * Appends the low 16 bits of `value`.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeUint16(value: number, littleEndian?: boolean): void;

  /**
   * Appends the low 32 bits of `value`.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeUint32(value: number, littleEndian?: boolean): void;

  /**
   * Appends the low 64 bits of `value`.
   *
   * @param value A bigint.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeBigUint64(value: bigint, littleEndian?: boolean): void;

  /**
   * Appends `value` in single precision.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeFloat32(value: number, littleEndian?: boolean): void;

  /**
   * Appends `value` in double precision.
   *
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   */
  writeFloat64(value: number, littleEndian?: boolean): void;

  /**
   * Writes the low 32 bits of `value` over four bytes that are written already,
   * such as the place of a size that is known only now.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no four bytes at `offset`.
   */
  setUint32(offset: number, value: number, littleEndian?: boolean): void;

  /**
   * The same with the low 16 bits over two bytes.
   *
   * @param offset Where, counted from the beginning of the message.
   * @param value A number.
   * @param littleEndian The byte order; big-endian by default.
   * @throws {InvalidSliceError} If there are no two bytes at `offset`.
   */
  setUint16(offset: number, value: number, littleEndian?: boolean): void;

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
