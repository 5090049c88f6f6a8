import {
  type Adapter,
  type AdapterListenOptions,
  type Address,
  BORROWED,
  type ConnectEvents,
  type Listener,
  type ListenerEvents,
  type PendingConnect,
  type Socket,
  type SocketEvents,
  type SocketFailure,
  type TimerHandle,
} from "../../mod.ts";
import type { Stream } from "./stream.ts";

/** The end that a {@linkcode TapSocket} belongs to, which checks what passes. */
export interface TapOwner {
  /** What is to be written. */
  readonly out: Stream;
  /** What is to be read. */
  readonly in: Stream;
  /** It has paused reading, and nothing can have ended that. */
  readonly rests: boolean;
  /** Bytes, or a FIN, have arrived, and the core has handled them. */
  onRead(): void;
  /** A promise was broken. */
  broke(what: string): void;
}

/** A socket that records what passes through it. */
export class TapSocket implements Socket, SocketEvents {
  owner: TapOwner | undefined = undefined;
  /** What has passed in both directions. */
  isShutDown = false;
  isDestroyed = false;
  heardEnd = false;
  failure: SocketFailure | undefined = undefined;
  /** When bytes were last sent, or when it was opened. */
  lastSent: number;

  readonly #socket: Socket;
  readonly #now: () => number;
  #events: SocketEvents | undefined = undefined;
  #borrowedCount = 0;
  #lastProgress: number;
  #longestIdle = 0;
  #isPaused = false;

  constructor(socket: Socket, now: () => number) {
    this.#socket = socket;
    this.#now = now;
    this.#lastProgress = this.lastSent = now();
  }

  /** The longest time, in milliseconds, until its FIN in which no byte passed although its user had not paused it. */
  get longestIdle(): number {
    const isCounted = !this.isShutDown && !this.#isPaused;
    const idle = isCounted ? this.#now() - this.#lastProgress : 0;
    return Math.max(this.#longestIdle, idle);
  }

  get localAddress(): Address {
    return this.#socket.localAddress;
  }

  get remoteAddress(): Address {
    return this.#socket.remoteAddress;
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.#socket.setKeepAlive(on);
  }

  /** Its user pauses reading. */
  onPause(): void {
    if (this.#isPaused) return;
    this.#progress();
    this.#isPaused = true;
  }

  /** Its user resumes reading. */
  onResume(): void {
    if (!this.#isPaused) return;
    this.#progress();
    this.#isPaused = false;
  }

  // Called by the core.

  start(events: SocketEvents): void {
    this.#events = events;
    this.#socket.start(this);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const count = this.#socket.write(buffer, start, end);
    const taken = count === BORROWED ? end - start : count;
    if (taken === 0) return count;
    if (this.owner?.out.handed.matches(buffer, start, start + taken) !== true) {
      this.owner?.broke("wrong bytes were handed to the network");
    } else if (count === BORROWED) {
      this.#borrowedCount = taken;
    } else {
      this.#sent(taken);
    }
    return count;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  shutdownWrite(): void {
    const { out } = this.owner as TapOwner;
    if (out.handed.position !== out.accepted) {
      this.owner?.broke(`FIN comes before the end of what is sent: ${out}`);
    }
    this.#progress();
    this.isShutDown = true;
    this.#socket.shutdownWrite();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.#socket.destroy();
  }

  // Called by the network.

  readBuffer(): Uint8Array {
    return (this.#events as SocketEvents).readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    const { in: { arrived }, rests } = this.owner as TapOwner;
    if (rests) this.owner?.broke("bytes were read in a pause");
    this.#progress();
    if (arrived.matches(buffer, 0, length)) arrived.advance(length);
    else this.owner?.broke("wrong bytes came over the network");
    this.#events?.onData(buffer, length);
    this.owner?.onRead();
  }

  onWritable(): void {
    if (this.#borrowedCount > 0) this.#sent(this.#borrowedCount);
    this.#borrowedCount = 0;
    this.#events?.onWritable();
  }

  onEnd(): void {
    const stream = (this.owner as TapOwner).in;
    this.heardEnd = true;
    if (stream.arrived.position !== stream.accepted) {
      this.owner?.broke(`FIN came before the end of what was sent: ${stream}`);
    }
    this.#events?.onEnd();
    this.owner?.onRead();
  }

  onClose(failure?: SocketFailure): void {
    this.failure = failure;
    this.#events?.onClose(failure);
  }

  #sent(count: number): void {
    this.owner?.out.handed.advance(count);
    this.#progress();
    this.lastSent = this.#lastProgress;
  }

  /** The time without bytes starts anew. */
  #progress(): void {
    this.#longestIdle = this.longestIdle;
    this.#lastProgress = this.#now();
  }
}

/** What learns before the core of each connection that is accepted, or lost before that. */
export interface AcceptWatcher {
  onAccept(socket: TapSocket): void;
  onMissed(): void;
}

/** The adapter of a host, with each of its sockets tapped. */
export class TapAdapter implements Adapter {
  readonly name: string;
  readonly borrowsWrites: boolean;
  readonly reusesPorts: boolean;
  readonly #adapter: Adapter;
  readonly #watcher: AcceptWatcher;

  constructor(adapter: Adapter, watcher: AcceptWatcher) {
    this.#adapter = adapter;
    this.#watcher = watcher;
    this.name = adapter.name;
    this.borrowsWrites = adapter.borrowsWrites;
    this.reusesPorts = adapter.reusesPorts;
  }

  readonly now = (): number => this.#adapter.now();

  wallNow(): number {
    return this.#adapter.wallNow();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return this.#adapter.setTimer(callback, delayMs);
  }

  clearTimer(timer: TimerHandle): void {
    this.#adapter.clearTimer(timer);
  }

  endOfTurn(callback: () => void): void {
    this.#adapter.endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    this.#adapter.afterPoll(callback);
  }

  listen(
    options: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener> {
    return this.#adapter.listen(options, {
      onAccept: (socket) => {
        const tap = new TapSocket(socket, this.now);
        this.#watcher.onAccept(tap);
        events.onAccept(tap);
      },
      onAcceptError: (failure) => {
        if (failure.kind === "transient") this.#watcher.onMissed();
        events.onAcceptError(failure);
      },
    });
  }

  connect(address: Address, events: ConnectEvents): PendingConnect {
    return this.#adapter.connect(address, {
      onConnect: (socket) => events.onConnect(new TapSocket(socket, this.now)),
      onConnectError: (failure) => events.onConnectError(failure),
    });
  }
}
