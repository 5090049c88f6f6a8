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
import { ConnectTimeoutError } from "../api/errors.ts";
import { AddressRace, isRaced, type RaceEvents } from "./address_race.ts";
import {
  connectErrorOf,
  connectFailure,
  hasMetItself,
  MET_ITSELF,
} from "./connect_failures.ts";
import type { Failure } from "./failures.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** Told how a connect ended: one of the two, once. */
export interface ConnectOutcome {
  onConnect(socket: Socket): void;
  onFailure(error: Error): void;
}

/** A connect under way, to an address or to those of a name, and its time limit. */
export class ConnectAttempt<UserCommand> implements ConnectEvents, RaceEvents {
  readonly #loop: TurnLoop<UserCommand>;
  readonly #address: Address;
  readonly #outcome: ConnectOutcome;
  readonly #pending: PendingConnect;
  readonly #timeout: Timeout;

  constructor(
    loop: TurnLoop<UserCommand>,
    adapter: Adapter,
    options: AdapterConnectOptions,
    timeoutMs: number,
    outcome: ConnectOutcome,
  ) {
    const { address } = options;
    this.#loop = loop;
    this.#address = address;
    this.#outcome = outcome;
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
    this.#pending.cancel();
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
    this.#loop.disarm(this.#timeout);
    this.#outcome.onConnect(socket);
  }

  onLost(error: Error): void {
    this.#loop.disarm(this.#timeout);
    this.#outcome.onFailure(error);
  }

  #onFailed(failure: Failure): void {
    this.onLost(connectErrorOf(this.#address, failure));
  }

  #onTimeout(timeoutMs: number): void {
    const progress = this.#pending instanceof AddressRace
      ? this.#pending.progress
      : "";
    this.#pending.cancel();
    this.#outcome.onFailure(
      new ConnectTimeoutError(
        `Cannot ${this.action}: not connected within ${timeoutMs} ms (connectTimeoutMs)${progress}`,
      ),
    );
  }
}
