import type { Socket, SocketOptions } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import { checkCredit } from "../api/credit.ts";
import type { BufferPool } from "../io/buffer_pool.ts";
import {
  InboundBuffer,
  type InboundHost,
  UNCOUNTED,
} from "../io/inbound_buffer.ts";
import { OutboundBuffer, type OutboundHost } from "../io/outbound_buffer.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import {
  ConnectionClosedError,
  TlsAlreadyStartedError,
} from "../api/errors.ts";
import {
  type ConnectionSettings,
  socketOptions,
} from "../api/options/connection.ts";
import type { StartTlsOptions } from "../api/options/tls.ts";
import type { Reactor } from "../api/reactor.ts";
import type { Recorder } from "../api/recorder.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import type { ConnectionStats } from "../stats/stats.ts";
import type { Tally } from "../stats/tally.ts";
import { Traffic, type TrafficSource } from "../stats/traffic.ts";
import { forget } from "../util/forget.ts";
import { canLog, logDebug, LogLevel } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { read } from "../util/text.ts";
import * as reasons from "./closing_reasons.ts";
import { peerOf } from "../api/address.ts";
import { truncatedMessage } from "../api/errors/truncated_message.ts";
import {
  ConnectionDeadlines,
  type Deadline,
  type TimedConnection,
} from "./connection_deadlines.ts";
import { State, stateAfter, type Transition } from "./connection_state.ts";
import {
  type ContextHost,
  ReactorContext,
  Running,
} from "./reactor_context.ts";
import { toError } from "../api/to_error.ts";
import type { Postponed } from "./turn_loop.ts";
import { TurnShare } from "./turn_share.ts";
import { ReactorSocket } from "./reactor_socket.ts";
import type { TlsSource } from "./tls_source.ts";
import { TlsStart, type TlsStartHost } from "./tls_start.ts";
import { PauseReason, ReadPauses } from "./read_pauses.ts";

/** What a connection needs from its runtime. */
export interface ConnectionHost<UserCommand> extends ContextHost<UserCommand> {
  readonly pool: BufferPool;
  /**
   * `connection` has closed at time `now`; its id must find nothing from now
   * on.
   */
  remove(connection: Connection<UserCommand>, now: number): void;
}

/** What a connection gets from the listener that accepted it. */
export interface AcceptedBy {
  /** The socket object that the listener's handler has seen. */
  readonly reactorSocket: ReactorSocket;
  /** The counters of the listener. */
  readonly tally: Tally;
}

/**
 * One connection: handles the events of its socket, calls the handlers of its
 * reactor, and is the context that they receive.
 */
export class Connection<UserCommand> extends ReactorContext<UserCommand>
  implements
    InboundHost,
    OutboundHost,
    TimedConnection,
    TrafficSource,
    TlsStartHost,
    Postponed {
  // Fields that every read uses come first, to lie together in memory.
  #state: State = State.Open;
  #deadlines: ConnectionDeadlines | undefined = undefined;
  readonly reader: InboundBuffer;
  readonly sender: OutboundBuffer;
  #isResuming = false;
  /** Created when reading pauses for the first time. */
  pauses: ReadPauses | undefined = undefined;

  readonly #host: ConnectionHost<UserCommand>;
  #socket: Socket;
  /** Created on first use. */
  #reactorSocket: ReactorSocket | undefined;
  readonly #settings: ConnectionSettings;
  #reason: Error | undefined = undefined;
  #listenerId = INVALID_REACTOR_ID;
  /** The counters of its listener; undefined if this end connected. */
  readonly listenerTally: Tally | undefined;
  readonly openedAt: number;
  /** Undefined while it is open. */
  #closedAt: number | undefined = undefined;
  #tlsSource: TlsSource | undefined = undefined;
  /** Callbacks for when it closes; set while it drains. */
  #onClosing: (() => void)[] | undefined = undefined;
  #onClosed: (() => void)[] | undefined = undefined;
  /**
   * How many consecutive checks found the peer silent while the connection
   * closes; `-Infinity` if the peer is slow to read.
   */
  #silentLooks = 0;
  /** Created when many messages have been handed out. */
  #share: TurnShare | undefined = undefined;

  constructor(
    host: ConnectionHost<UserCommand>,
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
    accepted?: AcceptedBy,
  ) {
    super(host, reactor);
    this.#host = host;
    this.listenerTally = accepted?.tally;
    this.#reactorSocket = accepted?.reactorSocket;
    this.openedAt = host.loop.now();
    this.#socket = socket;
    this.#settings = settings;
    this.reader = new InboundBuffer(host.pool, settings, this);
    this.sender = new OutboundBuffer(
      socket,
      host.pool,
      settings,
      this,
    );
  }

  // The socket as handlers see it.

  get socket(): TcpSocket {
    return this.#reactorSocket ??= new ReactorSocket(this.#socket);
  }

  close(reason?: Error): void {
    if (!this.isOpen) return;
    const isUpToUs = this.#state === State.HalfOpen &&
      this.sender.bytesQueued === 0;
    this.#beginClosing(reason);
    if (isUpToUs) this.#deadlines?.stop();
    else (this.#deadlines ??= this.#newDeadlines()).beginClosing();
    this.#socket.resume();
    this.onSendPending();
  }

  end(): void {
    if (this.#state === State.HalfOpen) return this.close();
    if (this.#state !== State.Open) return;
    this.#enter("end");
    this.sender.close();
    this.onSendPending();
  }

  abort(reason?: Error): void {
    if (this.#state >= State.Closed) return;
    if (this.isOpen) this.#beginClosing(reason);
    this.#enter("abort");
    this.#deadlines?.stop();
    const count = this.sender.bytesQueued;
    this.#reason ??= reason ??
      (count > 0 ? reasons.unsent(this.#socket, count) : undefined);
    this.#socket.destroy();
  }

  pauseReading(): void {
    this.reader.setCredit(0);
    this.#pause(PauseReason.User);
  }

  resumeReading(): void {
    this.reader.setCredit(UNCOUNTED);
    this.#unpause(PauseReason.User);
  }

  read(messageCount: number): void {
    checkCredit(messageCount);
    this.reader.grant(messageCount);
    this.#unpause(PauseReason.User);
  }

  stats(): ConnectionStats {
    const now = this.#closedAt ?? this.loop.now();
    const traffic = new Traffic();
    traffic.add([this], now);
    return { openMs: now - this.openedAt, ...traffic.stats() };
  }

  startTls(options?: StartTlsOptions): Promise<TlsInfo> {
    const action = `start TLS with ${this.peer}`;
    this.#checkMayStartTls(action);
    const end = (this.#tlsSource as TlsSource).endToStart(options, action);
    forget(end); // if this throws, nobody awaits it
    this.#checkMayStartTls(action); // reading options may have run user code
    this.#pause(PauseReason.Tls);
    const start = new TlsStart(
      this.loop,
      this.#socket,
      action,
      end,
      this.sender.seal(),
      this,
    );
    this.#moveTo(start);
    return start.whenStarted;
  }

  #checkMayStartTls(action: string): void {
    if (this.#state !== State.Open) {
      throw new ConnectionClosedError(
        `Cannot ${action}: the connection is closed, or one end has ended it`,
      );
    }
    if (this.#socket instanceof TlsStart || this.#socket.tls !== undefined) {
      throw new TlsAlreadyStartedError(
        `Cannot ${action}: the connection has it already`,
      );
    }
  }

  // Called by the runtime.

  /**
   * Starts serving the socket. Returns the error that `onConnected` threw.
   * `tlsSource` provides the TLS that it may start later.
   */
  start(listenerId: ReactorID, tlsSource: TlsSource): Error | undefined {
    this.#listenerId = listenerId;
    this.#tlsSource = tlsSource;
    this.#socket.setOptions(this.#socketOptions);
    if (ConnectionDeadlines.areIn(this.#settings)) {
      this.#deadlines = this.#newDeadlines();
      this.#deadlines.start();
    }
    this.#socket.start(this);
    if (this.#settings.record !== undefined) {
      this.#record(this.#settings.record);
    }
    const { open } = this.#host.events;
    if (open.hasSubscribers) {
      const { localAddress } = this.socket;
      open.publish({ ...this.eventOf(), localAddress, listenerId });
    }
    const refusal = this.run("onConnected", this.#callOnConnected, listenerId);
    this.onTurnEnd();
    return refusal;
  }

  /** What a handler has set comes before the settings. */
  get #socketOptions(): SocketOptions {
    const { chosen } = this.#reactorSocket ?? {};
    return { ...socketOptions(this.#settings), ...chosen };
  }

  #record(recorder: Recorder): void {
    const { id, isAccepted } = this;
    const { localAddress, remoteAddress } = this.#socket;
    recorder.begin(
      { id, localAddress, remoteAddress, isAccepted },
      this.sender,
      this.loop,
      (thrown) => this.#warn("its recording", toError(thrown, "a recorder")),
    );
  }

  /** True if a listener accepted it. */
  get isAccepted(): boolean {
    return this.#listenerId !== INVALID_REACTOR_ID;
  }

  /**
   * True if its reactor has `onDrain`. Reading that property may run user code,
   * so do not call this while state is half changed.
   */
  get canDrain(): boolean {
    return this.isOpen && read(this.reactor, "onDrain") !== undefined;
  }

  /** True while it drains. */
  get isDraining(): boolean {
    return this.#onClosing !== undefined && this.isOpen;
  }

  /**
   * Asks the reactor to finish its work, once; without `onDrain`, closes for
   * `reason`. `onClosing` is called when the connection is no longer open,
   * possibly at once.
   */
  drain(reason: Error, onClosing?: () => void): void {
    if (!this.isOpen) return onClosing?.();
    const isDraining = this.#onClosing !== undefined;
    this.#onClosing ??= [];
    if (onClosing !== undefined) this.#onClosing.push(onClosing);
    if (isDraining) return;
    if (this.#catchUp()) this.#resume();
    if (this.isOpen) this.runInTurn("onDrain", this.#callOnDrain, reason);
  }

  /**
   * Checks a connection that is closing, and ends it for `reason` if the peer
   * was silent at the last check, too. One whose peer is slow to read is left
   * alone: the system may still hold data for it, which it would drop if the
   * peer sent something to the closed socket.
   */
  letGo(reason: Error): void {
    if (this.#state !== State.Finished || this.#socket.isHolding) {
      this.#silentLooks = -Infinity;
    } else if (++this.#silentLooks > 1) {
      this.abort(reason);
    }
  }

  /**
   * Size of the buffers that it holds, in bytes: for an incomplete message, and
   * for its send queue.
   */
  get bytesHeld(): number {
    return this.reader.bytesHeld + this.sender.bytesHeld;
  }

  /**
   * Aborts it, because all connections together hold more than `limit`, and it
   * holds the most.
   */
  abortAsLargest(bytesHeld: number, limit: number): void {
    const reason = reasons.largest(this.#socket, bytesHeld, limit);
    this.#host.peerLog.warn(() => reason.message);
    this.abort(reason);
  }

  /**
   * Calls `callback` when it is closed, after the reactor's `onClose`; at once
   * if it is closed already.
   */
  onceClosed(callback: () => void): void {
    if (this.#state === State.Reported) callback();
    else this.#onClosed = this.#onClosed?.concat(callback) ?? [callback];
  }

  /** The current state. */
  get state(): State {
    return this.#state;
  }

  /** The error it was closed with, or that ended it. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Writes what was sent, and hands out what a pause held back. */
  onTurnEnd(): void {
    this.#flush();
    if (!this.#isResuming) return;
    this.#handOutHeld();
    this.#flush();
  }

  // Called by its reader and its sender.

  onResultRejected(thrown: unknown): void {
    this.failed("onInboundMessage", thrown);
  }

  onTaken(): void {
    this.#resume();
  }

  onCreditSpent(): void {
    this.#pause(PauseReason.User);
  }

  onManyMessages(): void {
    const { loop } = this;
    loop.requestTurn();
    const share = this.#share ??= new TurnShare();
    const isUsedUp = share.isUsedUp(loop.turnCount, loop.now());
    if (!isUsedUp || this.#isToPause || !this.isOpen) return;
    this.#pause(PauseReason.Others);
    loop.postpone(this);
  }

  onSendPending(): void {
    if (this.isDue || this.#state >= State.Closed) return;
    this.isDue = true;
    if (this.running === Running.Nothing) this.loop.atTurnEnd(this);
  }

  onHighWaterMark(): void {
    const pauses = this.pauses ??= new ReadPauses();
    if (pauses.onHighWaterMark(this.running === Running.Reading)) {
      this.#pause(PauseReason.SendQueue);
    }
  }

  onSendFailed(error: Error): void {
    this.abort(error);
  }

  onCompletionThrew(thrown: unknown): void {
    this.failed("a send completion", thrown);
  }

  defer(callback: () => void): void {
    this.loop.defer(callback);
  }

  // Called by its runtime, when others were served.

  onServed(): void {
    this.#unpause(PauseReason.Others);
  }

  // Called by its socket.

  readBuffer(): Uint8Array {
    return this.reader.readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    this.loop.onSocketEvent();
    if (this.#state > State.HalfOpen) {
      this.#silentLooks = Math.min(this.#silentLooks, 0);
      return;
    }
    this.sender.tap?.onReceived(buffer, length);
    this.reader.receive(buffer, length);
    this.run("onReadable", this.#handOut, undefined, Running.Reading);
    this.reader.retain(this.sender);
    this.#deadlines?.onRead();
    this.onTurnEnd();
  }

  onWritable(): void {
    this.loop.onSocketEvent();
    if (this.#state >= State.Closed) return;
    this.sender.onWritable();
    this.onTurnEnd();
  }

  onEnd(): void {
    this.loop.onSocketEvent();
    this.sender.tap?.onPeerEnd?.();
    const hasEnded = this.#hasEnded;
    if (!hasEnded) {
      this.#enter("peerEnd");
      if (this.#state !== State.HalfOpen) return;
    }
    this.run("onPeerEnd", this.#callOnPeerEnd, undefined);
    if (hasEnded) this.#closeAtEnd();
    this.onTurnEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.loop.onSocketEvent();
    const isLost = failure !== undefined || this.#state < State.HalfOpen;
    this.#catchUp();
    if (isLost) this.#reason ??= reasons.lost(this.#socket, failure);
    if (this.isOpen) this.#beginClosing(this.#reason);
    this.#enter("gone");
    this.#closedAt = this.loop.now();
    this.#host.remove(this, this.#closedAt);
    if (canLog(LogLevel.Debug)) this.#logClosed();
    this.#deadlines?.stop();
    this.sender.fail(this.#reason);
    this.run("onClose", this.#callOnClose, undefined);
    this.#enter("reported");
    this.sender.tap?.onClosed?.(this.#reason, isLost);
    for (const callback of this.#onClosed ?? []) callback();
    const { close } = this.#host.events;
    if (!close.hasSubscribers) return;
    const reason = this.#reason;
    close.publish({ ...this.eventOf(), reason, stats: this.stats() });
  }

  // Called while TLS is being started.

  onPlaintext(count: number): void {
    const reason = reasons.plaintext(this.#socket, count);
    this.#warn("startTls", reason);
    this.abort(reason);
  }

  onSecure(socket: Socket): void {
    const start = this.#socket as TlsStart<UserCommand>;
    this.#moveTo(socket);
    this.reader.leaveReadBuffer();
    socket.start(this);
    socket.pause();
    this.sender.onWritable();
    if (start.isShutDown) socket.shutdownWrite();
    this.#flush();
    if (this.isOpen) this.#unpause(PauseReason.Tls);
    else socket.resume();
  }

  onNotSecure(error: Error): void {
    this.#warn("startTls", error);
    this.#reason ??= error;
    this.onClose();
  }

  // Called by its deadlines.

  get isReading(): boolean {
    return this.#state < State.HalfOpen && !this.#isToPause &&
      this.reader.untaken === 0;
  }

  get isSending(): boolean {
    return this.#state === State.Open || this.#state === State.HalfOpen;
  }

  get isKeptWaiting(): boolean {
    const reasons = PauseReason.User | PauseReason.Others;
    return this.isOpen && this.pauses?.has(reasons) === true;
  }

  onOverdue(deadline: Deadline): void {
    switch (deadline) {
      case "readIdle":
        return void this.runInTurn("onIdle", this.#callOnIdle, "read");
      case "writeIdle":
        return void this.runInTurn("onIdle", this.#callOnIdle, "write");
      case "send":
        return this.abort(
          reasons.stuck(this.#socket, this.sender.bytesQueued, this.#settings),
        );
      case "close":
        return this.abort(this.#overdue(deadline));
      default:
        return this.close(this.#overdue(deadline));
    }
  }

  // Calls of handlers.

  #callOnConnected(listenerId: ReactorID): undefined {
    this.watchResult(this.reactor.onConnected?.(this, listenerId));
  }

  #callOnPeerEnd(): undefined {
    const { onPeerEnd } = this.reactor;
    if (onPeerEnd !== undefined) {
      return this.watchResult(onPeerEnd.call(this.reactor, this));
    }
    this.#closeAtEnd();
  }

  /** Closes it at EOF, with a reason if a message is incomplete. */
  #closeAtEnd(): void {
    const count = this.reader.bytesBuffered;
    this.close(count > 0 ? truncatedMessage(this.#socket, count) : undefined);
  }

  #callOnIdle(kind: "read" | "write"): undefined {
    const { onIdle } = this.reactor;
    if (onIdle !== undefined) {
      return this.watchResult(onIdle.call(this.reactor, kind, this));
    }
    if (kind === "read") this.close(this.#overdue("readIdle"));
  }

  #callOnDrain(reason: Error): undefined {
    const { onDrain } = this.reactor;
    if (onDrain === undefined) return void this.close(reason);
    this.watchResult(onDrain.call(this.reactor, this));
  }

  #callOnClose(): undefined {
    this.watchResult(this.reactor.onClose?.(this.#reason, this));
  }

  protected get peer(): string {
    return peerOf(this.#socket);
  }

  #logClosed(): void {
    const why = this.#reason === undefined
      ? "cleanly"
      : summaryOf(this.#reason);
    logDebug(`${this.description}: closed: ${why}`);
  }

  // Reading.

  #handOut(): undefined {
    this.pauses?.onHandOut();
    this.reader.beginHandOut();
    const { onReadable } = this.reactor;
    if (onReadable !== undefined) return this.#handOutBy(onReadable);
    this.handlerName = "onInboundMessage";
    this.reader.dispatch(this, this.reactor);
  }

  /**
   * Calls `onReadable`, again as long as it takes something but leaves as many
   * bytes as a message may have.
   */
  #handOutBy(
    onReadable: NonNullable<Reactor<UserCommand>["onReadable"]>,
  ): undefined {
    for (;;) {
      const before = this.reader.bytesBuffered;
      this.watchResult(onReadable.call(this.reactor, this));
      const left = this.reader.bytesBuffered;
      if (left < this.#settings.maxMessageSize) return;
      if (left === before || this.reader.isPaused) return this.#stopAt(left);
    }
  }

  /**
   * Pauses reading until some of the `count` buffered bytes are consumed. If
   * more come in anyway, the connection closes.
   */
  #stopAt(count: number): undefined {
    const { maxMessageSize } = this.#settings;
    const { untaken } = this.reader;
    if (untaken > maxMessageSize && count > untaken) {
      this.close(reasons.untaken(this.#socket, count, maxMessageSize));
      return;
    }
    this.reader.untaken = count;
    this.#socket.pause();
    this.#deadlines?.onPauseChanged();
  }

  #handOutHeld(): void {
    this.#isResuming = false;
    if (!this.isOpen || this.#isToPause) return;
    this.#handOutBuffered();
    if (!this.#isToPause && this.reader.untaken === 0) this.#socket.resume();
  }

  #handOutBuffered(): void {
    this.reader.isPaused = false;
    if (this.reader.bytesBuffered === 0) return;
    this.run("onReadable", this.#handOut, undefined, Running.Reading);
    this.#deadlines?.onPauseChanged();
  }

  /**
   * Hands out what was about to be, because the connection may end before that.
   * Returns false if nothing was.
   */
  #catchUp(): boolean {
    const { pauses } = this;
    const isWaiting = pauses?.has(PauseReason.Others) === true;
    const isNext = isWaiting || this.#isResuming;
    if (!isNext || !this.isOpen || this.running !== Running.Nothing) {
      return false;
    }
    pauses?.remove(PauseReason.Others);
    if (this.#isToPause) return false;
    const share = this.#share ??= new TurnShare();
    share.isLifted = true;
    this.#handOutBuffered();
    share.isLifted = false;
    return true;
  }

  get #isToPause(): boolean {
    return this.pauses?.isNeeded === true;
  }

  #pause(reason: number): void {
    if (!this.isOpen || this.pauses?.has(reason)) return;
    const pauses = this.pauses ??= new ReadPauses();
    const isToBegin = reason !== PauseReason.Others && !pauses.isPaused;
    if (isToBegin) this.#beginPause(pauses);
    pauses.add(reason);
    this.reader.isPaused = true;
    this.#socket.pause();
    this.#deadlines?.onPauseChanged();
  }

  #unpause(reason: number): void {
    const { pauses } = this;
    if (!pauses?.has(reason)) return;
    pauses.remove(reason);
    if (!pauses.isCounted) this.#endPause();
    this.#resume();
  }

  #beginPause(pauses: ReadPauses): void {
    pauses.begin(this.loop.now());
    const { pause } = this.#host.events;
    if (!pause.hasSubscribers) return;
    const { bytesQueued } = this.sender;
    pause.publish({ ...this.eventOf(), bytesQueued });
  }

  #endPause(): void {
    const { pauses } = this;
    if (pauses === undefined || !pauses.isPaused) return;
    const now = this.loop.now();
    pauses.end(now);
    const { resume } = this.#host.events;
    if (!resume.hasSubscribers) return;
    resume.publish({ ...this.eventOf(), pausedMs: pauses.msUntil(now) });
  }

  /**
   * Resumes reading when the running handler returns, or at the end of the
   * turn; never inside the call that resumes.
   */
  #resume(): void {
    if (!this.isOpen) return;
    this.#deadlines?.onPauseChanged();
    if (this.#isToPause) return;
    this.#isResuming = true;
    if (this.running === Running.Reading) {
      this.reader.isPaused = false;
      this.#socket.resume();
    } else {
      this.onSendPending();
    }
  }

  // Writing and closing.

  /**
   * Writes the queue, calls the completions of everything sent, and sends FIN
   * if the connection is ending and nothing is left.
   */
  #flush(): void {
    this.isDue = false;
    this.sender.flush();
    this.#deadlines?.onSent(this.sender.bytesSent);
    if (this.pauses?.leavesMark(this.sender.bytesQueued, this.#lowWaterMark)) {
      this.#unpause(PauseReason.SendQueue);
    }
    this.sender.pending?.settle();
    if (this.#state !== State.Closing && this.#state !== State.Ending) return;
    if (this.sender.bytesQueued > 0) return;
    this.#enter("finSent");
    this.sender.tap?.onEnd?.();
    this.#socket.shutdownWrite(this.#reason);
  }

  /**
   * Reading that was paused by the queue resumes when it is no longer than
   * this.
   */
  get #lowWaterMark(): number {
    return this.#host.pool.isUnderPressure
      ? 0
      : this.#settings.sendLowWaterMark;
  }

  protected get isOpen(): boolean {
    return this.#state <= State.HalfOpen;
  }

  /** True while messages are handed out but sends are refused. */
  get #hasEnded(): boolean {
    return this.#state === State.Ending || this.#state === State.Ended;
  }

  #enter(transition: Transition): void {
    this.#state = stateAfter(this.#state, transition);
  }

  /** Replaces the socket. */
  #moveTo(socket: Socket): void {
    this.#socket = socket;
    this.sender.moveTo(socket);
    socket.setOptions(this.#socketOptions);
    this.#reactorSocket?.moveTo(socket);
  }

  #warn(name: string, error: Error): void {
    this.#host.peerLog.warn(() => `${this.description}: ${name} failed`, error);
  }

  /** Refuses further sends; only the queue is still written. */
  #beginClosing(reason: Error | undefined): void {
    this.#enter("close");
    this.#reason = reason;
    this.endCalls();
    this.#endPause();
    this.reader.isPaused = true;
    this.reader.clear();
    this.sender.close();
    for (const callback of this.#onClosing ?? []) callback();
  }

  #newDeadlines(): ConnectionDeadlines {
    return new ConnectionDeadlines(this.loop, this.#settings, this);
  }

  #overdue(deadline: Exclude<Deadline, "writeIdle" | "send">): Error {
    return reasons.overdue(deadline, this.#socket, this.#settings);
  }
}
