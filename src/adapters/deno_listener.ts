import type { Address, ConnectAddress } from "../contract/address.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { traffic } from "./deno_fairness.ts";
import {
  denoHost,
  type NativeDenoConn,
  type NativeDenoListener,
} from "./deno_host.ts";
import { DenoSocket } from "./deno_socket.ts";
import { failureOf, whileAccepting } from "./failure_kinds.ts";
import { acceptedAt, type AddressHint, listenedAt } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { nativePath } from "./unix_paths.ts";

/** A listener on Deno. */
export class DenoListener implements Listener {
  readonly address: Address;
  /** What is known of the addresses of accepted sockets. */
  readonly #hint: AddressHint;
  readonly #native: NativeDenoListener;
  readonly #events: ListenerEvents;
  #isAccepting = false;
  #isClosed = false;
  #onFree: (() => void) | undefined;

  /**
   * For a Unix socket, `path` is where to bind if that differs from the
   * address.
   */
  constructor(
    address: ConnectAddress,
    { backlog, reusePort }: AdapterListenOptions,
    events: ListenerEvents,
    path?: string,
  ) {
    this.#hint = acceptedAt(address);
    this.#events = events;
    this.#native = denoHost.Deno.listen(
      address.transport === "tcp"
        ? { ...address, tcpBacklog: backlog, reusePort }
        : { ...address, path: path ?? nativePath(address) },
    );
    try {
      const { addr } = this.#native;
      this.address = addr.transport === "tcp"
        ? listenedAt(addr, address)
        : address;
    } catch (error) {
      this.close();
      throw error;
    }
    outsideAsyncContext(queueMicrotask, () => this.resume());
  }

  resume(): void {
    if (this.#isAccepting || this.#isClosed) return;
    this.#isAccepting = true;
    try {
      this.#native.accept().then(this.#onAccept, this.#onAcceptFailed);
    } catch (error) {
      queueMicrotask(() => this.#onAcceptFailed(error));
    }
  }

  /** The address stays in use until a pending accept has failed. */
  close(): Promise<void> {
    this.#isClosed = true;
    try {
      this.#native.close();
    } catch {
      return Promise.resolve(); // already closed
    }
    if (!this.#isAccepting) return Promise.resolve();
    return new Promise((resolve) => this.#onFree = resolve);
  }

  readonly #onAccept = (conn: NativeDenoConn): void => {
    traffic.served++;
    this.#isAccepting = false;
    if (this.#isClosed) {
      attempt(() => conn.close());
      return this.#onFree?.();
    }
    this.#events.onAccept(new DenoSocket(conn, this.#hint));
    this.resume();
  };

  readonly #onAcceptFailed = (error: unknown): void => {
    this.#isAccepting = false;
    if (this.#isClosed) return this.#onFree?.();
    this.#events.onAcceptError(whileAccepting(failureOf(error)));
  };
}
