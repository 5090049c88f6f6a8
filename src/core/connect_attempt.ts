import type { Adapter } from "../contract/adapter.ts";
import type { Address, TcpAddress } from "../contract/address.ts";
import type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "../contract/connect.ts";
import type { Socket } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { describeAddress } from "../api/address.ts";
import { ConnectError, ConnectTimeoutError } from "../api/errors.ts";
import type { ProxyHeaderSettings } from "../api/options/proxy.ts";
import type { TlsConnectSettings } from "../api/options/tls.ts";
import type { Lazy } from "../util/lazy.ts";
import type { AddressRace, RaceEvents } from "./address_race.ts";
import {
  connectErrorOf,
  connectFailure,
  isSelfConnect,
  SELF_CONNECT,
} from "./connect_failures.ts";
import type { Failure } from "./failures.ts";
import type {
  HeaderSending,
  HeaderSendingEvents,
} from "../io/header_sending.ts";
import {
  endOf,
  NAME_RACE,
  PROXY_PROTOCOL,
  UPGRADE_ENDS,
  whenLoaded,
} from "./on_demand.ts";
import type { PendingOpening } from "./opening.ts";
import { Timeout } from "./time_limits.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { TlsEnds } from "./tls_ends.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { isLiteral } from "../util/literal_hosts.ts";

/** The connection ended before its header was sent. */
const LOST: Failure = {
  errorClass: ConnectError,
  reason: "it was closed before its PROXY header was out",
  cause: undefined,
};

/** The upgrade answered the peer, which only a server may do. */
const ANSWERED: Failure = {
  errorClass: ConnectError,
  reason: "its upgrade has answered instead of asking",
  cause: undefined,
};

/** Callbacks for the outcome of a connect. Exactly one is called, once. */
export interface ConnectOutcome {
  /** `tls` is the TLS end that was set up, if any. */
  onConnect(socket: Socket, tls: TlsEnd | undefined): void;
  onFailure(error: Error): void;
}

/** What to connect to, how, and how long it may take. */
export interface ConnectPlan {
  readonly options: AdapterConnectOptions;
  readonly timeoutMs: number;
  readonly proxyHeader: ProxyHeaderSettings | undefined;
  readonly tls: TlsConnectSettings | undefined;
  readonly upgrade: Upgrade | undefined;
}

/**
 * A connect in progress, to an address or to the addresses of a name, with its
 * time limit. It includes sending the PROXY header and the handshakes, if there
 * are any.
 */
export class ConnectAttempt<UserCommand>
  implements ConnectEvents, RaceEvents, HeaderSendingEvents {
  readonly #loop: TurnLoop<UserCommand>;
  readonly #adapter: Adapter;
  readonly #ends: Lazy<TlsEnds>;
  readonly #plan: ConnectPlan;
  readonly #outcome: ConnectOutcome;
  readonly #timeout = new Timeout(() => this.#onTimeout());
  /** Undefined until everything it needs is loaded. */
  #pending: PendingConnect | undefined = undefined;
  /** The same object, if it is a race. */
  #race: AddressRace<UserCommand> | undefined = undefined;
  #header: Uint8Array | undefined = undefined;
  /** Set once connected, if there is a header to send. */
  #headerSending: HeaderSending | undefined = undefined;
  #tls: TlsEnd | undefined = undefined;
  /** Set once the header is sent, if there is TLS or an upgrade. */
  #opening: PendingOpening | undefined = undefined;
  #isOver = false;

  /** `ends` belongs to `adapter`. */
  constructor(
    loop: TurnLoop<UserCommand>,
    adapter: Adapter,
    ends: Lazy<TlsEnds>,
    plan: ConnectPlan,
    outcome: ConnectOutcome,
  ) {
    this.#loop = loop;
    this.#adapter = adapter;
    this.#ends = ends;
    this.#plan = plan;
    this.#outcome = outcome;
  }

  /** Starts. May fail at once. */
  start(): void {
    const { proxyHeader, tls, upgrade, timeoutMs } = this.#plan;
    const parts = [
      ...(this.#isRaced ? [NAME_RACE] : []),
      ...(tls ? [this.#ends] : []),
      ...(proxyHeader ? [PROXY_PROTOCOL] : []),
      ...(upgrade ? [UPGRADE_ENDS] : []),
    ];
    whenLoaded(
      this.#loop,
      parts,
      this.action,
      () => this.#begin(),
      (error) => this.onLost(error),
    );
    if (!this.#isOver) this.#loop.arm(this.#timeout, timeoutMs);
  }

  #begin(): void {
    if (this.#isOver) return;
    const { options, proxyHeader, tls } = this.#plan;
    this.#header = proxyHeader &&
      PROXY_PROTOCOL.value.encodeHeader(proxyHeader);
    this.#tls = tls && this.#ends.value.client(tls, this.action);
    if (!this.#isRaced) {
      this.#pending = this.#adapter.connect(options, this);
      return;
    }
    const { AddressRace } = NAME_RACE.value;
    this.#race = new AddressRace(
      this.#loop,
      this.#adapter,
      this.#address as TcpAddress,
      this,
    );
    this.#pending = this.#race;
  }

  /** Describes its action, for messages. */
  get action(): string {
    return `connect to ${describeAddress(this.#address)}`;
  }

  get #address(): Address {
    return this.#plan.options.address;
  }

  /** True if addresses race: the target is a name, and the adapter looks up names. */
  get #isRaced(): boolean {
    const address = this.#address;
    return address.transport === "tcp" && !isLiteral(address.hostname) &&
      this.#adapter.resolve !== undefined;
  }

  /** Cancels it. No callback follows. */
  cancel(): void {
    this.#isOver = true;
    this.#loop.disarm(this.#timeout);
    this.#giveUp();
  }

  // Called by the connect to a single address.

  onConnect(socket: Socket): void {
    this.#loop.onSocketEvent();
    if (!isSelfConnect(socket, this.#address)) return this.onWon(socket);
    socket.destroy();
    this.#onFailed(SELF_CONNECT);
  }

  onConnectError(failure: SocketFailure): void {
    this.#loop.onSocketEvent();
    this.#onFailed(connectFailure(this.#address, failure));
  }

  // Called by the race of several addresses, or for a single one.

  onWon(socket: Socket): void {
    if (this.#header === undefined) return this.#onReady(socket);
    const { HeaderSending } = PROXY_PROTOCOL.value;
    const sending = new HeaderSending(socket, this.#header, this);
    this.#headerSending = sending;
    sending.start();
  }

  onLost(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#loop.disarm(this.#timeout);
    this.#outcome.onFailure(error);
  }

  // Called when the header is sent.

  onSent(socket: Socket): void {
    this.#loop.onSocketEvent();
    this.#onReady(socket);
  }

  onHeaderLost(failure: SocketFailure | undefined): void {
    this.#loop.onSocketEvent();
    this.#onFailed(
      failure === undefined ? LOST : connectFailure(this.#address, failure),
    );
  }

  #onReady(socket: Socket): void {
    this.#loop.disarm(this.#timeout);
    const end = endOf(this.#tls, this.#plan.upgrade);
    if (end === undefined) return this.#onOpened(socket);
    this.#opening = end.begin(this.#loop, socket, this.action, {
      onOpened: (opened) => this.#onOpened(opened),
      onAnswered: () => this.#onFailed(ANSWERED),
      onFailed: (error) => this.#outcome.onFailure(error),
    });
  }

  #onOpened(socket: Socket): void {
    this.#outcome.onConnect(socket, this.#tls);
  }

  #giveUp(): void {
    if (this.#opening !== undefined) this.#opening.cancel();
    else if (this.#headerSending === undefined) this.#pending?.cancel();
    else this.#headerSending.cancel();
  }

  #onFailed(failure: Failure): void {
    this.onLost(connectErrorOf(this.#address, failure));
  }

  #onTimeout(): void {
    const { timeoutMs } = this.#plan;
    const progress = this.#progress;
    this.#isOver = true;
    this.#giveUp();
    this.#outcome.onFailure(
      new ConnectTimeoutError(
        `Cannot ${this.action}: not connected within ${timeoutMs} ms (connectTimeoutMs)${progress}`,
      ),
    );
  }

  /** The progress so far, to append to a message. */
  get #progress(): string {
    if (this.#headerSending !== undefined) {
      return ": its PROXY header was not out by then";
    }
    if (this.#pending === undefined) {
      return ": what it takes was not loaded by then";
    }
    return this.#race?.progress ?? "";
  }
}
