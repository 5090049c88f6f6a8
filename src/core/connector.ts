import type { Adapter } from "../contract/adapter.ts";
import type { Socket } from "../contract/socket.ts";
import {
  type AddressLike,
  describeAddress,
  parseTarget,
} from "../api/address.ts";
import {
  CONNECT_OPTIONS,
  type ConnectOptions,
} from "../api/options/connect.ts";
import {
  type ConnectionOptions,
  type ConnectionSettings,
  connectionSettings,
} from "../api/options/connection.ts";
import { RUNTIME_OPTIONS, type RuntimeLimits } from "../api/options/runtime.ts";
import type { CmdSender, Reactor } from "../api/reactor.ts";
import { INVALID_REACTOR_ID } from "../api/reactor_id.ts";
import { tlsConnectSettings } from "../api/options/tls.ts";
import { proxyHeaderSettings } from "../api/options/proxy.ts";
import { BufferPool } from "../io/buffer_pool.ts";
import { adapterConnectOptions } from "./adapter_options.ts";
import { ConnectTally } from "../stats/connect_tally.ts";
import { Events } from "../stats/events.ts";
import { RequestTally } from "../stats/request_tally.ts";
import { Tally } from "../stats/tally.ts";
import { Binder } from "./binder.ts";
import { type BudgetHost, BufferBudget } from "./buffer_budget.ts";
import { ConnectAttempt } from "./connect_attempt.ts";
import { type AcceptedBy, Connection } from "./connection.ts";
import { checkReactor } from "../api/check_reactor.ts";
import { toError } from "../api/to_error.ts";
import type { ListenerHost, ListenerState } from "./listener_state.ts";
import type { PeerLog } from "./peer_log.ts";
import type { ReactorRegistry } from "./reactor_registry.ts";
import { checkHasTls } from "./on_demand.ts";
import { type OpenCallbacks, stopped } from "./open_callbacks.ts";
import { RuntimeTls } from "./runtime_tls.ts";
import type { TlsSource } from "./tls_source.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a {@linkcode Connector} gets from its runtime. */
export interface ConnectorParts<UserCommand> {
  readonly adapter: Adapter;
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly peerLog: PeerLog;
  readonly reactors: ReactorRegistry<UserCommand>;
}

/** Connects for a runtime, and is the host of its connections and listeners. */
export class Connector<UserCommand>
  implements ListenerHost<UserCommand>, BudgetHost<UserCommand> {
  readonly pool: BufferPool;
  readonly tally: Tally = new Tally();
  /**
   * Called with each connection that has closed, while an inspector is open.
   */
  onRemoved:
    | ((connection: Connection<UserCommand>, now: number) => void)
    | undefined = undefined;
  readonly connects: ConnectTally = new ConnectTally();
  /** The requests that this runtime makes, and those that it serves. */
  readonly requested: RequestTally;
  readonly served: RequestTally;
  readonly events: Events;
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly peerLog: PeerLog;

  readonly tls: RuntimeTls;
  readonly binder: Binder<UserCommand>;

  readonly #adapter: Adapter;
  readonly #reactors: ReactorRegistry<UserCommand>;
  readonly #defaults: ConnectionSettings;
  readonly #connecting = new Map<
    ConnectAttempt<UserCommand>,
    OpenCallbacks<Connection<UserCommand>>
  >();
  #isStopped = false;
  readonly #onStopped = new Set<() => void>();

  /** `options` are the defaults for connections. Throws `InvalidOptionError` if one is outside its range. */
  constructor(
    parts: ConnectorParts<UserCommand>,
    options: RuntimeLimits,
  ) {
    const { maxBufferedBytes, slowHandlerMs } = RUNTIME_OPTIONS.fill(options);
    this.pool = new BufferPool(new BufferBudget(this, maxBufferedBytes));
    this.loop = parts.loop;
    this.requested = new RequestTally(parts.adapter.clock);
    this.served = new RequestTally(parts.adapter.clock);
    this.events = new Events(
      parts.adapter.diagnostics,
      (callback) => this.loop.defer(callback),
      slowHandlerMs,
    );
    this.loop.handlerTimes.channel = this.events.slowHandler;
    this.cmdSender = parts.cmdSender;
    this.peerLog = parts.peerLog;
    this.#adapter = parts.adapter;
    this.tls = new RuntimeTls(parts.adapter);
    this.#reactors = parts.reactors;
    this.binder = new Binder(this, parts.adapter, parts.reactors);
    this.#defaults = connectionSettings(options);
  }

  // Called by its budget.

  get bytesHeld(): number {
    return this.pool.bytesHeld;
  }

  connections(): Iterable<Connection<UserCommand>> {
    return this.#reactors.connections();
  }

  /** True while something is being opened or released. */
  get isBusy(): boolean {
    return this.#connecting.size > 0 || this.binder.isBusy;
  }

  /**
   * Connects. Returns a function that cancels the connect without a callback,
   * unless it is too late.
   */
  connect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options: ConnectOptions,
    callbacks: OpenCallbacks<Connection<UserCommand>>,
  ): (() => boolean) | undefined {
    try {
      checkReactor(reactor);
      const target = parseTarget(address);
      const settings = connectionSettings(options, this.#defaults);
      const { connectTimeoutMs, proxyProtocol, tls, upgrade } = CONNECT_OPTIONS
        .fill(options);
      const action = `connect to ${describeAddress(target)}`;
      const host = target.transport === "tcp" ? target.hostname : "localhost";
      const plan = {
        options: adapterConnectOptions(this.#adapter, target),
        timeoutMs: connectTimeoutMs,
        proxyHeader: proxyProtocol && proxyHeaderSettings(proxyProtocol),
        tls: tls && tlsConnectSettings(tls, host),
        upgrade,
      };
      if (tls) checkHasTls(this.#adapter, action);
      // Checked last, because reading the options may have stopped the runtime.
      if (this.#isStopped) throw stopped(action);
      const connecting: ConnectAttempt<UserCommand> = new ConnectAttempt(
        this.loop,
        this.#adapter,
        this.tls.ends,
        plan,
        {
          onConnect: (socket, tlsEnd) => {
            this.#connecting.delete(connecting);
            const tlsSource = this.tls.clientSource(tlsEnd, host);
            this.#onConnected(socket, reactor, settings, tlsSource, callbacks);
          },
          onFailure: (error) => {
            this.#connecting.delete(connecting);
            this.connects.fail(error);
            callbacks.fail(error);
            this.loop.requestTurn();
          },
        },
      );
      this.#connecting.set(connecting, callbacks);
      this.connects.begin();
      connecting.start();
      return () => {
        if (!this.#connecting.delete(connecting)) return false;
        connecting.cancel();
        this.connects.cancelled++;
        return true;
      };
    } catch (thrown) {
      callbacks.fail(toError(thrown, "the adapter"));
      return undefined;
    }
  }

  /** True once nothing is opened any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Calls `callback` once, when nothing is opened any more, unless that is so
   * already. Returns a function that cancels this.
   */
  onceStopped(callback: () => void): () => void {
    this.#onStopped.add(callback);
    return () => void this.#onStopped.delete(callback);
  }

  /** Refuses new listeners from now on. */
  stopListening(): void {
    this.binder.stop();
  }

  /** Refuses to open anything, and cancels the connects in progress. */
  stop(): void {
    this.binder.stop();
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const callback of this.#onStopped) callback();
    this.#onStopped.clear();
    for (const [connecting, callbacks] of this.#connecting) {
      connecting.cancel();
      const error = stopped(connecting.action);
      this.connects.fail(error);
      this.loop.defer(() => callbacks.fail(error));
    }
    this.#connecting.clear();
  }

  // Called by connections and listeners.

  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
    by: AcceptedBy,
  ): Connection<UserCommand> {
    checkReactor(reactor);
    const settings = connectionSettings(options, this.#defaults);
    if (this.#isStopped) throw stopped("serve a connection");
    const connection = this.#addConnection(socket, reactor, settings, by);
    this.tally.accepted++;
    by.tally.accepted++;
    return connection;
  }

  adopted(tally: Tally): readonly Connection<UserCommand>[] {
    return this.#reactors.connections()
      .filter(({ listenerTally }) => listenerTally === tally);
  }

  remove(connection: Connection<UserCommand>, now: number): void {
    this.#reactors.remove(connection);
    const { reason } = connection;
    this.tally.close(connection, reason, now);
    connection.listenerTally?.close(connection, reason, now);
    this.onRemoved?.(connection, now);
    if (this.#reactors.size === 0) this.loop.requestTurn(); // there may be nothing left to do
  }

  removeListener(
    listening: ListenerState<UserCommand>,
    isFree: Promise<void>,
  ): void {
    this.#reactors.remove(listening);
    this.binder.awaitRelease(isFree, () => listening.onClosed());
  }

  #onConnected(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
    tlsSource: TlsSource,
    callbacks: OpenCallbacks<Connection<UserCommand>>,
  ): void {
    let connection: Connection<UserCommand>;
    try {
      connection = this.#addConnection(socket, reactor, settings);
      this.connects.opened++;
    } catch (error) {
      socket.destroy();
      this.connects.fail(error as Error);
      return callbacks.fail(error as Error);
    }
    const refusal = connection.start(INVALID_REACTOR_ID, tlsSource);
    if (refusal === undefined) callbacks.succeed(connection);
    else callbacks.fail(refusal);
  }

  #addConnection(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
    by?: AcceptedBy,
  ): Connection<UserCommand> {
    const connection = new Connection(this, socket, reactor, settings, by);
    this.#reactors.add(connection);
    return connection;
  }
}
