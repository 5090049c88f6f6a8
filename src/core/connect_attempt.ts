import type { Adapter } from "../contract/adapter.ts";
import type { Address, TcpAddress } from "../contract/address.ts";
import type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "../contract/connect.ts";
import type { Socket } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import { ConnectError, ConnectTimeoutError } from "../api/errors.ts";
import { AddressRace, isRaced, type RaceEvents } from "./address_race.ts";
import {
  connectErrorOf,
  connectFailure,
  hasMetItself,
  MET_ITSELF,
} from "./connect_failures.ts";
import type { Failure } from "./failures.ts";
import {
  HeaderSending,
  type HeaderSendingEvents,
} from "../io/header_sending.ts";
import { Timeout } from "./time_limits.ts";
import type { TlsEnd } from "./tls_contexts.ts";
import { TlsHandshake } from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** The connection ended before its header was out. */
const LOST: Failure = {
  errorClass: ConnectError,
  reason: "it was closed before its PROXY header was out",
  cause: undefined,
};

/** Told how a connect ended: one of the two, once. */
export interface ConnectOutcome {
  onConnect(socket: Socket): void;
  onFailure(error: Error): void;
}

/** A connect under way, to an address or to those of a name, until its PROXY header is out and its handshake done, if it has them, and its time limit. */
export class ConnectAttempt<UserCommand>
  implements ConnectEvents, RaceEvents, HeaderSendingEvents {
  readonly #loop: TurnLoop<UserCommand>;
  readonly #address: Address;
  readonly #outcome: ConnectOutcome;
  readonly #pending: PendingConnect;
  readonly #timeout: Timeout;
  readonly #proxyHeader: Uint8Array | undefined;
  /** Set once it is connected, if there is a header. */
  #headerSending: HeaderSending | undefined = undefined;
  readonly #tls: TlsEnd | undefined;
  #handshake: TlsHandshake<UserCommand> | undefined = undefined;

  constructor(
    loop: TurnLoop<UserCommand>,
    adapter: Adapter,
    options: AdapterConnectOptions,
    timeoutMs: number,
    proxyHeader: Uint8Array | undefined,
    tls: TlsEnd | undefined,
    outcome: ConnectOutcome,
  ) {
    const { address } = options;
    this.#loop = loop;
    this.#address = address;
    this.#proxyHeader = proxyHeader;
    this.#outcome = outcome;
    this.#tls = tls;
    this.#timeout = new Timeout(() => this.#onTimeout(timeoutMs));
    this.#pending = isRaced(adapter, address)
      ? new AddressRace(loop, adapter, address as TcpAddress, this)
      : adapter.connect(options, this);
    loop.arm(this.#timeout, timeoutMs);
  }

  /** What it does, for messages. */
  get action(): string {
    return `connect to ${formatAddress(this.#address)}`;
  }

  /** Gives up: the outcome is not told. */
  cancel(): void {
    this.#loop.disarm(this.#timeout);
    this.#giveUp();
  }

  // Of the one address that there is.

  onConnect(socket: Socket): void {
    this.#loop.onSocketEvent();
    if (!hasMetItself(socket, this.#address)) return this.onWon(socket);
    socket.destroy();
    this.#onFailed(MET_ITSELF);
  }

  onConnectError(failure: SocketFailure): void {
    this.#loop.onSocketEvent();
    this.#onFailed(connectFailure(this.#address, failure));
  }

  // Of the race of several, or in the end.

  onWon(socket: Socket): void {
    if (this.#proxyHeader === undefined) return this.#onReady(socket);
    const sending = new HeaderSending(socket, this.#proxyHeader, this);
    this.#headerSending = sending;
    sending.start();
  }

  onLost(error: Error): void {
    this.#loop.disarm(this.#timeout);
    this.#outcome.onFailure(error);
  }

  // Of the header.

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
    if (this.#tls === undefined) return this.#outcome.onConnect(socket);
    this.#handshake = new TlsHandshake(
      this.#loop,
      socket,
      { action: this.action, ...this.#tls },
      {
        onSecure: (secured) => this.#outcome.onConnect(secured),
        onFailed: (error) => this.#outcome.onFailure(error),
      },
    );
  }

  #giveUp(): void {
    if (this.#handshake !== undefined) this.#handshake.cancel();
    else if (this.#headerSending === undefined) this.#pending.cancel();
    else this.#headerSending.cancel();
  }

  #onFailed(failure: Failure): void {
    this.onLost(connectErrorOf(this.#address, failure));
  }

  #onTimeout(timeoutMs: number): void {
    const progress = this.#progress;
    this.#giveUp();
    this.#outcome.onFailure(
      new ConnectTimeoutError(
        `Cannot ${this.action}: not connected within ${timeoutMs} ms (connectTimeoutMs)${progress}`,
      ),
    );
  }
  /** How far it has come, to follow what says that it is not connected. */
  get #progress(): string {
    if (this.#headerSending !== undefined) {
      return ": its PROXY header was not out by then";
    }
    return this.#pending instanceof AddressRace ? this.#pending.progress : "";
  }
}
