import {
  type Adapter,
  type AdapterListenOptions as ListenOptions,
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

/** With more than this at hand the system takes nothing: what SO_SNDBUF is on Windows. */
const FULL_SIZE = 64 * 1024;

/** A socket of a system that takes a write whole, however large it is, unless it is full. */
class GreedySocket implements Socket, SocketEvents {
  readonly #inner: Socket;
  #events: SocketEvents | undefined;
  /** What the system has taken, and how much of the first is passed on. */
  #taken: Uint8Array[] = [];
  #passed = 0;
  #size = 0;
  #isLent = false;
  /** A write was refused. */
  #isFull = false;
  #isShutDown = false;

  constructor(inner: Socket) {
    this.#inner = inner;
  }

  get localAddress(): Address {
    return this.#inner.localAddress;
  }

  get remoteAddress(): Address {
    return this.#inner.remoteAddress;
  }

  setNoDelay(on: boolean): void {
    this.#inner.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.#inner.setKeepAlive(on);
  }

  start(events: SocketEvents): void {
    this.#events = events;
    this.#inner.start(this);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#size > FULL_SIZE) {
      this.#isFull = true;
      return 0;
    }
    this.#taken.push(buffer.slice(start, end));
    this.#size += end - start;
    this.#passOn();
    return end - start;
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  shutdownWrite(): void {
    this.#isShutDown = true;
    if (this.#size === 0) this.#inner.shutdownWrite();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  readBuffer(): Uint8Array {
    return (this.#events as SocketEvents).readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    this.#events?.onData(buffer, length);
  }

  onWritable(): void {
    if (this.#size > 0) {
      if (this.#isLent) this.#drop(this.#taken[0].length);
      this.#isLent = false;
      this.#passOn();
      if (this.#size === 0 && this.#isShutDown) this.#inner.shutdownWrite();
    }
    if (!this.#isFull || this.#size > FULL_SIZE) return;
    this.#isFull = false;
    this.#events?.onWritable();
  }

  onEnd(): void {
    this.#events?.onEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.#events?.onClose(failure);
  }

  #passOn(): void {
    while (this.#taken.length > 0 && !this.#isLent) {
      const [bytes] = this.#taken;
      const passed = this.#inner.write(bytes, this.#passed, bytes.length);
      if (passed === BORROWED) this.#isLent = true;
      else this.#drop(passed);
      if (passed === 0 || this.#passed > 0) return;
    }
  }

  #drop(count: number): void {
    this.#size -= count;
    this.#passed += count;
    if (this.#passed < this.#taken[0].length) return;
    this.#taken.shift();
    this.#passed = 0;
  }
}

/** `inner`, on a system that takes a write whole, as Windows does. */
export class GreedyAdapter implements Adapter {
  readonly name: string;
  readonly borrowsWrites = false;
  readonly reusesPorts: boolean;
  readonly #inner: Adapter;

  constructor(inner: Adapter) {
    this.#inner = inner;
    this.name = inner.name;
    this.reusesPorts = inner.reusesPorts;
  }

  wallNow(): number {
    return this.#inner.wallNow();
  }

  now(): number {
    return this.#inner.now();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return this.#inner.setTimer(callback, delayMs);
  }

  clearTimer(timer: TimerHandle): void {
    this.#inner.clearTimer(timer);
  }

  endOfTurn(callback: () => void): void {
    this.#inner.endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    this.#inner.afterPoll(callback);
  }

  listen(options: ListenOptions, events: ListenerEvents): Promise<Listener> {
    return this.#inner.listen(options, {
      onAccept: (socket) => events.onAccept(new GreedySocket(socket)),
      onAcceptError: (failure) => events.onAcceptError(failure),
    });
  }

  connect(address: Address, events: ConnectEvents): PendingConnect {
    return this.#inner.connect(address, {
      onConnect: (socket) => events.onConnect(new GreedySocket(socket)),
      onConnectError: (failure) => events.onConnectError(failure),
    });
  }
}
