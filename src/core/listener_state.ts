import type { Address } from "../contract/address.ts";
import type { Listener, ListenerEvents } from "../contract/listener.ts";
import type { Socket } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { describeAddress } from "../api/address.ts";
import type { DropCounts, DropReason } from "../api/drops.ts";
import { InvalidOptionError, ListenError } from "../api/errors.ts";
import type { ConnectionOptions } from "../api/options/connection.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { TlsListenOptions } from "../api/options/tls.ts";
import type {
  CmdSender,
  ListenerContext,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";
import { INVALID_REACTOR_ID } from "../api/reactor_id.ts";
import type { ListenerStats } from "../stats/stats.ts";
import { Tally } from "../stats/tally.ts";
import { logError } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import type { Lazy } from "../util/lazy.ts";
import { watchPromise } from "../util/promises.ts";
import { AcceptRetry } from "./accept_retry.ts";
import { dropReasonOf, reactorOf } from "./accepted.ts";
import type { AcceptedBy, Connection, ConnectionHost } from "./connection.ts";
import { Door } from "./door.ts";
import type { Limit } from "./door_limits.ts";
import { toError } from "./failures.ts";
import type { HeaderHost, HeaderIntake } from "./header_intake.ts";
import type {
  Caller,
  HandshakeHost,
  HandshakeIntake,
} from "./handshake_intake.ts";
import { endOf, PROXY_PROTOCOL } from "./on_demand.ts";
import { ListenerDrops } from "./listener_drops.ts";
import { ReactorSocket } from "./reactor_socket.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { TlsEnds } from "./tls_ends.ts";
import type { TlsSource } from "./tls_source.ts";
import type { UpgradeEnd } from "./upgrade_end.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a listener asks of its runtime. */
export interface ListenerHost<UserCommand> extends ConnectionHost<UserCommand> {
  /** What all listeners and connections count. */
  readonly tally: Tally;
  /** What makes ends of TLS, to be loaded before the first of them. */
  readonly tlsEnds: Lazy<TlsEnds>;
  /** Makes a connection of a socket that was accepted, not yet started. */
  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
    by: AcceptedBy,
  ): Connection<UserCommand>;
  /** The connections that were adopted with `tally` and are open. */
  adopted(tally: Tally): readonly Connection<UserCommand>[];
  /** `listening` is closed; its id must find nothing from now on. It is to be told when its address is free. */
  removeListener(
    listening: ListenerState<UserCommand>,
    isFree: Promise<void>,
  ): void;
}

/** One listener: accepts connections and has its handler choose their reactors. */
export class ListenerState<UserCommand>
  implements
    ListenerContext<UserCommand>,
    ListenerEvents,
    HeaderHost,
    HandshakeHost<UserCommand>,
    TlsSource {
  id = INVALID_REACTOR_ID;

  readonly #host: ListenerHost<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #door: Door;
  readonly #tally = new Tally();
  readonly #drops: ListenerDrops<UserCommand>;
  /** Where there has to be a proxy. */
  readonly #headers: HeaderIntake | undefined = undefined;
  #listener: Listener | undefined = undefined;
  readonly #retry: AcceptRetry;
  /** Undefined without TLS. */
  #tls: TlsEnd | undefined;
  readonly #upgrade: Upgrade | undefined;
  /** Made by the first handshake. */
  #handshakes: HandshakeIntake<UserCommand> | undefined = undefined;
  /** Settled when the address is free; undefined while it listens. */
  #isFree: Promise<void> | undefined = undefined;
  #isClosed = false;
  /** Its handler has a connection in hand that may be the last, and does not count yet. */
  #isChoosing = false;
  /** `onCloseListen` has returned. */
  #isTold = false;
  #reason: Error | undefined = undefined;
  readonly #onClosed: (() => void)[] = [];
  #onEnded: (() => void)[] = [];
  #whenClosed: Promise<Error | undefined> | undefined = undefined;

  constructor(
    host: ListenerHost<UserCommand>,
    handler: TcpListenerHandler<UserCommand>,
    settings: ListenSettings,
    tls: TlsEnd | undefined,
    upgrade: Upgrade | undefined,
  ) {
    this.#host = host;
    this.#tls = tls;
    this.#upgrade = upgrade;
    this.#handler = handler;
    this.#door = new Door(settings, () => host.loop.now());
    this.#drops = new ListenerDrops(this, handler, host, this.#tally);
    const { proxyProtocol } = settings;
    if (proxyProtocol !== undefined) {
      const { HeaderIntake } = PROXY_PROTOCOL.value;
      this.#headers = new HeaderIntake(this, proxyProtocol);
    }
    this.#retry = new AcceptRetry(
      host,
      () => this.#listener as Listener,
      (failure) => this.#onAcceptFailed(failure),
    );
  }

  get address(): Address {
    return (this.#listener as Listener).address;
  }

  get connectionCount(): number {
    return this.#door.openCount - (this.#handshakes?.size ?? 0);
  }

  get dropCount(): number {
    return this.#drops.count;
  }

  get dropCounts(): DropCounts {
    return this.#drops.counts;
  }

  stats(): ListenerStats {
    const open = this.#host.adopted(this.#tally);
    return this.#tally.stats(open, this.loop.now());
  }

  /** Begins to serve `listener`; returns what `onStartListen` threw, and then it is closed. */
  start(listener: Listener): Error | undefined {
    this.#listener = listener;
    try {
      watchPromise(
        this.#handler.onStartListen?.(this),
        (thrown) => this.#failed(thrown),
      );
      return undefined;
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  get cmdSender(): CmdSender<UserCommand> {
    return this.#host.cmdSender;
  }

  get whenClosed(): Promise<Error | undefined> {
    return this.#whenClosed ??= new Promise((resolve) =>
      this.onceClosed(() => resolve(this.#reason))
    );
  }

  setTls(tls: TlsListenOptions): void {
    const action = `set the TLS of the listener on ${
      describeAddress(this.address)
    }`;
    if (this.#tls === undefined) {
      throw new InvalidOptionError(`Cannot ${action}: it has none`);
    }
    this.#tls = this.#host.tlsEnds.value.renewed(this.#tls, tls, action);
  }

  async stopAccepting(): Promise<void> {
    const isFree = this.#release();
    this.#handshakes?.close();
    this.#closeIfLast();
    await isFree;
  }

  /** Accepts no more, and has the connections that it has accepted finish, or closes them for `reason`. */
  drain(reason: Error): void {
    const accepted = this.#host.adopted(this.#tally);
    void this.stopAccepting();
    for (const connection of accepted) connection.drain(reason);
  }

  async close(reason?: Error): Promise<void> {
    this.#beginClosing(reason);
    await this.whenClosed;
  }

  /** The address is free, and the handler is to hear that it is closed. */
  onClosed(): void {
    this.#host.loop.defer(() =>
      this.#handler.onCloseListen?.(this.#reason, this)
    );
    this.#host.loop.defer(() => {
      this.#isTold = true;
      for (const callback of this.#onClosed) callback();
      this.#tellEnded();
    });
  }

  /** Calls back when it is closed, and so are all that it has accepted; at once if they are. */
  onceEnded(callback: () => void): void {
    this.#onEnded.push(callback);
    this.#tellEnded();
  }

  #tellEnded(): void {
    if (!this.#isTold || this.#door.openCount > 0) return;
    const callbacks = this.#onEnded;
    this.#onEnded = [];
    for (const callback of callbacks) callback();
  }

  /** Calls back when it is closed, after the handler's `onCloseListen`; at once if it is. */
  onceClosed(callback: () => void): void {
    if (this.#isTold) callback();
    else this.#onClosed.push(callback);
  }

  onAccept(socket: Socket): void {
    this.#host.loop.onSocketEvent();
    this.#retry.onAccept();
    if (this.#isFree !== undefined) return this.#drops.drop(socket, "closing");
    if (this.#headers === undefined) this.#admit(socket);
    else this.#awaitHeader(this.#headers, socket);
  }

  onAcceptError(failure: SocketFailure): void {
    if (this.#isFree === undefined) this.#retry.onAcceptError(failure);
  }

  // Of connections whose proxy tells where they come from.

  get loop(): TurnLoop<UserCommand> {
    return this.#host.loop;
  }

  onHeader(socket: Socket): void {
    this.loop.onSocketEvent();
    this.#door.leave(undefined);
    this.#admit(socket);
    this.#closeIfLast();
  }

  onNoHeader(socket: Socket, reason: DropReason, why?: string): void {
    this.#door.leave(undefined);
    if (why !== undefined) this.#drops.warn(socket, why);
    this.#drops.drop(socket, reason);
    this.#closeIfLast();
  }

  // Of connections that begin with a handshake.

  onOpened(socket: Socket, { network }: Caller): void {
    this.#door.leave(network);
    this.#serve(socket, network);
    this.#closeIfLast();
  }

  onAnswered({ network }: Caller): void {
    this.#door.leave(network);
    this.#closeIfLast();
  }

  onNotOpened(
    { remoteAddress, network }: Caller,
    reason: DropReason,
    error?: Error,
  ): void {
    this.#door.leave(network);
    if (error !== undefined) {
      this.#host.peerLog.warn(
        () => `listener ${this.id} dropped a connection`,
        error,
      );
    }
    this.#drops.tell(reason, remoteAddress, error);
    this.#closeIfLast();
  }

  // Of connections that start TLS later.

  get tls(): TlsEnd | undefined {
    return this.#tls;
  }

  #awaitHeader(headers: HeaderIntake, socket: Socket): void {
    if (this.#door.isFull) return this.#refuse(socket, "maxConnections");
    if (!headers.trusts(socket)) {
      this.#drops.warn(socket, "it is not a trusted proxy");
      return this.#drops.drop(socket, "proxyUntrusted");
    }
    this.#door.enter(undefined);
    headers.take(socket);
  }

  /** Serves `socket`, unless a limit or the handler does not let it in. */
  #admit(socket: Socket): void {
    const network = this.#door.networkOf(socket);
    const limit = this.#door.refusal(network);
    if (limit !== undefined) return this.#refuse(socket, limit);
    const end = endOf(this.#tls, this.#upgrade);
    if (end === undefined) this.#serve(socket, network);
    else this.#beginHandshake(socket, network, end);
  }

  /** Has the handler choose a reactor for `socket`, and begins to serve it. */
  #serve(socket: Socket, network: string | undefined): void {
    this.#isChoosing = true;
    const connection = this.#connectionFor(socket);
    this.#isChoosing = false;
    if (connection === undefined) return this.#closeIfLast();
    this.#door.enter(network);
    connection.onceClosed(() => this.#onConnectionClosed(network));
    connection.start(this.id, this);
  }

  #refuse(socket: Socket, limit: Limit): void {
    this.#drops.warn(socket, this.#door.textOf(limit));
    this.#drops.drop(socket, limit);
  }

  /** A connection counts for the limits as soon as its handshake begins, but is none yet. */
  #beginHandshake(
    socket: Socket,
    network: string | undefined,
    end: TlsEnd | UpgradeEnd,
  ): void {
    this.#door.enter(network);
    this.#handshakes ??= end.intake<UserCommand>(this);
    this.#handshakes.take(socket, network, end);
  }

  /** To go on accepting is no use. */
  #onAcceptFailed(failure: SocketFailure): void {
    const on = describeAddress(this.address);
    const error = new ListenError(
      `Cannot accept on ${on}: ${failure.message}`,
      { cause: failure.cause },
    );
    this.#beginClosing(error);
    logError(`listener ${this.id} has to close: ${summaryOf(error)}`);
  }

  /** Gives up the address. */
  #release(): Promise<void> {
    this.#retry.stop();
    return this.#isFree ??= (this.#listener as Listener).close();
  }

  #beginClosing(reason: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#host.removeListener(this, this.#release());
    this.#headers?.close();
    this.#handshakes?.close();
    this.#drops.stopTelling();
  }

  #onConnectionClosed(network: string | undefined): void {
    this.#door.leave(network);
    this.#closeIfLast();
  }

  #closeIfLast(): void {
    if (this.#isFree === undefined || this.#isChoosing) return;
    if (this.#door.openCount === 0) this.#beginClosing(undefined);
    this.#tellEnded();
  }

  #failed(thrown: unknown): Error {
    const error = toError(thrown, "onStartListen");
    logError(`listener ${this.id}: onStartListen threw:`, error);
    this.#beginClosing(error);
    return error;
  }

  /** The connection that the handler wants for `socket`, which is dropped if there is none. */
  #connectionFor(socket: Socket): Connection<UserCommand> | undefined {
    const reactorSocket = new ReactorSocket(socket);
    let isWanted = false;
    try {
      const accepted = this.#handler.onNewConnection(this, reactorSocket);
      if (accepted === null) {
        socket.destroy();
        return undefined;
      }
      watchPromise(accepted, (thrown) => this.#handlerFailed(thrown));
      const reactor = reactorOf(accepted);
      isWanted = true;
      return this.#host.adopt(socket, reactor, accepted, {
        reactorSocket,
        tally: this.#tally,
      });
    } catch (thrown) {
      const error = toError(thrown, "onNewConnection");
      const reason = isWanted ? dropReasonOf(error) : "handlerFailed";
      const why = reason === "handlerFailed"
        ? "onNewConnection failed"
        : "it cannot be served";
      this.#drops.warn(socket, why, error);
      this.#drops.drop(socket, reason);
      return undefined;
    }
  }

  /** Its promise rejected; the connection was dropped, for it was none. */
  #handlerFailed(thrown: unknown): void {
    this.#host.peerLog.warn(
      () => `listener ${this.id}: onNewConnection failed`,
      toError(thrown, "onNewConnection"),
    );
  }
}
