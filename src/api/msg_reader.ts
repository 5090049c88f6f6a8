/**
 * How messages are cut out of what was read.
 *
 * @module
 */

import type { MessageResult } from "./message_result.ts";

/**
 * Decides what to do with the bytes of a message; see
 * `Reactor.onInboundMessage`.
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
   * Hands out all messages of all bytes that are there. To be called from
   * `onReadable`, or, for what that has not taken, from anywhere in the thread of
   * the runtime; this is what happens when a reactor has no `onReadable`. Called
   * from inside a dispatcher, of this connection or of another one of the
   * runtime, it does nothing.
   *
   * @param ctx Given to the dispatcher.
   * @param dispatcher The reactor itself, or a function.
   * @throws {MessageTooLargeError} If a message is larger than `maxMessageSize`.
   * @throws {InvalidMessageResultError} If the dispatcher returns what is no
   * result. What it throws is thrown.
   */
  tryReadFastRead<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void;

  /**
   * The same, but looks at no more than `recvBufferMinSize` further bytes at a
   * time, in however many reads they came, so that the handler of a message
   * whose size is not known yet is called early and often rather than late and
   * once.
   *
   * @param ctx Given to the dispatcher.
   * @param dispatcher The reactor itself, or a function.
   * @throws {MessageTooLargeError} If a message is larger than `maxMessageSize`.
   * @throws {InvalidMessageResultError} If the dispatcher returns what is no
   * result. What it throws is thrown.
   */
  tryReadFastDispatch<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void;
}
