import type { ConnectAddress } from "../contract/address.ts";
import type { ConnectEvents, PendingConnect } from "../contract/connect.ts";
import { traffic } from "./deno_fairness.ts";
import { denoHost, type NativeDenoConn } from "./deno_host.ts";
import { DenoSocket } from "./deno_socket.ts";
import { failureOf, failureTo } from "./failure_kinds.ts";
import { connectedTo } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { nativePath } from "./unix_paths.ts";

/** A connect on Deno. */
export class DenoConnect implements PendingConnect {
  readonly #address: ConnectAddress;
  readonly #events: ConnectEvents;
  readonly #abort = new AbortController();
  #isCancelled = false;

  constructor(address: ConnectAddress, events: ConnectEvents) {
    this.#address = address;
    this.#events = events;
    this.#begin();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#abort.abort();
  }

  #begin(): void {
    traffic.open++;
    const { signal } = this.#abort;
    // If a connect succeeds just when it is aborted, this check would make Deno
    // drop the connection without closing it. Without the check it arrives
    // here, and is closed.
    signal.throwIfAborted = () => {};
    const address = this.#address;
    try {
      const target = address.transport === "tcp"
        ? address
        : { ...address, path: nativePath(address) };
      denoHost.Deno.connect({ ...target, signal }).then(
        (conn) => this.#onConnected(conn),
        (error) => this.#onFailed(error),
      );
    } catch (error) {
      queueMicrotask(() => this.#onFailed(error));
    }
  }

  #onConnected(conn: NativeDenoConn): void {
    this.#onDecided();
    if (this.#isCancelled) return attempt(() => conn.close());
    const hint = connectedTo(this.#address);
    this.#events.onConnect(new DenoSocket(conn, hint));
  }

  #onFailed(error: unknown): void {
    this.#onDecided();
    if (this.#isCancelled) return;
    this.#events.onConnectError(failureTo(this.#address, failureOf(error)));
  }

  #onDecided(): void {
    traffic.served++;
    traffic.open--;
  }
}
