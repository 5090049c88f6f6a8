/**
 * Handlers of messages.
 *
 * @module
 */

import type { OptionalHandler } from "../../api/reactor.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { MessageContext } from "./message_context.ts";

/**
 * What {@linkcode framed} makes a reactor of: the handlers of a
 * {@linkcode Reactor}, except that messages arrive decoded. A plain object, or
 * an instance of a class.
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
   * A message is complete. May return a promise: further messages come in
   * meanwhile, and if it rejects, that counts as if the handler had thrown.
   *
   * @param message The decoded message. It belongs to the handler; but if the
   * codec hands out bytes as a view of what was read, they are valid only until
   * this returns, and not after an `await`.
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
   * @returns The value for the sender, if any.
   */
  onCommand?: OptionalHandler<
    [cmd: UserCommand, ctx: MessageContext<Sent, NoInfer<UserCommand>>],
    Value | Promise<Value>
  >;

  /**
   * The peer sent FIN; see {@linkcode Reactor.onPeerEnd}. Not called if the FIN
   * came in the middle of a frame: that always closes the connection with
   * {@linkcode TruncatedMessageError}.
   *
   * @param ctx The connection, and the commands.
   */
  onPeerEnd?: OptionalHandler<
    [ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * The runtime is being stopped: finish what is in progress, then call
   * `ctx.close()`; see {@linkcode Reactor.onDrain}.
   *
   * @param ctx The connection, and the commands.
   */
  onDrain?: OptionalHandler<
    [ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * Nothing came in for `readIdleTimeoutMs`, or went out for
   * `writeIdleTimeoutMs`; see {@linkcode Reactor.onIdle}.
   *
   * @param kind Which of the two.
   * @param ctx The connection, and the commands.
   */
  onIdle?: OptionalHandler<
    [kind: "read" | "write", ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;

  /**
   * The connection is closed; see {@linkcode Reactor.onClose}.
   *
   * @param reason What it was closed with or what ended it; `undefined` if it
   * ended cleanly.
   * @param ctx The closed connection, and the commands.
   */
  onClose?: OptionalHandler<
    [reason: Error | undefined, ctx: MessageContext<Sent, NoInfer<UserCommand>>]
  >;
}
