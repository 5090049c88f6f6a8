import type {
  Adapter,
  AdapterListenOptions,
  Address,
  Clock,
  ConnectEvents,
  Listener,
  ListenerEvents,
  PendingConnect,
  Socket,
  SocketEvents,
  SocketFailure,
} from "../mod.ts";

/** A socket that passes on to another whatever it is asked, and to its events whatever that one reports. */
export class WrappedSocket implements Socket, SocketEvents {
  protected readonly inner: Socket;
  protected events: SocketEvents | undefined = undefined;

  constructor(inner: Socket) {
    this.inner = inner;
  }

  get localAddress(): Address {
    return this.inner.localAddress;
  }

  get remoteAddress(): Address {
    return this.inner.remoteAddress;
  }

  get borrowsWrites(): boolean {
    return this.inner.borrowsWrites;
  }

  setNoDelay(on: boolean): void {
    this.inner.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.inner.setKeepAlive(on);
  }

  start(events: SocketEvents): void {
    this.events = events;
    this.inner.start(this);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    return this.inner.write(buffer, start, end);
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }

  shutdownWrite(): void {
    this.inner.shutdownWrite();
  }

  destroy(): void {
    this.inner.destroy();
  }

  readBuffer(): Uint8Array {
    return (this.events as SocketEvents).readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    this.events?.onData(buffer, length);
  }

  onWritable(): void {
    this.events?.onWritable();
  }

  onEnd(): void {
    this.events?.onEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.events?.onClose(failure);
  }
}

/** An adapter that passes on to another whatever it is asked, and wraps the sockets of that one. */
export abstract class WrappedAdapter implements Adapter {
  readonly name: string;
  readonly reusesPorts: boolean;
  readonly clock: Clock;
  protected readonly inner: Adapter;

  constructor(inner: Adapter) {
    this.inner = inner;
    this.name = inner.name;
    this.reusesPorts = inner.reusesPorts;
    this.clock = inner.clock;
  }

  /** What is handed to the core instead of `socket`. */
  protected abstract wrap(socket: Socket): Socket;

  endOfTurn(callback: () => void): void {
    this.inner.endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    this.inner.afterPoll(callback);
  }

  listen(
    options: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener> {
    return this.inner.listen(options, {
      onAccept: (socket) => events.onAccept(this.wrap(socket)),
      onAcceptError: (failure) => events.onAcceptError(failure),
    });
  }

  connect(address: Address, events: ConnectEvents): PendingConnect {
    return this.inner.connect(address, {
      onConnect: (socket) => events.onConnect(this.wrap(socket)),
      onConnectError: (failure) => events.onConnectError(failure),
    });
  }
}
