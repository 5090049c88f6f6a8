/**
 * What users implement, and what their handlers receive: the reactor of a
 * connection, the handler of a listener, the contexts, and the commands. They
 * are in one file because they refer to each other.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import type { DropReason } from "./drops.ts";
import type { TcpSocket } from "./tcp_socket.ts";
import type { StartTlsOptions } from "./options/tls.ts";
import type { AddressLike } from "./address.ts";
import type {
  CloseCommandOptions,
  CommandFor,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
  UserCommandResult,
} from "./command.ts";
import type { AutoSendBuffer } from "./auto_send_buffer.ts";
import type { ListenerHandle } from "./handles.ts";
import type { MsgReader } from "./msg_reader.ts";
import type { MsgSender } from "./msg_sender.ts";
import type { SendCompletion, SendOrQueueResult } from "./send_result.ts";
import type { MessageResult } from "./message_result.ts";
import type { ConnectionOptions } from "./options/connection.ts";
import type { ReactorID, ReactorRef } from "./reactor_id.ts";
import type { ConnectionStats } from "../stats/stats.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/**
 * A handler that may be left out, or given as `undefined`.
 *
 * @category Reactors
 */
export type OptionalHandler<Args extends unknown[], Result = void> =
  // Taken from a method: so a reactor of other commands stays assignable.
  { handler(...args: Args): Result }["handler"] | undefined;

/**
 * The protocol of one connection, implemented by the user of the library.
 *
 * The runtime calls the handlers one at a time, never one inside another, and
 * always in its own thread. Handlers are not awaited; only the sender of a
 * command may wait for the promise of `onCommand`. `onInboundMessage` must not
 * return a promise, since its result is needed at once. A handler that throws
 * closes its own connection, and nothing else, just as `ctx.close(error)` does:
 * queued bytes go out, and `onClose` gets the error. There are only two
 * differences:
 * - A throw is logged, at `LogLevel.Warn`: a line with the peer, the handler, the
 *   error and its place in the program. A `TypeError` or `ReferenceError` is taken
 *   for a bug: the first from each place is logged with its stack, at
 *   `LogLevel.Error`. A runtime logs at most ten such lines a second, then how many
 *   more there were. At `LogLevel.Debug` all stacks are logged.
 * - The error is passed on to the caller that waits for the handler. If
 *   `onConnected` throws, the connect rejects, or its command fails. If
 *   `onCommand` throws, or its promise rejects, the command fails.
 *
 * So throw errors that should not occur, and close with errors that are to be
 * expected.
 *
 * One rule holds for every function that you pass to the library: if it returns a
 * promise that rejects, that counts as if the function had thrown. In a handler or
 * a send completion, this closes the connection. In `onNewConnection` or a factory,
 * it drops the new connection. In `onStartListen`, it closes the listener. Where
 * there is nothing to close, as in the completion of a command or in `onClose`, it
 * is logged. It never ends the process.
 *
 * Any handler may send, close, and send commands to this reactor or to others.
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
 *
 * @category Reactors
 */
export interface Reactor<UserCommand = unknown, Value = unknown> {
  /**
   * The connection is open. Throw to refuse it.
   * @param ctx The context of the connection: the same object in every call.
   * @param listenerId The listener that accepted the connection;
   * {@linkcode INVALID_REACTOR_ID} if this end connected.
   */
  onConnected?: OptionalHandler<
    [ctx: DispatchContext<NoInfer<UserCommand>>, listenerId: ReactorID]
  >;

  /**
   * Bytes of a message came in. Called with the first bytes of a message. If
   * `expectMsgSize(size)` then returned its size, called once more when it is
   * complete; otherwise after every further read.
   *
   * `buf` begins with the message. It holds the bytes read of it (of a long
   * read, at least the first 8 KiB), and maybe bytes of the messages that
   * follow, but never more than `maxMessageSize` bytes. It is valid during the
   * call only: copy (`buf.slice()`) what you want to keep. You may change its
   * bytes, but further calls for this message may or may not see the change. Do
   * not transfer its buffer: that discards everything that was read, and closes
   * the connection unless all of it was dropped.
   *
   * The connection is closed with {@linkcode MessageTooLargeError} if a message of
   * more than `maxMessageSize` bytes is expected, or if that many are there and
   * still more are expected.
   *
   * @param buf The bytes read, from the beginning of the message; see above.
   * @param ctx The context of the connection.
   * @param newBytes How many bytes of `buf` are new since the last call for this
   * message; all of them in the first.
   * @param decodedMsgSize The size that the last call for this message
   * returned; `buf` holds at least that much. 0 if it returned none.
   * @returns What to do with `buf`: made by {@linkcode MessageResult}.
   */
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<NoInfer<UserCommand>>,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult;

  /**
   * Bytes were read. Write this only to replace the default,
   * `ctx.reader.tryReadFastRead(ctx, this)`. What the handler does not take from
   * the reader is kept for the next call.
   *
   * Once `maxMessageSize` bytes are kept, nothing more is read until some of them
   * are taken, here or elsewhere; meanwhile `idleTimeoutMs` keeps running. A handler
   * that takes something and still leaves that many is called again at once.
   *
   * @param ctx The context of the connection, with the reader.
   */
  onReadable?: OptionalHandler<
    [ctx: ReactorReadableContext<NoInfer<UserCommand>>]
  >;

  /**
   * A command was sent to this reactor. Without this handler the command fails
   * with {@linkcode CommandNotSupportedError}.
   * The completion of the command gets what this returns as `value`. If it returns
   * a promise, the command completes when the promise settles. If the promise
   * rejects, the command fails and the connection is closed. If the connection is
   * closed before, the command fails with {@linkcode ConnectionClosedError}. Other
   * commands and messages come in the meantime.
   *
   * @param cmd The command, as it was sent.
   * @param ctx The context of the connection.
   * @returns The value for the sender, if any.
   */
  onCommand?: OptionalHandler<
    [cmd: UserCommand, ctx: DispatchContext<NoInfer<UserCommand>>],
    Value | Promise<Value>
  >;

  /**
   * The peer sent FIN: it sends nothing more, but still receives. Without this
   * handler, the connection then closes once all queued bytes are out. With it,
   * the connection stays half open until `ctx.close()`. If this end has already
   * called `ctx.end()`, the connection closes in either case.
   *
   * @param ctx The context of the connection.
   */
  onPeerEnd?: OptionalHandler<[ctx: DispatchContext<NoInfer<UserCommand>>]>;

  /**
   * Nothing came in for `readIdleTimeoutMs`, or nothing went out for
   * `writeIdleTimeoutMs`. Called again each time that period passes. The connection
   * stays open unless this closes it: send a heartbeat, or give the peer up.
   *
   * @param kind Which of the two.
   * @param ctx The context of the connection.
   */
  onIdle?: OptionalHandler<
    [kind: "read" | "write", ctx: DispatchContext<NoInfer<UserCommand>>]
  >;

  /**
   * The runtime is stopping: finish the work in progress, then call
   * `ctx.close()`. Called once, in a separate turn. Until the connection is
   * closed, messages and commands still come in, so a protocol without an end
   * should refuse new requests from now on. A connection still open after
   * `drainMs` is closed with {@linkcode DrainTimeoutError}.
   *
   * Without this handler, the connection closes once all queued bytes are out,
   * and `onClose` gets a {@linkcode RuntimeStoppedError}.
   *
   * @param ctx The context of the connection.
   */
  onDrain?: OptionalHandler<[ctx: DispatchContext<NoInfer<UserCommand>>]>;

  /**
   * The connection is closed. This is the last call, made exactly once for every
   * reactor whose connection was open. Commands to its id fail from now on.
   *
   * `ctx` still has the addresses and the final statistics, and its `cmdSender`
   * still takes commands, for example to connect again. Sends on it return
   * `Closed`; closing, pausing, resuming and giving credit do nothing.
   *
   * @param reason The reason passed to `close`, or the error that ended it;
   * `undefined` if it ended cleanly, by this end or by the peer.
   * @param ctx The context of the closed connection.
   */
  onClose?: OptionalHandler<
    [reason: Error | undefined, ctx: DispatchContext<NoInfer<UserCommand>>]
  >;
}

/**
 * The context of a reactor: its connection, and the command sender. It is the
 * same object in every call for one connection.
 *
 * @category Reactors
 */
export interface DispatchContext<UserCommand = unknown> {
  /** The reactor's id in its runtime. */
  readonly id: ReactorID<UserCommand>;
  /** The addresses and options of the socket. */
  readonly socket: TcpSocket;
  /** The sender of this connection. */
  readonly sender: MsgSender;
  /** Sends commands to the reactors of this runtime. */
  readonly cmdSender: CmdSender<UserCommand>;

  /**
   * Sends `bytes`, as {@linkcode MsgSender.sendOrQueue} does.
   * @param bytes What to send.
   * @param completion Called once, when they are out or lost with the connection.
   * @returns Whether they are out, queued or refused.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   * @throws {InvalidSliceError} If `bytes` is not a view.
   */
  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends a part of `bytes`, as {@linkcode MsgSender.sendSlice} does: without a
   * copy if it is part of the message being handled.
   *
   * @param bytes What to send a part of.
   * @param start Offset of the first byte, in bytes whatever the type of the view.
   * @param end Offset after the last byte.
   * @param completion Called once, when they are out or lost with the connection.
   * @returns Whether they are out, queued or refused.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   * @throws {InvalidSliceError} If the range is not within `bytes`, or `bytes` is
   * not a view.
   */
  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends what the socket takes at once, as {@linkcode MsgSender.sendNoQueue}
   * does.
   *
   * @param bytes What to send.
   * @returns How many bytes were sent.
   * @throws {InvalidSliceError} If `bytes` is not a view.
   */
  sendNoQueue(bytes: ArrayBufferView): number;

  /**
   * Returns a buffer that encodes a message directly into the send queue:
   * numbers, bytes and text.
   *
   * @returns A buffer, which is reused for later messages. It is open until the
   * end of the scope of its `using`; see {@linkcode AutoSendBuffer}.
   */
  acquireSend(): AutoSendBuffer;

  /**
   * Returns the statistics of the connection; in `onClose`, the final ones. May be
   * called from anywhere in this thread.
   *
   * @returns A copy, which is plain data.
   */
  stats(): ConnectionStats;

  /**
   * Closes the connection gracefully: sends all queued bytes, then FIN, and
   * waits for the peer's FIN. From now on only `onClose` of the reactor is
   * called. May be called from anywhere in this thread; a second call does
   * nothing.
   *
   * @param reason Given to `onClose`. Default `undefined`.
   */
  close(reason?: Error): void;

  /**
   * Ends sending: queued bytes go out, then FIN. Sends return `Closed` from now
   * on. Messages still come in until the peer's FIN closes the connection
   * gracefully, after `onPeerEnd`. If the peer's FIN has already arrived, this
   * closes the connection. May be called from anywhere in this thread; a second
   * call does nothing.
   *
   * It sets no time limit: against a peer that never ends, use `idleTimeoutMs` or
   * `close`.
   */
  end(): void;

  /**
   * Closes the connection now and drops all queued bytes, with a reset where
   * the runtime supports it. May be called from anywhere in this thread, also
   * while the connection is closing.
   *
   * @param reason Given to `onClose`, unless it has a reason already.
   */
  abort(reason?: Error): void;

  /**
   * Stops reading until `resumeReading` or `read`, so that back-pressure
   * reaches the peer. Any credit left is lost. Bytes already read are kept: at
   * most one read and a partial message. May be called from anywhere in this
   * thread.
   */
  pauseReading(): void;

  /**
   * Resumes reading, without a count. Bytes read before the pause are handed
   * out in the next turn, or, if a message handler of this connection calls
   * this, as soon as that returns. May be called from anywhere in this thread.
   */
  resumeReading(): void;

  /**
   * Gives credit: `messageCount` more messages are handed out, then reading
   * pauses as with `pauseReading`. Not one message more is handed out, however
   * many arrive in one read. The credit adds to any that is left. It ends a
   * pause, as `resumeReading` does, and it ends reading without a count. The
   * peer's FIN waits for credit, behind the messages before it.
   *
   * A message counts when its handler drops it, however often the handler was
   * called for it before. A call that drops several counts as one. If a message
   * handler calls this, it is for the messages after that one. If there is an
   * `onReadable`, the reader hands out that many and then nothing. May be called
   * from anywhere in this thread; on a closed connection it does nothing.
   *
   * @param messageCount How many: an integer from 1 to 2^30.
   * @throws {InvalidCreditError} If it is anything else; nothing changes.
   */
  read(messageCount: number): void;

  /**
   * Switches the connection to TLS, as protocols with STARTTLS do. It acts as
   * the server if a listener accepted the connection, and otherwise as the
   * client. Call it in the handler of the message that requests or accepts TLS,
   * after sending the answer.
   *
   * Bytes sent before this call go out first, in plaintext. Bytes sent after it
   * wait for the handshake, and go out encrypted. Until then no message comes
   * in, and no more plaintext is handed out: if there are bytes after the
   * message, the connection is aborted with
   * {@linkcode PlaintextAfterStartTlsError}. If the handshake fails, or takes
   * longer than `handshakeTimeoutMs`, the connection ends with
   * {@linkcode TlsHandshakeError}. Either is logged in one line.
   *
   * May be called from anywhere in this thread, once, and only while neither
   * end has sent FIN. Closing in the meantime finishes the handshake first,
   * since the bytes sent must go out encrypted; aborting does not.
   *
   * @param options The TLS options of a listener or of a connect. Default: those of
   * the listener or the connect, which was set up with `start: "later"`. Servers
   * should use that: their certificate is read once, and `setTls` can renew it.
   * @returns Resolves to the outcome of the handshake, before the next message
   * comes. If the connection ends before that, it rejects with the reason,
   * after `onClose`. You need not await it.
   * @throws {TlsAlreadyStartedError} If it already uses TLS, or is about to.
   * @throws {ConnectionClosedError} If it is closed or closing, or one end has
   * sent FIN.
   * @throws {InvalidCredentialError} If a certificate or key is missing or unusable.
   * @throws {InvalidOptionError} If another option is out of range; or without
   * options, if no TLS was set up with `start: "later"`.
   * @throws {UnsupportedTransportError} If the adapter has no TLS.
   * @example A server that starts TLS on request
   * ```ts
   * import { framed, lines, type TlsListenOptions } from "@reactio/reactio";
   *
   * const newReactor = () =>
   *   framed(lines(), {
   *     onMessage(line, ctx) {
   *       if (line === "STARTTLS" && ctx.socket.tls === undefined) {
   *         ctx.send("220 go ahead");
   *         ctx.startTls();
   *       } else {
   *         ctx.send(`250 in ${ctx.socket.tls?.version ?? "plain"}`);
   *       }
   *     },
   *   });
   * const listenOptions = (tls: TlsListenOptions) => ({
   *   tls: { ...tls, start: "later" } as const,
   * });
   * ```
   */
  startTls(options?: StartTlsOptions): Promise<TlsInfo>;

  /**
   * Calls `callback` once, after `delayMs`, as `ReactRuntime.after` does. The call
   * belongs to the connection. Once that is closed, by whichever end, its calls are
   * cancelled, and new ones are never made. If the callback throws, or its promise
   * rejects, the connection is closed as if a handler had thrown.
   *
   * @param delayMs Milliseconds from now, which may be fractional; 0 is the next
   * turn.
   * @param callback What to call.
   * @returns The scheduled call, which can be cancelled.
   * @throws {InvalidOptionError} If `delayMs` is not a finite number of 0 or more.
   * @throws {InvalidCallbackError} If `callback` is not a function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending in
   * the runtime.
   */
  after(delayMs: number, callback: () => void): ScheduledCall;

  /**
   * Calls `callback` every `intervalMs` from now on, until it is cancelled or the
   * connection closes. Otherwise as {@linkcode DispatchContext.after}. Calls missed
   * because the thread was busy are skipped.
   *
   * @param intervalMs Milliseconds, which may be fractional.
   * @param callback What to call.
   * @returns The scheduled calls, which can be cancelled.
   * @throws {InvalidOptionError} If `intervalMs` is not a finite number of 1 or more.
   * @throws {InvalidCallbackError} If `callback` is not a function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending in
   * the runtime.
   */
  every(intervalMs: number, callback: () => void): ScheduledCall;

  /**
   * Watches work that continues after the handler has returned, such as waiting
   * for an answer. If it rejects, this connection is closed just as if the
   * handler had thrown. It has no other effect. May be called from anywhere in
   * this thread, and does not throw.
   *
   * @param work A promise. It is not awaited; messages keep coming in.
   */
  watch(work: PromiseLike<unknown>): void;
}

/**
 * The context of {@linkcode Reactor.onReadable}: a {@linkcode DispatchContext}
 * with the reader.
 *
 * @category Reactors
 */
export interface ReactorReadableContext<UserCommand = unknown>
  extends DispatchContext<UserCommand> {
  /** Turns the bytes that were read into messages. */
  readonly reader: MsgReader;
}

/**
 * A listener, as its {@linkcode TcpListenerHandler} sees it: the same object in
 * every call.
 *
 * @category Reactors
 */
export interface ListenerContext<UserCommand = unknown> extends ListenerHandle {
  /** Sends commands to the reactors of this runtime. */
  readonly cmdSender: CmdSender<UserCommand>;
}

/**
 * A connection that a {@linkcode TcpListenerHandler} accepts: its reactor, and the
 * options of this connection.
 *
 * @category Reactors
 */
export interface AcceptedConnection<UserCommand = unknown>
  extends ConnectionOptions {
  /** Serves the connection. */
  readonly reactor: Reactor<UserCommand>;
}

/**
 * Decides who serves the connections of a listener.
 *
 * @category Reactors
 */
export interface TcpListenerHandler<UserCommand = unknown> {
  /**
   * A further handshake of each connection, after its PROXY header and TLS, and
   * before `onNewConnection` is called. Until then the connection counts towards
   * the limits, and no handler sees it. Read once, when the listener is bound.
   * Without it, reactors get everything from the first byte on.
   */
  readonly upgrade?: Upgrade | undefined;

  /**
   * The listener is bound. Throw to close it.
   * @param listener The context of the listener: the same object in every call.
   */
  onStartListen?: OptionalHandler<[listener: ListenerContext<UserCommand>]>;

  /**
   * A connection came in, and no limit of the listener drops it. If this throws,
   * the connection is dropped, and the listener goes on.
   *
   * @param listener The context of the listener that accepted it.
   * @param socket The socket of the connection, which is `ctx.socket` for its
   * reactor. Options that you set on it here take precedence over all others.
   * @returns The reactor that serves it, with options for this connection; or
   * `null` to drop it.
   */
  onNewConnection(
    listener: ListenerContext<UserCommand>,
    socket: TcpSocket,
  ): AcceptedConnection<UserCommand> | null;

  /**
   * A connection was dropped: it has been closed, and counted in
   * {@linkcode ListenerHandle.dropCounts}. If this throws, or its promise rejects,
   * the error is logged.
   *
   * @param reason Why.
   * @param remoteAddress The peer's address, if the runtime reports it.
   * @param listener The context of the listener that dropped it.
   * @param error The error: with `handshakeFailed` a `TlsHandshakeError`, or
   * the error of the upgrade; with `handlerFailed` the error that
   * `onNewConnection` threw; with `noRoom` a `ResourcesExhaustedError`; with
   * `proxyUntrusted` an `UntrustedProxyError`, and with the other reasons that
   * begin with `proxy` the error of the header. Undefined with all other
   * reasons.
   */
  onDrop?: OptionalHandler<
    [
      reason: DropReason,
      remoteAddress: SocketAddress,
      listener: ListenerContext<UserCommand>,
      error?: Error,
    ]
  >;

  /**
   * The listener is closed; the connections that it accepted are not. Called once,
   * as its last call.
   *
   * @param reason What it was closed with, or what ended it; `undefined` if it
   * ended cleanly.
   * @param listener The context of the closed listener.
   */
  onCloseListen?: OptionalHandler<
    [reason: Error | undefined, listener: ListenerContext<UserCommand>]
  >;
}

/**
 * Sends commands to a runtime. Immediate commands are executed in the order they
 * were sent, in the runtime's next turn. Deferred ones are executed in the order of
 * their times, and of sending where the times are equal. At most 2^20 commands may
 * be waiting to complete; further ones fail with `CommandQueueFullError`. Commands
 * to a stopped runtime fail with `RuntimeStoppedError`. Both kinds get the id
 * {@linkcode INVALID_COMMAND_ID}.
 *
 * No method throws: every failure goes to the completion, including that of a bad
 * address or option. The address is read when the command is sent; if it is bad,
 * the command fails at once. All methods may be called from any handler and from
 * outside.
 *
 * @category Commands
 */
export interface CmdSender<UserCommand = unknown> {
  /**
   * Connects to `address`. Completed when the connection is open and
   * `onConnected` has returned.
   *
   * @param address Where to connect.
   * @param reactor Serves the connection.
   * @param options When, how, and the completion.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendConnect<Cmd extends UserCommand = UserCommand, Value = unknown>(
    address: AddressLike,
    reactor: Reactor<Cmd, Value>,
    options?: ConnectCommandOptions<Cmd, Value>,
  ): CommandId;

  /**
   * Listens on `address`. Completed when the listener is bound and `onStartListen`
   * has returned.
   * @param address Where to listen; port 0 lets the operating system choose.
   * @param handler Decides who serves its connections.
   * @param options When, how, and the completion.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId;

  /**
   * Closes a reactor gracefully, or a listener. Completed when it is closed,
   * after its `onClose`. If the runtime stops before the command is due, it is
   * executed then rather than refused.
   *
   * @param target The reactor or listener.
   * @param options When, how, and the completion.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId;

  /**
   * Passes a command to a reactor's `onCommand`. Completed with the value when
   * that has returned, or when the promise that it returned has settled.
   * Without a completion, the promise is not awaited.
   *
   * @param target The reactor. If its type says which commands it takes, the type
   * checker refuses others.
   * @param cmd The command; it is not copied.
   * @param options When, and the completion.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendUserCmd<Taken = unknown, Value = unknown>(
    target: ReactorRef<Taken, Value>,
    cmd: CommandFor<NoInfer<Taken>, UserCommand>,
    options?: CommandOptions<UserCommandResult<NoInfer<Value>>>,
  ): CommandId;

  /**
   * Cancels a command that has not been executed yet, or a connect in progress.
   * Its completion gets {@linkcode CommandCancelledError}.
   *
   * @param id What a method of this sender returned.
   * @returns False if it is too late, or it was cancelled before.
   */
  cancel(id: CommandId): boolean;
}
