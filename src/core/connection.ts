import type {
  Socket,
  SocketEvents,
  SocketFailure,
  TcpSocket,
} from "../adapters/adapter.ts";
import { formatAddress } from "../address.ts";
import type { CmdSender } from "../cmd_sender.ts";
import {
  CloseTimeoutError,
  ConnectionClosedError,
  ConnectionResetError,
  IdleTimeoutError,
  TruncatedMessageError,
} from "../errors.ts";
import { AutoSendBuffer } from "../io/auto_send_buffer.ts";
import type { BufferPool } from "../io/buffer_pool.ts";
import { MsgReader } from "../io/msg_reader.ts";
import {
  MsgSender,
  type MsgSenderHost,
  type SendCompletion,
  type SendOrQueueResult,
} from "../io/msg_sender.ts";
import type { ConnectionSettings } from "../options.ts";
import type { Reactor, ReactorReadableContext } from "../reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../reactor_id.ts";
import { logError, logTrace } from "../util/log.ts";
import { watchPromise } from "../util/promises.ts";
import { toError } from "./failures.ts";
import { Timeout, type TurnLoop } from "./turn_loop.ts";

/** What a connection asks of its runtime. */
export interface ConnectionHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly pool: BufferPool;
  readonly borrowsWrites: boolean;
  /** `connection` is gone; its id must find nothing from now on. */
  remove(connection: Connection<UserCommand>): void;
}

/** `Open` until somebody closes it; `Closing` until the socket is gone. */
const Phase = { Open: 0, Closing: 1, Closed: 2 } as const;
type Phase = typeof Phase[keyof typeof Phase];

/**
 * One connection: takes the events of its socket, runs the handlers of its
 * reactor, and is the context that they get.
 */
export class Connection<UserCommand>
  implements ReactorReadableContext<UserCommand>, SocketEvents, MsgSenderHost {
  reactorId = INVALID_REACTOR_ID;
  readonly reader: MsgReader;
  readonly sender: MsgSender;

  readonly #host: ConnectionHost<UserCommand>;
  readonly #socket: Socket;
  readonly #reactor: Reactor<UserCommand>;
  readonly #settings: ConnectionSettings;

  #phase: Phase = Phase.Open;
  #reason: Error | undefined = undefined;
  #onClosed: (() => void)[] | undefined = undefined;

  /** A handler of this reactor runs; what it sends is flushed when it is done. */
  #inHandler = false;
  /** Inbound messages are being handed out. */
  #isReading = false;
  #isFlushPending = false;
  #isPausedByUser = false;
  #isPausedByQueue = false;
  #isResumePending = false;
  #peerEnded = false;
  #finSent = false;

  #timeout: Timeout | undefined = undefined;
  /** When bytes last came in or went out. */
  #lastProgress = 0;
  #bytesSentSeen = 0;

  constructor(
    host: ConnectionHost<UserCommand>,
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
  ) {
    this.#host = host;
    this.#socket = socket;
    this.#reactor = reactor;
    this.#settings = settings;
    this.reader = new MsgReader(host.pool, settings);
    this.sender = new MsgSender(
      socket,
      host.borrowsWrites,
      host.pool,
      settings,
      this,
    );
  }

  // What handlers see of it.

  get socket(): TcpSocket {
    return this.#socket;
  }

  get cmdSender(): CmdSender<UserCommand> {
    return this.#host.cmdSender;
  }

  sendOrQueue(
    bytes: Uint8Array,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendOrQueue(bytes, completion);
  }

  sendSlice(
    bytes: Uint8Array,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendSlice(bytes, start, end, completion);
  }

  sendNoQueue(bytes: Uint8Array): number {
    return this.sender.sendNoQueue(bytes);
  }

  acquireSend(): AutoSendBuffer {
    return new AutoSendBuffer(this.sender, this.#host.pool);
  }

  close(reason?: Error): void {
    if (this.#phase !== Phase.Open) return;
    this.#beginClosing(reason);
    const isUpToUs = this.#peerEnded && this.sender.bytesQueued === 0;
    if (isUpToUs) this.#stopTimeout();
    else this.#limitTime(this.#settings.closeTimeoutMs);
    this.#socket.resume();
    this.onSendPending();
  }

  abort(reason?: Error): void {
    if (this.#phase === Phase.Closed) return;
    if (this.#phase === Phase.Open) this.#beginClosing(reason);
    this.#reason ??= reason ?? this.#unsent();
    this.#socket.destroy();
  }

  pauseReading(): void {
    this.#isPausedByUser = true;
    this.#pause();
  }

  resumeReading(): void {
    this.#isPausedByUser = false;
    this.#resume();
  }

  // What the runtime asks of it.

  /** Begins to serve the socket; returns what `onConnected` threw. */
  start(listenerId: ReactorID): Error | undefined {
    this.#socket.setNoDelay(this.#settings.noDelay);
    if (this.#settings.keepAlive) this.#socket.setKeepAlive(true);
    if (this.#settings.idleTimeoutMs > 0) {
      this.#lastProgress = this.#host.loop.now();
      this.#limitTime(this.#settings.idleTimeoutMs);
    }
    this.#socket.start(this);
    const refusal = this.#handle(
      "onConnected",
      () => this.#reactor.onConnected?.(this, listenerId),
    );
    this.flush();
    return refusal;
  }

  /** True if the reactor takes commands. */
  get takesCommands(): boolean {
    return this.#reactor.onCommand !== undefined;
  }

  /** True once it is closing or closed. */
  get isClosing(): boolean {
    return this.#phase !== Phase.Open;
  }

  /** Gives `cmd` to the reactor; returns what it threw. */
  command(cmd: UserCommand): Error | undefined {
    this.#inHandler = true;
    try {
      const result: unknown = this.#reactor.onCommand?.(cmd, this);
      if (result !== undefined) {
        watchPromise(result, (thrown) => this.#failed("onCommand", thrown));
      }
      return undefined;
    } catch (thrown) {
      return this.#failed("onCommand", thrown);
    } finally {
      this.#inHandler = false;
      if (this.#isFlushPending) this.#host.loop.flushLater(this);
    }
  }

  /** Calls back when it is closed, after the reactor's `onClose`. */
  whenClosed(callback: () => void): void {
    (this.#onClosed ??= []).push(callback);
  }

  /** Hands out what a pause left, writes what is queued, and calls completions. */
  flush(): void {
    if (this.#isResumePending) this.#handOutHeld();
    this.#isFlushPending = false;
    this.sender.flush();
    if (this.#timeout !== undefined) this.#noteSent();
    this.sender.settle();
    if (
      this.#phase === Phase.Closing && !this.#finSent &&
      this.sender.bytesQueued === 0
    ) {
      this.#finSent = true;
      this.#socket.shutdownWrite();
    }
  }

  // What its sender asks of it.

  onSendPending(): void {
    if (this.#isFlushPending || this.#phase === Phase.Closed) return;
    this.#isFlushPending = true;
    if (!this.#inHandler) this.#host.loop.flushLater(this);
  }

  onHighWaterMark(): void {
    if (!this.#isReading) return;
    this.#isPausedByQueue = true;
    this.#pause();
  }

  onSendFailed(error: Error): void {
    this.abort(error);
  }

  onCompletionThrew(thrown: unknown): void {
    this.#failed("a send completion", thrown);
  }

  defer(callback: () => void): void {
    this.#host.loop.defer(callback);
  }

  // What its socket reports.

  onData(buffer: Uint8Array, length: number): void {
    this.#host.loop.onSocketEvent();
    if (this.#phase !== Phase.Open) return;
    if (this.#timeout !== undefined) this.#lastProgress = this.#host.loop.now();
    this.reader.receive(buffer, length);
    this.#read();
    this.flush();
  }

  onWritable(): void {
    this.#host.loop.onSocketEvent();
    if (this.#phase === Phase.Closed) return;
    this.sender.onWritable();
    if (
      this.#isPausedByQueue &&
      this.sender.bytesQueued <= this.#settings.sendLowWaterMark
    ) {
      this.#isPausedByQueue = false;
      this.#resume();
    }
    this.flush();
  }

  onEnd(): void {
    this.#host.loop.onSocketEvent();
    this.#peerEnded = true;
    if (this.#phase !== Phase.Open) return;
    if (this.#reactor.onPeerEnd !== undefined) {
      this.#handle("onPeerEnd", () => this.#reactor.onPeerEnd?.(this));
    } else {
      this.close(this.#truncation());
    }
    this.flush();
  }

  onClose(failure?: SocketFailure): void {
    this.#host.loop.onSocketEvent();
    const wasOpen = this.#phase === Phase.Open;
    if (failure !== undefined || (wasOpen && !this.#peerEnded)) {
      this.#reason ??= this.#connectionLost(failure);
    }
    this.#beginClosing(this.#reason);
    this.#phase = Phase.Closed;
    this.#host.remove(this);
    logTrace("reactor", this.reactorId, "closed:", this.#reason ?? "done");
    this.#failSends();
    this.#handle("onClose", () =>
      this.#reactor.onClose?.(
        this.reactorId,
        this.#host.cmdSender,
        this.#reason,
      ));
    for (const callback of this.#onClosed ?? []) callback();
  }

  /** Runs a handler of the reactor, which closes the connection if it throws; returns what it threw. */
  #handle(name: string, handler: () => unknown): Error | undefined {
    this.#inHandler = true;
    try {
      watchPromise(handler(), (thrown) => this.#failed(name, thrown));
      return undefined;
    } catch (thrown) {
      return this.#failed(name, thrown);
    } finally {
      this.#inHandler = false;
      if (this.#isFlushPending) this.#host.loop.flushLater(this);
    }
  }

  #failed(name: string, thrown: unknown): Error {
    const error = toError(thrown, name);
    logError(`reactor ${this.reactorId}: ${name} threw:`, error);
    this.close(error);
    return error;
  }

  #read(): void {
    this.#inHandler = this.#isReading = true;
    try {
      if (this.#reactor.onReadable === undefined) {
        this.reader.tryReadFastRead(this, this.#reactor);
      } else {
        this.#readByHandler();
      }
    } catch (thrown) {
      this.#failed(
        this.#reactor.onReadable === undefined
          ? "onInboundMessage"
          : "onReadable",
        thrown,
      );
    }
    this.#inHandler = this.#isReading = false;
    this.reader.retain();
  }

  #readByHandler(): void {
    watchPromise(
      this.#reactor.onReadable?.(this),
      (thrown) => this.#failed("onReadable", thrown),
    );
  }

  #handOutHeld(): void {
    this.#isResumePending = false;
    if (this.#phase !== Phase.Open || this.#isPaused) return;
    this.reader.halted = false;
    if (this.reader.bytesInBuffer() > 0) this.#read();
    if (!this.#isPaused) this.#socket.resume();
  }

  get #isPaused(): boolean {
    return this.#isPausedByUser || this.#isPausedByQueue;
  }

  #pause(): void {
    if (this.#phase !== Phase.Open) return;
    this.reader.halted = true;
    this.#socket.pause();
  }

  /** Reading goes on in the next flush, not inside the call that resumes. */
  #resume(): void {
    if (this.#phase !== Phase.Open) return;
    if (this.#timeout !== undefined) this.#lastProgress = this.#host.loop.now();
    if (this.#isPaused) return;
    this.#isResumePending = true;
    this.onSendPending();
  }

  #beginClosing(reason: Error | undefined): void {
    if (this.#phase !== Phase.Open) return;
    this.#phase = Phase.Closing;
    this.#reason = reason;
    this.reader.halted = true;
    this.reader.clear();
    this.sender.close();
  }

  #failSends(): void {
    this.#stopTimeout();
    this.sender.fail(this.#reason);
  }

  /** Arms the one timeout of the connection: idle time while open, time without progress while closing. */
  #limitTime(delayMs: number): void {
    this.#timeout ??= new Timeout(() => this.#onTimeout());
    this.#host.loop.arm(this.#timeout, delayMs);
  }

  #stopTimeout(): void {
    if (this.#timeout !== undefined) this.#host.loop.disarm(this.#timeout);
  }

  /** Bytes that went out are progress. */
  #noteSent(): void {
    const { bytesSent } = this.sender;
    if (bytesSent === this.#bytesSentSeen) return;
    this.#bytesSentSeen = bytesSent;
    this.#lastProgress = this.#host.loop.now();
  }

  #onTimeout(): void {
    const { idleTimeoutMs, closeTimeoutMs } = this.#settings;
    const isOpen = this.#phase === Phase.Open;
    const limit = isOpen ? idleTimeoutMs : closeTimeoutMs;
    const now = this.#host.loop.now();
    if (isOpen && this.#isPausedByUser) this.#lastProgress = now;
    const left = this.#lastProgress + limit - now;
    if (left > 0) return this.#limitTime(left);
    if (isOpen) {
      this.close(
        new IdleTimeoutError(
          `Closed the connection to ${this.#peer}: nothing came in or went out for ${idleTimeoutMs} ms (idleTimeoutMs)`,
        ),
      );
    } else {
      this.#reason ??= new CloseTimeoutError(
        `Aborted the connection to ${this.#peer}: closing made no progress for ${closeTimeoutMs} ms (closeTimeoutMs)`,
      );
      this.#socket.destroy();
    }
  }

  #truncation(): Error | undefined {
    const count = this.reader.bytesInBuffer();
    if (count === 0) return undefined;
    return new TruncatedMessageError(
      `${this.#peer} ended the connection with ${count} bytes of a message sent`,
    );
  }

  #unsent(): Error | undefined {
    const count = this.sender.bytesQueued;
    if (count === 0) return undefined;
    return new ConnectionClosedError(
      `Aborted the connection to ${this.#peer} with ${count} bytes not sent`,
    );
  }

  #connectionLost(failure: SocketFailure | undefined): Error {
    return new ConnectionResetError(
      `Lost the connection to ${this.#peer}: ${
        failure?.message ?? "it was reset"
      }`,
      { cause: failure?.cause },
    );
  }

  /** For messages; not every runtime knows the address once the socket is closed. */
  get #peer(): string {
    const { remoteAddress } = this.#socket;
    return remoteAddress.hostname === ""
      ? "the peer"
      : formatAddress(remoteAddress);
  }
}
