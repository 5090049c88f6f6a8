import assert from "node:assert/strict";
import {
  type Adapter,
  type AdapterConnectOptions,
  type AdapterListenOptions,
  type Clock,
  type ConnectEvents,
  formatAddress,
  type Listener,
  type ListenerEvents,
  type PendingConnect,
  type ResolveEvents,
  type Socket,
  type SocketAddress,
  type SocketEvents,
  type SocketFailure,
  type SocketOptions,
  type Transport,
} from "../../mod.ts";

/**
 * A socket that forwards all calls to another one, and its events to the
 * receiver.
 */
export class WrappedSocket implements Socket, SocketEvents {
  protected readonly inner: Socket;
  protected events: SocketEvents | undefined = undefined;

  constructor(inner: Socket) {
    this.inner = inner;
  }

  get localAddress(): SocketAddress {
    return this.inner.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.inner.remoteAddress;
  }

  get borrowsWrites(): boolean {
    return this.inner.borrowsWrites;
  }

  setOptions(options: SocketOptions): void {
    this.inner.setOptions(options);
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

type Ends = Pick<Socket, "localAddress" | "remoteAddress">;

function nameOf({ localAddress, remoteAddress }: Ends): string {
  return `${formatAddress(localAddress)} ${formatAddress(remoteAddress)}`;
}

/** All members of an adapter: wrappers must handle each of them. */
export type AllOfAdapter = { [Name in keyof Required<Adapter>]: Adapter[Name] };

/** An adapter that forwards all calls to another one, and wraps its sockets. */
export abstract class WrappedAdapter<Wrapper extends WrappedSocket>
  implements AllOfAdapter {
  readonly name: string;
  readonly transports: readonly Transport[];
  readonly unixPaths: Adapter["unixPaths"];
  readonly reusesPorts: boolean;
  readonly keepAliveTimes: Adapter["keepAliveTimes"];
  readonly clock: Clock;
  readonly diagnostics: Adapter["diagnostics"];
  readonly signals: Adapter["signals"];
  readonly environment: Adapter["environment"];
  /** The TLS of an adapter may accept only its own sockets. */
  readonly loadTls: Adapter["loadTls"] = undefined;
  protected readonly inner: Adapter;
  /** By the addresses of both ends; the last wrapper for each. */
  readonly #wrappers = new Map<string, Wrapper>();

  constructor(inner: Adapter) {
    this.inner = inner;
    this.name = inner.name;
    this.transports = inner.transports;
    this.unixPaths = inner.unixPaths;
    this.reusesPorts = inner.reusesPorts;
    this.keepAliveTimes = inner.keepAliveTimes;
    this.clock = inner.clock;
    this.diagnostics = inner.diagnostics;
    this.signals = inner.signals;
    this.environment = inner.environment;
  }

  /** The socket that the core gets instead of `socket`. */
  protected abstract wrap(socket: Socket): Wrapper;

  /** The wrapper of a socket that a reactor has. */
  wrapperOf(socket: Ends): Wrapper {
    const wrapper = this.#wrappers.get(nameOf(socket));
    assert.ok(wrapper !== undefined, "it was not wrapped");
    return wrapper;
  }

  protected wrapped(socket: Socket): Wrapper {
    const wrapper = this.wrap(socket);
    this.#wrappers.set(nameOf(socket), wrapper);
    return wrapper;
  }

  random(): number {
    return this.inner.random();
  }

  resolve(hostname: string, events: ResolveEvents): void {
    this.inner.resolve?.(hostname, events);
  }

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
      onAccept: (socket) => events.onAccept(this.wrapped(socket)),
      onAcceptError: (failure) => events.onAcceptError(failure),
    });
  }

  connect(
    options: AdapterConnectOptions,
    events: ConnectEvents,
  ): PendingConnect {
    return this.inner.connect(options, {
      onConnect: (socket) => events.onConnect(this.wrapped(socket)),
      onConnectError: (failure) => events.onConnectError(failure),
    });
  }
}
