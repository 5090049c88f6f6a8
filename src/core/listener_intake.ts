import type { Socket } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import { describeListener } from "../api/address.ts";
import { InvalidOptionError } from "../api/errors.ts";
import type { ConnectionOptions } from "../api/options/connection.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { StartTlsOptions, TlsListenOptions } from "../api/options/tls.ts";
import type {
  ListenerContext,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";
import type { Tally } from "../stats/tally.ts";
import { watchPromise } from "../util/promises.ts";
import { dropReasonOf, reactorOf } from "./accepted_connection.ts";
import type { AcceptedBy, Connection, ConnectionHost } from "./connection.ts";
import { Admission } from "./admission.ts";
import type { Limit } from "./admission_limits.ts";
import { toError } from "../api/to_error.ts";
import type { HandshakeHost, HandshakeIntake } from "./handshake_intake.ts";
import type { HeaderHost, HeaderIntake } from "./header_intake.ts";
import { ListenerDrops } from "./listener_drops.ts";
import { endOf, PROXY_PROTOCOL } from "./on_demand.ts";
import { ReactorSocket } from "./reactor_socket.ts";
import type { RuntimeTls } from "./runtime_tls.ts";
import type { TlsEnd } from "./tls_end.ts";
import { laterEnd, type TlsSource } from "./tls_source.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What the intake of a listener needs from its runtime. */
export interface IntakeHost<UserCommand> extends ConnectionHost<UserCommand> {
  /** The counters of all listeners and connections. */
  readonly tally: Tally;
  readonly tls: RuntimeTls;
  /** Creates the connection of an accepted socket, without starting it. */
  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
    by: AcceptedBy,
  ): Connection<UserCommand>;
}

/** What an intake needs from its listener. */
export interface IntakeListener<UserCommand>
  extends ListenerContext<UserCommand> {
  /** An accepted connection has closed, or was not admitted. */
  onLeft(): void;
}

/**
 * Takes an accepted socket to its reactor: limits, PROXY header, handshakes,
 * and the handler's choice.
 */
export class ListenerIntake<UserCommand>
  implements HeaderHost, HandshakeHost<UserCommand>, TlsSource {
  readonly drops: ListenerDrops<UserCommand>;
  readonly #host: IntakeHost<UserCommand>;
  readonly #listener: IntakeListener<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #tally: Tally;
  readonly admission: Admission;
  /** Set if connections need a PROXY header. */
  readonly #headers: HeaderIntake | undefined = undefined;
  /** Undefined without TLS. */
  #tls: TlsEnd | undefined;
  readonly #upgrade: Upgrade | undefined;
  /** Created by the first handshake. */
  #handshakes: HandshakeIntake<UserCommand> | undefined = undefined;
  /**
   * True while the handler chooses a reactor for a connection, which is not
   * counted yet.
   */
  #isChoosing = false;

  constructor(
    host: IntakeHost<UserCommand>,
    listener: IntakeListener<UserCommand>,
    handler: TcpListenerHandler<UserCommand>,
    settings: ListenSettings,
    { tally, tls, upgrade }: {
      readonly tally: Tally;
      readonly tls: TlsEnd | undefined;
      readonly upgrade: Upgrade | undefined;
    },
  ) {
    this.#host = host;
    this.#listener = listener;
    this.#handler = handler;
    this.#tally = tally;
    this.#tls = tls;
    this.#upgrade = upgrade;
    this.admission = new Admission(settings, () => host.loop.now());
    this.drops = new ListenerDrops(listener, handler, host, tally);
    const { proxyProtocol } = settings;
    if (proxyProtocol !== undefined) {
      const { HeaderIntake } = PROXY_PROTOCOL.value;
      this.#headers = new HeaderIntake(this, proxyProtocol);
    }
  }

  /** Number of connections being served, not counting those in handshakes. */
  get connectionCount(): number {
    return this.admission.openCount - (this.#handshakes?.size ?? 0);
  }

  /** True if none of its connections is open any more. */
  get isEmpty(): boolean {
    return this.admission.openCount === 0 && !this.#isChoosing;
  }

  /** Handles `socket`, which was just accepted. */
  take(socket: Socket): void {
    if (this.#headers === undefined) this.admit(socket);
    else if (this.admission.isFull) this.#refuse(socket, "maxConnections");
    else this.#headers.take(socket);
  }

  /**
   * Uses this TLS for new connections. Throws {@linkcode InvalidOptionError}
   * for `action` if the listener has no TLS.
   */
  setTls(tls: TlsListenOptions, action: string): void {
    if (this.#tls === undefined) {
      throw new InvalidOptionError(`Cannot ${action}: it has none`);
    }
    this.#tls = this.#host.tls.endAfter(this.#tls, tls, action);
  }

  /** Drops all connections in handshakes. */
  stopHandshakes(): void {
    this.#handshakes?.close();
  }

  /**
   * Drops all connections that are not served yet. `onDrop` is no longer
   * called.
   */
  close(): void {
    this.#headers?.close();
    this.stopHandshakes();
    this.drops.stopReporting();
  }

  // Called by the intakes of headers and handshakes.

  get loop(): TurnLoop<UserCommand> {
    return this.#host.loop;
  }

  /** Serves `socket`, unless a limit or the handler refuses it. */
  admit(socket: Socket): void {
    const network = this.admission.networkOf(socket);
    const limit = this.admission.refusal(network);
    if (limit !== undefined) return this.#refuse(socket, limit);
    const end = endOf(this.#tls, this.#upgrade);
    if (end === undefined) return this.serve(socket, network);
    this.#handshakes ??= end.intake<UserCommand>(this);
    this.#handshakes.take(socket, network, end);
  }

  /** Lets the handler choose a reactor for `socket`, and starts to serve it. */
  serve(socket: Socket, network: string | undefined): void {
    this.#isChoosing = true;
    const connection = this.#connectionFor(socket);
    this.#isChoosing = false;
    if (connection === undefined) return this.onLeft();
    this.admission.enter(network);
    connection.onceClosed(() => {
      this.admission.leave(network);
      this.onLeft();
    });
    connection.start(this.#listener.id, this);
  }

  warn(error: Error): void {
    this.#host.peerLog.warn(
      () => `${describeListener(this.#listener)} dropped a connection`,
      error,
    );
  }

  onLeft(): void {
    this.#listener.onLeft();
  }

  // For connections that start TLS later.

  endToStart(
    options: StartTlsOptions | undefined,
    action: string,
  ): TlsEnd | Promise<TlsEnd> {
    return options === undefined
      ? laterEnd(this.#tls, action)
      : this.#host.tls.serverEnd(options as TlsListenOptions, action);
  }

  #refuse(socket: Socket, limit: Limit): void {
    this.drops.warn(socket, this.admission.textOf(limit));
    this.drops.drop(socket, limit);
  }

  /**
   * Returns the connection that the handler chose for `socket`. Without one,
   * the socket is dropped.
   */
  #connectionFor(socket: Socket): Connection<UserCommand> | undefined {
    const reactorSocket = new ReactorSocket(socket);
    let isWanted = false;
    try {
      const accepted = this.#handler.onNewConnection(
        this.#listener,
        reactorSocket,
      );
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
      this.drops.warn(socket, why, error);
      this.drops.drop(socket, reason, error);
      return undefined;
    }
  }

  /**
   * The handler returned a promise that rejected. Its connection has been
   * dropped already.
   */
  #handlerFailed(thrown: unknown): void {
    this.#host.peerLog.warn(
      () => `${describeListener(this.#listener)}: onNewConnection failed`,
      toError(thrown, "onNewConnection"),
    );
  }
}
