/**
 * What users write, and what their handlers are given: the reactor of a
 * connection, the handler of a listener, the contexts, and the commands. They are
 * in one file since each names the others.
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
 * What a user writes: the protocol of one connection.
 *
 * The runtime calls the handlers one at a time, never one inside another, and
 * always in the thread of the runtime. Handlers are not awaited; only the
 * sender of a command may wait for the promise of `onCommand`.
 * `onInboundMessage`, whose result is needed at once, must not return a promise.
 *
 * A handler that throws closes its own connection, and nothing else, exactly as
 * `ctx.close(error)` does: what is queued goes out, and `onClose` gets the error.
 * A throw differs in two things only:
 *
 * - It is logged, at `LogLevel.Warn`: a line with the peer, the handler, the error
 *   and its place in the program. A `TypeError` or `ReferenceError` is taken for
 *   a bug, and has its stack in the log, at `LogLevel.Error`, the first time that
 *   it comes from its place. A runtime logs at most ten such lines a second, and
 *   then how many more there were; at `LogLevel.Debug` all stacks are logged.
 * - Whoever waits for the handler hears of it: if `onConnected` throws, the
 *   connect rejects, or its command fails; if `onCommand` throws, or its promise
 *   rejects, the command fails.
 *
 * So throw what should not have happened, and close with what is expected.
 *
 * One rule holds for every function that is given to the library: a promise
 * that it returns and that rejects is treated as if the function had thrown. A
 * handler or a send completion closes its connection, `onNewConnection` or a
 * factory drops the one that came in, `onStartListen` closes its listener, and
 * what has nothing to close, such as the completion of a command or `onClose`,
 * is logged. It never ends the process.
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
 *
 * @category Reactors
 */
export interface Reactor<UserCommand = unknown, Value = unknown> {
  /**
   * The connection is open. Throw to refuse it.
   *
   * @param ctx The connection, and the commands: the same object in every call.
   * @param listenerId The listener that accepted the connection;
   * {@linkcode INVALID_REACTOR_ID} if this end connected.
   */
  onConnected?: OptionalHandler<
    [ctx: DispatchContext<NoInfer<UserCommand>>, listenerId: ReactorID]
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
   * which as many are there, closes the connection with
   * {@linkcode MessageTooLargeError}.
   *
   * @param buf What was read from the beginning of the message on; see above.
   * @param ctx The connection, and the commands.
   * @param newBytes How many bytes of `buf` were not in it at the last call for
   * this message; all of them if this is the first.
   * @param decodedMsgSize The size that the last call for this message expected,
   * and then `buf` holds at least as much; 0 if none was given.
   * @returns What to do with `buf`: made by {@linkcode MessageResult}.
   */
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<NoInfer<UserCommand>>,
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
   *
   * @param ctx The connection, the commands, and the reader.
   */
  onReadable?: OptionalHandler<
    [ctx: ReactorReadableContext<NoInfer<UserCommand>>]
  >;

  /**
   * A command was sent to this reactor. Without this handler the command fails
   * with {@linkcode CommandNotSupportedError}.
   *
   * What it returns, the completion of the command gets as `value`. If it returns
   * a promise, the command is completed when that is settled: it fails if the
   * promise rejects, as the connection does, and with
   * {@linkcode ConnectionClosedError} if the connection is closed before. Other
   * commands and messages come meanwhile.
   *
   * @param cmd The command, as it was sent.
   * @param ctx The connection, and the commands.
   * @returns What the sender is to know; `undefined` if that is nothing.
   */
  onCommand?: OptionalHandler<
    [cmd: UserCommand, ctx: DispatchContext<NoInfer<UserCommand>>],
    Value | Promise<Value>
  >;

  /**
   * The peer sent FIN: it sends no more, but still receives. Without this
   * handler the connection then closes, after what is queued is out; with it the
   * connection stays half open until it is closed by `ctx.close()`. If this end
   * has sent all it had before, by `ctx.end()`, it closes in either case.
   *
   * @param ctx The connection, and the commands.
   */
  onPeerEnd?: OptionalHandler<[ctx: DispatchContext<NoInfer<UserCommand>>]>;

  /**
   * Nothing came in for `readIdleTimeoutMs`, or nothing went out for
   * `writeIdleTimeoutMs`; called again after as much time. The connection stays
   * open unless this closes it: send a heartbeat, or give the peer up.
   *
   * @param kind Which of the two.
   * @param ctx The connection, and the commands.
   */
  onIdle?: OptionalHandler<
    [kind: "read" | "write", ctx: DispatchContext<NoInfer<UserCommand>>]
  >;

  /**
   * The runtime is being stopped: finish what is under way, then
   * `ctx.close()`. Called once, in a turn of its own; until the connection is
   * closed, messages and commands come as before. A protocol that goes on for
   * ever takes no new requests from then on. What is open after `drainMs` is
   * closed with {@linkcode DrainTimeoutError}.
   *
   * Without this handler the connection closes, after what is queued is out, and
   * `onClose` gets a {@linkcode RuntimeStoppedError}.
   *
   * @param ctx The connection, and the commands.
   */
  onDrain?: OptionalHandler<[ctx: DispatchContext<NoInfer<UserCommand>>]>;

  /**
   * The connection is gone: called exactly once for every reactor whose
   * connection was open, as its last call. Commands to its id now fail.
   *
   * `ctx` still tells addresses and final counts, and its `cmdSender` still
   * takes commands, to connect anew for instance. Sends on it return `Closed`;
   * closing, pausing, resuming and giving credit do nothing.
   *
   * @param reason What it was closed with or what ended it; `undefined` if it
   * ended in good order, by this end or by the peer.
   * @param ctx The connection that is gone, and the commands.
   */
  onClose?: OptionalHandler<
    [reason: Error | undefined, ctx: DispatchContext<NoInfer<UserCommand>>]
  >;
}

/**
 * A reactor's hands: its connection, and the commands. The same object in every
 * call for one connection.
 *
 * @category Reactors
 */
export interface DispatchContext<UserCommand = unknown> {
  /** The reactor's id in its runtime. */
  readonly id: ReactorID<UserCommand>;
  /** The addresses and options of the socket. */
  readonly socket: TcpSocket;
  /** What sends for this connection. */
  readonly sender: MsgSender;
  /** Sends commands to the reactors of this runtime. */
  readonly cmdSender: CmdSender<UserCommand>;

  /**
   * Sends `bytes`, as {@linkcode MsgSender.sendOrQueue} does.
   *
   * @param bytes What to send.
   * @param completion Called once they are out, or lost with the connection.
   * @returns Whether they are out, queued or refused.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   * @throws {InvalidSliceError} If `bytes` is no view.
   */
  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult;

  /**
   * Sends a part of `bytes`, as {@linkcode MsgSender.sendSlice} does: without a
   * copy if that is the message in hand.
   *
   * @param bytes What to send a part of.
   * @param start Offset of the first byte, whatever numbers the view shows.
   * @param end Offset behind the last one.
   * @param completion Called once they are out, or lost with the connection.
   * @returns Whether they are out, queued or refused.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   * @throws {InvalidSliceError} If the bytes do not lie within `bytes`, or that is
   * no view.
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
   * @throws {InvalidSliceError} If `bytes` is no view.
   */
  sendNoQueue(bytes: ArrayBufferView): number;

  /**
   * What encodes a message straight into what is sent next: numbers, bytes, text.
   *
   * @returns One that is free, so that none has to be made for each message. It
   * is open until the end of the scope of `using`; see {@linkcode AutoSendBuffer}.
   */
  acquireSend(): AutoSendBuffer;

  /**
   * What the connection has counted so far, and how it is now. May be called from
   * anywhere in this thread; in `onClose` it tells what there was in all.
   *
   * @returns A copy, which is plain data.
   */
  stats(): ConnectionStats;

  /**
   * Closes the connection in good order: what is queued goes out, then FIN, then
   * the peer's FIN is waited for. From now on the reactor hears nothing but
   * `onClose`. May be called from anywhere in this thread; a second call does
   * nothing.
   *
   * @param reason Given to `onClose`. Default `undefined`.
   */
  close(reason?: Error): void;

  /**
   * Ends sending: what is queued goes out, then FIN; sends return `Closed` from
   * now on. Messages still come in, until the peer's FIN closes the connection in
   * good order, after `onPeerEnd`; if that has come already, this closes it. May
   * be called from anywhere in this thread; a second call does nothing.
   *
   * It sets no time limit: a peer that never ends is for `idleTimeoutMs`, or for
   * `close`.
   */
  end(): void;

  /**
   * Closes the connection now and drops what is queued, by a reset where the
   * runtime can. May be called from anywhere in this thread, also of a connection
   * that is closing.
   *
   * @param reason Given to `onClose`, unless there is one already.
   */
  abort(reason?: Error): void;

  /**
   * Stops reading until `resumeReading` or `read`, so that the peer has to wait;
   * what was left of the credit is forgotten. What was read already stays where
   * it is: at most one read, and what there was of a message. May be called from
   * anywhere in this thread.
   */
  pauseReading(): void;

  /**
   * Goes on reading, without a count. What was read before the pause is handed
   * out in the next turn; if it is called by the handler of a message of this
   * connection, when that returns. May be called from anywhere in this thread.
   */
  resumeReading(): void;

  /**
   * Gives credit: `messageCount` more messages are handed out, then reading
   * pauses as by `pauseReading`, and not one message later, however many one read
   * has brought. What is left of earlier credit counts on top. Ends a pause, as
   * `resumeReading` does; ends reading without a count. The peer's FIN waits for
   * credit behind the messages before it.
   *
   * A message counts when its handler drops it, whatever the handler is called
   * for it before; one call that drops several counts as one. Called by the
   * handler of a message, it is for the messages after that one. If there is an
   * `onReadable`, the reader hands out as many and then nothing. May be called
   * from anywhere in this thread; when the connection is closed it does nothing.
   *
   * @param messageCount How many: an integer from 1 to 2^30.
   * @throws {InvalidCreditError} If it is something else: nothing has changed.
   */
  read(messageCount: number): void;

  /**
   * Has the connection speak TLS from now on, as protocols with STARTTLS do: as a
   * server if a listener has accepted it, else as a client. To be called by the
   * handler of the message that asks for it, or that agrees to it, when the answer
   * was sent.
   *
   * What was sent before this call goes out in plain first; what is sent after it
   * waits for the handshake, and goes out in TLS. Until then no message comes, and
   * nothing that was received in plain is handed out any more: if there are bytes
   * behind the message, the connection is aborted with
   * {@linkcode PlaintextAfterStartTlsError}. If the handshake fails, or takes longer
   * than `handshakeTimeoutMs`, the connection ends with
   * {@linkcode TlsHandshakeError}. Each of the two costs a line of log.
   *
   * May be called from anywhere in this thread, once, and only while neither end
   * has ended. Closing meanwhile finishes the handshake first, since what was sent
   * is to go out in TLS; aborting does not.
   *
   * @param options The TLS, as for a listen, or as for a connect. Default: that of
   * the listener or the connect, which was set up with `start: "later"`. Servers
   * should do that: their certificate is read once, and can be renewed by `setTls`.
   * @returns Resolves to what the handshake has agreed on, before the next message
   * comes. If the connection ends before, it rejects with the reason, after
   * `onClose`. It need not be awaited.
   * @throws {TlsAlreadyStartedError} If it has TLS, or is about to.
   * @throws {ConnectionClosedError} If it is closed or closing, or one end has ended.
   * @throws {InvalidCredentialError} If a certificate or key is missing, or cannot
   * be used.
   * @throws {InvalidOptionError} If another option is outside its range; or without
   * options, if no TLS was set up with `start: "later"`.
   * @throws {UnsupportedTransportError} If the adapter has no TLS.
   *
   * @example A server that speaks TLS when it is asked to
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
   * Makes a call once, when `delayMs` have passed, as `ReactRuntime.after` does.
   * It belongs to the connection: from the moment that closes, whoever closes it,
   * its calls are cancelled, and what is scheduled then is not pending from the
   * beginning. If the call throws, or its promise rejects, the connection is closed
   * as by a handler.
   *
   * @param delayMs Milliseconds from now, with fractions if you like; 0 is the next
   * turn.
   * @param callback The call.
   * @returns The call, to be cancelled.
   * @throws {InvalidOptionError} If `delayMs` is not a finite number from 0 up.
   * @throws {InvalidCallbackError} If `callback` is no function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending in
   * the runtime.
   */
  after(delayMs: number, callback: () => void): ScheduledCall;

  /**
   * Makes a call again and again, each `intervalMs` from now on, until it is
   * cancelled or the connection closes; else as {@linkcode DispatchContext.after}.
   * Calls that were missed because the thread was held up are left out.
   *
   * @param intervalMs Milliseconds, with fractions if you like.
   * @param callback The call.
   * @returns The calls, to be cancelled.
   * @throws {InvalidOptionError} If `intervalMs` is not a finite number from 1 up.
   * @throws {InvalidCallbackError} If `callback` is no function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending in
   * the runtime.
   */
  every(intervalMs: number, callback: () => void): ScheduledCall;

  /**
   * Looks after work that goes on when the handler has returned, such as an
   * answer that has to be waited for. If it rejects, this connection is closed
   * exactly as if the handler had thrown; nothing else is done with it. May be
   * called from anywhere in this thread, and does not throw.
   *
   * @param work A promise; not awaited, and messages go on coming in meanwhile.
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
  /** What turns the bytes that were read into messages. */
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
 * A connection that a {@linkcode TcpListenerHandler} accepts: its reactor, and
 * options for this connection.
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
   * What each connection goes through, behind its PROXY header and TLS if there
   * are any, before `onNewConnection` hears of it. Until then it counts for the
   * limits, and is told to nobody. Read once, when the listener is bound. Left out
   * if there is nothing: what is said is for the reactors from its first byte.
   */
  readonly upgrade?: Upgrade | undefined;

  /**
   * The listener is bound. Throw to close it.
   *
   * @param listener The listener, and the commands: the same object in every call.
   */
  onStartListen?: OptionalHandler<[listener: ListenerContext<UserCommand>]>;

  /**
   * A connection came in, and no limit of the listener drops it. If this throws
   * the connection is dropped, and the listener goes on.
   *
   * @param listener The listener that accepted it, and the commands.
   * @param socket The socket of the connection: the object that is `ctx.socket`
   * for its reactor. What is set of it here stays, whatever the options say.
   * @returns The reactor that serves it, with options for this connection; or
   * `null` to drop it.
   */
  onNewConnection(
    listener: ListenerContext<UserCommand>,
    socket: TcpSocket,
  ): AcceptedConnection<UserCommand> | null;

  /**
   * A connection was dropped: it has been closed, and counted by
   * {@linkcode ListenerHandle.dropCounts}. What this throws, or rejects with, is
   * logged.
   *
   * @param reason Why.
   * @param remoteAddress Whose it was, if the runtime tells.
   * @param listener The listener that dropped it, and the commands.
   * @param error Of `handshakeFailed`, why: a `TlsHandshakeError`, or what an
   * upgrade fails with.
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
   * The listener is closed; the connections that it accepted are not. Called
   * once, last.
   *
   * @param reason What it was closed with or what ended it; `undefined` if it
   * ended in good order.
   * @param listener The listener that is gone, and the commands.
   */
  onCloseListen?: OptionalHandler<
    [reason: Error | undefined, listener: ListenerContext<UserCommand>]
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
   * @param options When, how, and who is told.
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
   *
   * @param address Where to listen; port 0 lets the system choose.
   * @param handler Decides who serves its connections.
   * @param options When, how, and who is told.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId;

  /**
   * Closes a reactor in good order, or a listener. Completed when it is closed,
   * after its `onClose`. If the runtime stops before the command is due it is
   * executed then, and not refused.
   *
   * @param target The reactor or listener.
   * @param options When, how, and who is told.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId;

  /**
   * Gives a command to a reactor's `onCommand`. Completed when that has returned,
   * or the promise that it returned is settled, with the value. Nobody waits for
   * the promise if there is no completion.
   *
   * @param target The reactor. If its type tells which commands it takes, others
   * are an error to the type checker.
   * @param cmd The command; it is not copied.
   * @param options When, and who is told.
   * @returns The command, for {@linkcode CmdSender.cancel}.
   */
  sendUserCmd<Taken = unknown, Value = unknown>(
    target: ReactorRef<Taken, Value>,
    cmd: CommandFor<NoInfer<Taken>, UserCommand>,
    options?: CommandOptions<UserCommandResult<NoInfer<Value>>>,
  ): CommandId;

  /**
   * Cancels a command that is not executed yet, or a connect that is under way;
   * its completion gets {@linkcode CommandCancelledError}.
   *
   * @param id What a method of this sender returned.
   * @returns False if it is too late, or was done before.
   */
  cancel(id: CommandId): boolean;
}
