/**
 * Splitting the received bytes into messages.
 *
 * @module
 */

import type { MessageResult } from "./message_result.ts";

/**
 * Decides what to do with the bytes of a message; see
 * `Reactor.onInboundMessage`.
 *
 * @param buf The bytes read, from the beginning of the message.
 * @param ctx What the reader was given.
 * @param newBytes How many bytes of `buf` are new since the last call for this
 * message.
 * @param decodedMsgSize The size that the last call for this message returned;
 * 0 if it returned none.
 * @returns What to do with `buf`.
 *
 * @category Reactors
 */
export type MessageDispatcher<Context> = (
  buf: Uint8Array,
  ctx: Context,
  newBytes: number,
  decodedMsgSize: number,
) => MessageResult;

/**
 * A reactor, or anything else with its `onInboundMessage`.
 *
 * @category Reactors
 */
export interface InboundHandler<Context> {
  /** See `Reactor.onInboundMessage`. */
  onInboundMessage: MessageDispatcher<Context>;
}

/**
 * Turns partial and multiple reads of one connection into whole messages.
 *
 * @category Reactors
 */
export interface MsgReader {
  /** How many bytes were read and not yet dropped. */
  readonly bytesBuffered: number;

  /** Forgets everything that was read and not yet dropped, and any size that was decoded. */
  clear(): void;

  /**
   * Hands out all messages that have arrived, as happens if a reactor has no
   * `onReadable`. Call it from `onReadable`, or later, for bytes that `onReadable`
   * has left, from anywhere in the thread of the runtime. Inside a dispatcher of any
   * connection of the runtime it does nothing.
   *
   * @param ctx Passed to the dispatcher.
   * @param dispatcher The reactor itself, or a function.
   * @throws {MessageTooLargeError} If a message is larger than `maxMessageSize`.
   * @throws {InvalidMessageResultError} If the dispatcher returns something
   * else than a result. Errors of the dispatcher are passed on.
   */
  tryReadFastRead<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void;

  /**
   * Works like `tryReadFastRead`, but passes on at most `recvBufferMinSize` further
   * bytes at a time, however many reads they came in. So the handler of a message
   * whose size is not known yet is called early and often, rather than late and
   * once.
   *
   * @param ctx Passed to the dispatcher.
   * @param dispatcher The reactor itself, or a function.
   * @throws {MessageTooLargeError} If a message is larger than `maxMessageSize`.
   * @throws {InvalidMessageResultError} If the dispatcher returns something
   * else than a result. Errors of the dispatcher are passed on.
   */
  tryReadFastDispatch<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void;
}
