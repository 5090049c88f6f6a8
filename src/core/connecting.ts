import type {
  Adapter,
  Address,
  ConnectEvents,
  PendingConnect,
  Socket,
  SocketFailure,
} from "../adapters/adapter.ts";
import { formatAddress } from "../address.ts";
import { ConnectTimeoutError } from "../errors.ts";
import { type ConnectionHost, Timeout } from "./connection.ts";
import { connectError } from "./failures.ts";

/** Told how a connect ended: one of the two, once. */
export interface ConnectOutcome {
  onConnect(socket: Socket): void;
  onFailure(error: Error): void;
}

/** A connect under way, and its time limit. */
export class Connecting<UserCommand> implements ConnectEvents {
  readonly #host: ConnectionHost<UserCommand>;
  readonly #address: Address;
  readonly #outcome: ConnectOutcome;
  readonly #pending: PendingConnect;
  readonly #timeout: Timeout;

  constructor(
    host: ConnectionHost<UserCommand>,
    adapter: Adapter,
    address: Address,
    timeoutMs: number,
    outcome: ConnectOutcome,
  ) {
    this.#host = host;
    this.#address = address;
    this.#outcome = outcome;
    this.#timeout = new Timeout(() => this.#onTimeout(timeoutMs));
    this.#pending = adapter.connect(address, this);
    host.arm(this.#timeout, timeoutMs);
  }

  /** Gives up: the outcome is not told. */
  cancel(): void {
    this.#host.disarm(this.#timeout);
    this.#pending.cancel();
  }

  onConnect(socket: Socket): void {
    this.#host.countSocketEvent();
    this.#host.disarm(this.#timeout);
    this.#outcome.onConnect(socket);
  }

  onConnectError(failure: SocketFailure): void {
    this.#host.countSocketEvent();
    this.#host.disarm(this.#timeout);
    this.#outcome.onFailure(connectError(this.#address, failure));
  }

  #onTimeout(timeoutMs: number): void {
    this.#pending.cancel();
    this.#outcome.onFailure(
      new ConnectTimeoutError(
        `Cannot connect to ${
          formatAddress(this.#address)
        }: not connected within ${timeoutMs} ms (connectTimeoutMs)`,
      ),
    );
  }
}
