import type {
  Socket,
  SocketEvents,
  SocketFailure,
  TcpSocket,
} from "../adapters/adapter.ts";
import type { AutoSendBuffer } from "../api/auto_send_buffer.ts";
import type { CmdSender } from "../api/reactor.ts";
import { ConnectionClosedError } from "../api/errors.ts";
import type { BufferPool } from "../io/buffer_pool.ts";
import { InboundBuffer, type InboundHost } from "../io/inbound_buffer.ts";
import { OutboundBuffer, type OutboundHost } from "../io/outbound_buffer.ts";
import type { SendCompletion, SendOrQueueResult } from "../api/send_result.ts";
import type { ConnectionSettings } from "../api/options.ts";
import type { Reactor, ReactorReadableContext } from "../api/reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import { canLog, logDebug, LogLevel } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { watchPromise } from "../util/promises.ts";
import * as reasons from "./closing_reasons.ts";
import { notSupported, userCmdAction } from "./commands.ts";
import { toError } from "./failures.ts";
import { Inactivity, type Watched } from "./inactivity.ts";
import type { PeerLog } from "./peer_log.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a connection asks of its runtime. */
export interface ConnectionHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly pool: BufferPool;
  readonly borrowsWrites: boolean;
  readonly peerLog: PeerLog;
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
  implements
    ReactorReadableContext<UserCommand>,
    SocketEvents,
    InboundHost,
    OutboundHost,
    Watched {
  // What every read needs comes first, and lies together in memory.
  readonly #loop: TurnLoop<UserCommand>;
  #phase: Phase = Phase.Open;
  #inactivity: Inactivity | undefined = undefined;
  readonly reader: InboundBuffer;
  readonly #reactor: Reactor<UserCommand>;
  readonly sender: OutboundBuffer;
  /** A handler of this reactor runs; what it sends is flushed when it is done. */
  #inHandler = false;
  /** Inbound messages are being handed out. */
  #isReading = false;
  #isFlushPending = false;
  #isResumePending = false;

  id = INVALID_REACTOR_ID;
  readonly #host: ConnectionHost<UserCommand>;
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  #isPausedByUser = false;
  #isPausedByQueue = false;
  #peerEnded = false;
  #finSent = false;
  #reason: Error | undefined = undefined;
  #onClosed: (() => void)[] | undefined = undefined;

  constructor(
    host: ConnectionHost<UserCommand>,
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
  ) {
    this.#host = host;
    this.#loop = host.loop;
    this.#socket = socket;
    this.#reactor = reactor;
    this.#settings = settings;
    this.reader = new InboundBuffer(host.pool, settings, this);
    this.sender = new OutboundBuffer(
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
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendOrQueue(bytes, completion);
  }

  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendSlice(bytes, start, end, completion);
  }

  sendNoQueue(bytes: ArrayBufferView): number {
    return this.sender.sendNoQueue(bytes);
  }

  acquireSend(): AutoSendBuffer {
    return this.sender.acquireSend();
  }

  close(reason?: Error): void {
    if (this.#phase !== Phase.Open) return;
    this.#beginClosing(reason);
    const isUpToUs = this.#peerEnded && this.sender.bytesQueued === 0;
    if (isUpToUs) this.#inactivity?.stop();
    else this.#limitInactivity(this.#settings.closeTimeoutMs);
    this.#socket.resume();
    this.onSendPending();
  }

  abort(reason?: Error): void {
    if (this.#phase === Phase.Closed) return;
    if (this.#phase === Phase.Open) this.#beginClosing(reason);
    const count = this.sender.bytesQueued;
    this.#reason ??= reason ??
      (count > 0 ? reasons.unsent(this.#socket, count) : undefined);
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
    const { idleTimeoutMs } = this.#settings;
    if (idleTimeoutMs > 0) this.#limitInactivity(idleTimeoutMs);
    this.#socket.start(this);
    const refusal = this.#handle(
      "onConnected",
      () => this.#reactor.onConnected?.(this, listenerId),
    );
    this.flush();
    return refusal;
  }

  /** Gives `cmd` to the reactor; returns what it threw, or why it takes none. */
  command(cmd: UserCommand): Error | undefined {
    this.#inHandler = true;
    try {
      const reactor = this.#reactor;
      if (reactor.onCommand === undefined) {
        return notSupported(this.id, "it has no onCommand");
      }
      if (this.#phase !== Phase.Open) {
        return new ConnectionClosedError(
          `Cannot ${userCmdAction(this.id)}: it is closing`,
        );
      }
      const result: unknown = reactor.onCommand(cmd, this);
      if (result !== undefined) {
        watchPromise(result, (thrown) => this.#failed("onCommand", thrown));
      }
      return undefined;
    } catch (thrown) {
      return this.#failed("onCommand", thrown);
    } finally {
      this.#inHandler = false;
      if (this.#isFlushPending) this.#loop.flushLater(this);
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
    this.#inactivity?.recordSent(this.sender.bytesSent);
    this.sender.settle();
    if (
      this.#phase === Phase.Closing && !this.#finSent &&
      this.sender.bytesQueued === 0
    ) {
      this.#finSent = true;
      this.#socket.shutdownWrite();
    }
  }

  // What its reader and its sender ask of it.

  onResultRejected(thrown: unknown): void {
    this.#failed("onInboundMessage", thrown);
  }

  onTaken(): void {
    this.#resume();
  }

  onSendPending(): void {
    if (this.#isFlushPending || this.#phase === Phase.Closed) return;
    this.#isFlushPending = true;
    if (!this.#inHandler) this.#loop.flushLater(this);
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
    this.#loop.defer(callback);
  }

  // What its socket reports.

  readBuffer(): Uint8Array {
    return this.reader.readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    this.#loop.onSocketEvent();
    if (this.#phase !== Phase.Open) return;
    this.#inactivity?.recordProgress();
    this.reader.receive(buffer, length);
    this.#read();
    this.reader.retain(this.sender);
    this.flush();
  }

  onWritable(): void {
    this.#loop.onSocketEvent();
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
    this.#loop.onSocketEvent();
    this.#peerEnded = true;
    if (this.#phase !== Phase.Open) return;
    this.#handle("onPeerEnd", () => {
      const { onPeerEnd } = this.#reactor;
      if (onPeerEnd !== undefined) return onPeerEnd.call(this.#reactor, this);
      const count = this.reader.bytesBuffered;
      this.close(
        count > 0 ? reasons.truncated(this.#socket, count) : undefined,
      );
    });
    this.flush();
  }

  onClose(failure?: SocketFailure): void {
    this.#loop.onSocketEvent();
    const wasOpen = this.#phase === Phase.Open;
    if (failure !== undefined || (wasOpen && !this.#peerEnded)) {
      this.#reason ??= reasons.lost(this.#socket, failure);
    }
    this.#beginClosing(this.#reason);
    this.#phase = Phase.Closed;
    this.#host.remove(this);
    if (canLog(LogLevel.Debug)) this.#logClosed();
    this.#inactivity?.stop();
    this.sender.fail(this.#reason);
    this.#handle("onClose", () =>
      this.#reactor.onClose?.(
        this.id,
        this.#host.cmdSender,
        this.#reason,
      ));
    for (const callback of this.#onClosed ?? []) callback();
  }

  // What the watch over its inactivity asks and reports.

  /** While its user pauses reading. */
  get isExcused(): boolean {
    return this.#isPausedByUser && this.#phase === Phase.Open;
  }

  onInactive(): void {
    const { idleTimeoutMs, closeTimeoutMs } = this.#settings;
    if (this.#phase === Phase.Open) {
      return this.close(reasons.idle(this.#socket, idleTimeoutMs));
    }
    this.#reason ??= reasons.stuck(this.#socket, closeTimeoutMs);
    this.#socket.destroy();
  }

  /** Runs a handler of the reactor, which closes the connection if it throws; returns what it threw. What it sends is the caller's to flush. */
  #handle(name: string, handler: () => unknown): Error | undefined {
    this.#inHandler = true;
    try {
      watchPromise(handler(), (thrown) => this.#failed(name, thrown));
      return undefined;
    } catch (thrown) {
      return this.#failed(name, thrown);
    } finally {
      this.#inHandler = false;
    }
  }

  #failed(name: string, thrown: unknown): Error {
    const error = toError(thrown, name);
    this.close(error);
    this.#host.peerLog.warn(
      () => `${this.#description}: ${name} failed`,
      error,
    );
    return error;
  }

  /** Which it is, for the log. */
  get #description(): string {
    return `reactor ${this.id}, of ${reasons.peerOf(this.#socket)}`;
  }

  #logClosed(): void {
    const why = this.#reason === undefined
      ? "in good order"
      : summaryOf(this.#reason);
    logDebug(`${this.#description}: closed: ${why}`);
  }

  #read(): void {
    this.#inHandler = this.#isReading = true;
    let name = "onReadable";
    try {
      const { onReadable } = this.#reactor;
      if (onReadable === undefined) {
        name = "onInboundMessage";
        this.reader.tryReadFastRead(this, this.#reactor);
      } else {
        this.#readBy(onReadable);
      }
    } catch (thrown) {
      this.#failed(name, thrown);
    }
    this.#inHandler = this.#isReading = false;
  }

  /** Has `onReadable` take what is there, again while it takes something and leaves as much as a message may have. */
  #readBy(onReadable: NonNullable<Reactor<UserCommand>["onReadable"]>): void {
    for (;;) {
      const before = this.reader.bytesBuffered;
      watchPromise(
        onReadable.call(this.#reactor, this),
        (thrown) => this.#failed("onReadable", thrown),
      );
      const left = this.reader.bytesBuffered;
      if (left < this.#settings.maxMessageSize) return;
      if (left === before || this.reader.isPaused) return this.#stopAt(left);
    }
  }

  /** Reads no more until something of the `count` bytes is taken that are there; what comes in all the same is too much. */
  #stopAt(count: number): void {
    const { maxMessageSize } = this.#settings;
    const { untaken } = this.reader;
    if (untaken > maxMessageSize && count > untaken) {
      return this.close(reasons.untaken(this.#socket, count, maxMessageSize));
    }
    this.reader.untaken = count;
    this.#socket.pause();
  }

  #handOutHeld(): void {
    this.#isResumePending = false;
    if (this.#phase !== Phase.Open || this.#isPaused) return;
    this.reader.isPaused = false;
    if (this.reader.bytesBuffered > 0) this.#read();
    if (!this.#isPaused && this.reader.untaken === 0) this.#socket.resume();
  }

  get #isPaused(): boolean {
    return this.#isPausedByUser || this.#isPausedByQueue;
  }

  #pause(): void {
    if (this.#phase !== Phase.Open) return;
    this.reader.isPaused = true;
    this.#socket.pause();
  }

  /** Reading goes on when the handler that resumes returns, or in the next flush; not inside the call that resumes. */
  #resume(): void {
    if (this.#phase !== Phase.Open) return;
    this.#inactivity?.recordProgress();
    if (this.#isPaused) return;
    if (this.#isReading) {
      this.reader.isPaused = false;
      this.#socket.resume();
    } else {
      this.#isResumePending = true;
      this.onSendPending();
    }
  }

  #beginClosing(reason: Error | undefined): void {
    if (this.#phase !== Phase.Open) return;
    this.#phase = Phase.Closing;
    this.#reason = reason;
    this.reader.isPaused = true;
    this.reader.clear();
    this.sender.close();
  }

  #limitInactivity(limitMs: number): void {
    this.#inactivity ??= new Inactivity(this.#loop, this);
    this.#inactivity.limit(limitMs);
  }
}
