/**
 * What handles messages.
 *
 * @module
 */

import type { OptionalHandler } from "../../api/reactor.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { MessageContext } from "./message_context.ts";

/**
 * What {@linkcode framed} makes a reactor of: the handlers of a
 * {@linkcode Reactor}, but that messages come in decoded. An object of functions,
 * or of a class.
 *
 * @category Reactors
 */
export interface MessageHandlers<
  Received,
  Sent = Received,
  UserCommand = unknown,
  Value = unknown,
> {
  /**
   * A message is complete. May return a promise: messages go on coming in
   * meanwhile, and if it rejects, that is as if the handler had thrown.
   *
   * @param message What the codec has decoded. It is the handler's; but bytes that
   * the codec hands out as a view of what was read are valid only until this
   * returns, and not behind an `await`.
   * @param ctx The connection, and the commands.
   */
  onMessage(
    message: Received,
    ctx: MessageContext<Sent, NoInfer<UserCommand>>,
  ): void;

  /**
   * The connection is open; see {@linkcode Reactor.onConnected}.
   *
   * @param ctx The connection, and the commands: the same object in every call.
   * @param listenerId The listener that accepted the connection;
   * {@linkcode INVALID_REACTOR_ID} if this end connected.
   */
  onConnected?: OptionalHandler<
    [ctx: MessageContext<Sent, NoInfer<UserCommand>>, listenerId: ReactorID]
  >;

  /**
   * A command was sent to this reactor; see {@linkcode Reactor.onCommand}.
   *
   * @param cmd The command, as it was sent.
   * @param ctx The connection, and the commands.
   * @returns What the sender is to know; `undefined` if that is nothing.
   */
  onCommand?: OptionalHandler<
    [cmd: UserCommand, ctx: MessageContext<Sent, NoInfer<UserCommand>>],
    Value | Promise<Value>
  >;

  /**
   * The peer sent FIN; see {@linkcode Reactor.onPeerEnd}. Not called if it came in
   * the middle of a frame: that closes the connection with
   * {@linkcode TruncatedMessageError}, with this handler or without.
   *
   * @param ctx The connection, and the commands.
   */
  onPeerEnd?: OptionalHandler<
    [ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * The runtime is being stopped: finish what is under way, then `ctx.close()`;
   * see {@linkcode Reactor.onDrain}.
   *
   * @param ctx The connection, and the commands.
   */
  onDrain?: OptionalHandler<
    [ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * Nothing came in for `readIdleTimeoutMs`, or went out for `writeIdleTimeoutMs`;
   * see {@linkcode Reactor.onIdle}.
   *
   * @param kind Which of the two.
   * @param ctx The connection, and the commands.
   */
  onIdle?: OptionalHandler<
    [kind: "read" | "write", ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * The connection is gone; see {@linkcode Reactor.onClose}.
   *
   * @param reason What it was closed with or what ended it; `undefined` if it
   * ended cleanly.
   * @param ctx The connection that is gone, and the commands.
   */
  onClose?: OptionalHandler<
    [reason: Error | undefined, ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;
}
