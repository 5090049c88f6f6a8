import type { Adapter } from "../contract/adapter.ts";
import type { Address } from "../contract/address.ts";
import type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "../contract/connect.ts";
import type { Socket } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import { ConnectionRefusedError, ConnectTimeoutError } from "../api/errors.ts";
import { connectError } from "./failures.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** Told how a connect ended: one of the two, once. */
export interface ConnectOutcome {
  onConnect(socket: Socket): void;
  onFailure(error: Error): void;
}

/** A connect under way, and its time limit. */
export class ConnectAttempt<UserCommand> implements ConnectEvents {
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
    this.#loop = loop;
    this.#address = options.address;
    this.#outcome = outcome;
    this.#timeout = new Timeout(() => this.#onTimeout(timeoutMs));
    this.#pending = adapter.connect(options, this);
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

  onConnect(socket: Socket): void {
    this.#loop.onSocketEvent();
    this.#loop.disarm(this.#timeout);
    if (!this.#hasMetItself(socket)) return this.#outcome.onConnect(socket);
    socket.destroy();
    this.#outcome.onFailure(
      new ConnectionRefusedError(
        `Cannot ${this.action}: nobody listens there, and the connection met itself`,
      ),
    );
  }

  onConnectError(failure: SocketFailure): void {
    this.#loop.onSocketEvent();
    this.#loop.disarm(this.#timeout);
    this.#outcome.onFailure(connectError(this.#address, failure));
  }

  /** TCP connects two ends that open at once, and if the system chose the port that we connect to as ours, these are one and the same. */
  #hasMetItself(socket: Socket): boolean {
    const { localAddress } = socket;
    const target = this.#address;
    if (localAddress.transport !== "tcp" || target.transport !== "tcp") {
      return false;
    }
    if (localAddress.port !== target.port) return false;
    // The peer's address is asked for only where that says something.
    const { remoteAddress } = socket;
    return remoteAddress.transport === "tcp" &&
      remoteAddress.hostname === localAddress.hostname;
  }

  #onTimeout(timeoutMs: number): void {
    this.#pending.cancel();
    this.#outcome.onFailure(
      new ConnectTimeoutError(
        `Cannot ${this.action}: not connected within ${timeoutMs} ms (connectTimeoutMs)`,
      ),
    );
  }
}
