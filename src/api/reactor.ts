import type { Address, TcpSocket } from "../adapters/adapter.ts";
import type { AddressLike } from "./address.ts";
import type {
  CloseCommandOptions,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
} from "./command.ts";
import type { AutoSendBuffer } from "./auto_send_buffer.ts";
import type { MsgReader } from "./msg_reader.ts";
import type { MsgSender } from "./msg_sender.ts";
import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";
import type { MessageResult } from "./message_result.ts";
import type { ConnectionOptions } from "./options.ts";
import type { ReactorID } from "./reactor_id.ts";

/** A handler that may be left out, or given as `undefined`. */
export type OptionalHandler<Args extends unknown[]> =
  // Taken from a method: so a reactor of other commands stays assignable.
  { handler(...args: Args): void }["handler"] | undefined;

/**
 * What a user writes: the protocol of one connection.
 *
 * The runtime calls the handlers one at a time, never one inside another, and
 * always in the thread of the runtime. A handler that throws closes its own
 * connection, with what it threw as the reason, and nothing else. The handlers
 * are not awaited, and `onInboundMessage`, whose result is needed at once, must
 * not return a promise.
 *
 * One rule holds for every function that is given to the library: a promise
 * that it returns and that rejects is treated as if the function had thrown. A
 * handler or a send completion closes its connection, `onNewConnection` or a
 * factory drops the one that came in, `onStartListen` closes its listener, and
 * what has nothing to close, such as the completion of a command or `onClose`,
 * is logged. It never ends the process.
 *
 * What a connection is closed with for such a reason is also logged, at
 * `LogLevel.Warn`: a line with the peer, the handler, the error and its place in
 * the program. A runtime logs at most ten such lines a second, and then how many
 * more there were; stacks are logged at `LogLevel.Debug`.
 *
 * From any handler it is allowed to send, to close, and to send commands, to
 * this reactor or to others.
 *
 * @example A server's reactor for messages of a length byte and a body
 * ```ts
 * import { type DispatchContext, MessageResult, type Reactor } from "@reactio/reactio";
 *
 * class Echo implements Reactor {
 *   onInboundMessage(
 *     buf: Uint8Array,
 *     ctx: DispatchContext,
 *     _newBytes: number,
 *     decodedMsgSize: number,
 *   ): MessageResult {
 *     const size = decodedMsgSize || 1 + buf[0];
 *     if (buf.length < size) return MessageResult.expectMsgSize(size);
 *     ctx.sendOrQueue(buf.subarray(0, size));
 *     return MessageResult.dropMsgSize(size);
 *   }
 * }
 * new Echo();
 * ```
 */
export interface Reactor<UserCommand = unknown> {
  /**
   * The connection is open. Throw to refuse it.
   *
   * `listenerId` is the listener that accepted it, `INVALID_REACTOR_ID` if this
   * end connected.
   */
  onConnected?: OptionalHandler<
    [ctx: DispatchContext<UserCommand>, listenerId: ReactorID]
  >;

  /**
   * Bytes of a message came in: at the message's first bytes, then, if its size
   * was given by `expectMsgSize(size)`, once when it is complete, else at every
   * further read.
   *
   * `buf` begins at the message and holds what was read of it (of a long read
   * the first 8 KiB at least), and maybe bytes of messages that follow, but never
   * more than `maxMessageSize` bytes. It is valid during the call only: copy
   * (`buf.slice()`) what is to be kept. Its bytes may be changed; whether a further
   * call for this message finds them changed is not said. Its buffer is not the
   * handler's to transfer away: that takes all that was read, and closes the
   * connection if not all was dropped.
   *
   * To expect a message of more than `maxMessageSize` bytes, or more of one of
   * which as many are there, closes the connection with `MessageTooLargeError`.
   *
   * `newBytes` is how many of them were not in `buf` at the last call for this
   * message; all of them if this is the first.
   *
   * `decodedMsgSize` is the size that the last call for this message expected,
   * and then `buf` holds at least as much; 0 if none was given.
   */
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<UserCommand>,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult;

  /**
   * Bytes were read. To be written only to choose another strategy than
   * `ctx.reader.tryReadFastRead(ctx, this)`, which is what happens without it.
   * What the handler does not take from the reader is kept for the next call.
   *
   * When `maxMessageSize` bytes are kept, nothing more is read until some of them
   * are taken, here or elsewhere (`idleTimeoutMs` goes on meanwhile). A handler
   * that takes something and leaves as much is called again at once.
   */
  onReadable?: OptionalHandler<[ctx: ReactorReadableContext<UserCommand>]>;

  /** A command was sent to this reactor. Without it the command fails with `CommandNotSupportedError`. */
  onCommand?: OptionalHandler<
    [cmd: UserCommand, ctx: DispatchContext<UserCommand>]
  >;

  /**
   * The peer sent FIN: it sends no more, but still receives. Without this
   * handler the connection then closes, after what is queued is out; with it the
   * connection stays half open until it is closed by `ctx.close()`.
   */
  onPeerEnd?: OptionalHandler<[ctx: DispatchContext<UserCommand>]>;

  /**
   * The connection is gone: called exactly once for every reactor whose
   * connection was open, as its last call. Commands to `reactorId` now fail.
   *
   * `reason` is what it was closed with or what ended it; `undefined` if it
   * ended in good order, by this end or by the peer.
   */
  onClose?: OptionalHandler<
    [
      reactorId: ReactorID,
      cmdSender: CmdSender<UserCommand>,
      reason: Error | undefined,
    ]
  >;
}

/** A reactor's hands: its connection, and the commands. The same object in every call for one connection. */
export interface DispatchContext<UserCommand = unknown> {
  /** The reactor's id in its runtime. */
  readonly id: ReactorID;
  /** The addresses and options of the socket. */
  readonly socket: TcpSocket;
  /** What sends for this connection. */
  readonly sender: MsgSender;
  /** Sends commands to the reactors of this runtime. */
  readonly cmdSender: CmdSender<UserCommand>;

  /** See {@linkcode MsgSender.sendOrQueue}. */
  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /** See {@linkcode MsgSender.sendSlice}. */
  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /** See {@linkcode MsgSender.sendNoQueue}. */
  sendNoQueue(bytes: ArrayBufferView): number;

  /**
   * What encodes a message straight into what is sent next: numbers, bytes, text.
   *
   * @returns One that is free, so that none has to be made for each message. It
   * is open until the end of the scope of `using`; see {@linkcode AutoSendBuffer}.
   */
  acquireSend(): AutoSendBuffer;

  /**
   * Closes the connection in good order: what is queued goes out, then FIN, then
   * the peer's FIN is waited for. From now on the reactor hears nothing but
   * `onClose`, with `reason`. May be called from anywhere in this thread; a
   * second call does nothing.
   */
  close(reason?: Error): void;

  /** Closes the connection now and drops what is queued, by a reset where the runtime can. */
  abort(reason?: Error): void;

  /** Stops reading until `resumeReading`, so that the peer has to wait. May be called from anywhere in this thread. */
  pauseReading(): void;

  /**
   * Goes on reading. What was read before the pause is handed out in the next
   * turn; if it is called by the handler of a message of this connection, when
   * that returns. May be called from anywhere in this thread.
   */
  resumeReading(): void;
}

/** The context of {@linkcode Reactor.onReadable}: a {@linkcode DispatchContext} with the reader. */
export interface ReactorReadableContext<UserCommand = unknown>
  extends DispatchContext<UserCommand> {
  /** What turns the bytes that were read into messages. */
  readonly reader: MsgReader;
}

/** What a {@linkcode TcpListenerHandler} sees of its listener. */
export interface TcpListening {
  /** The listener's id in its runtime. */
  readonly id: ReactorID;
  /** Where it listens; the port is the real one. */
  readonly address: Address;
  /** How many connections that it accepted are open. */
  readonly connectionCount: number;
  /**
   * How many connections were dropped so far: because as many were open as
   * `maxConnections` allows, or the handler threw or gave no reactor that can be
   * used. Those that it refused by `null` do not count.
   */
  readonly dropCount: number;
}

/** A connection that a {@linkcode TcpListenerHandler} accepts: its reactor, and options for this connection. */
export interface NewStreamConnection<UserCommand = unknown>
  extends ConnectionOptions {
  /** Serves the connection. */
  readonly reactor: Reactor<UserCommand>;
}

/** Decides who serves the connections of a listener. */
export interface TcpListenerHandler<UserCommand = unknown> {
  /** The listener is bound. Throw to close it. */
  onStartListen?: OptionalHandler<
    [reactorId: ReactorID, cmdSender: CmdSender<UserCommand>]
  >;

  /**
   * A connection came in. Return its reactor, or `null` to drop it. If it throws
   * the connection is dropped; the listener goes on.
   */
  onNewConnection(
    listener: TcpListening,
    socket: TcpSocket,
  ): NewStreamConnection<UserCommand> | null;

  /** The listener is closed; the connections that it accepted are not. Called once, last. `reason` as for `Reactor.onClose`. */
  onCloseListen?: OptionalHandler<
    [
      reactorId: ReactorID,
      cmdSender: CmdSender<UserCommand>,
      reason: Error | undefined,
    ]
  >;
}

/**
 * Sends commands to a runtime. Commands that are due at once are carried out in
 * the order they were sent, in the runtime's next turn; deferred ones in the
 * order of their times, and of sending where these are equal. At most 2^20
 * commands may wait to be completed; what is sent beyond fails with
 * `CommandQueueFullError`, and what is sent to a stopped runtime with
 * `RuntimeStoppedError`. Both have the id {@linkcode INVALID_COMMAND_ID}.
 *
 * No method throws: every failure, a bad address or option included, goes to the
 * completion. An address is read when the command is sent, and if it is bad the
 * command fails at once. All may be called from any handler and from outside.
 */
export interface CmdSender<UserCommand = unknown> {
  /** Connects to `address` and gives the connection to `reactor`. Completed when it is open and `onConnected` has returned. */
  sendConnect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options?: ConnectCommandOptions,
  ): CommandId;

  /** Listens on `address` and gives the listener to `handler`. Completed when it is bound and `onStartListen` has returned. */
  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId;

  /**
   * Closes a reactor in good order, or a listener. Completed when it is closed,
   * after its `onClose`. If the runtime stops before the command is due it is
   * carried out then, and not refused.
   */
  sendClose(reactorId: ReactorID, options?: CloseCommandOptions): CommandId;

  /** Gives `cmd` to the reactor's `onCommand`. Completed when that has returned. */
  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options?: CommandOptions,
  ): CommandId;

  /**
   * Cancels a command that is not carried out yet, or a connect that is under
   * way; its completion gets {@linkcode CommandCancelledError}. False if it is
   * too late or was done before.
   */
  cancel(id: CommandId): boolean;
}
