/**
 * Sockets on Deno: `Deno.listen`, `Deno.connect`, `conn.read`, `conn.write`.
 *
 * @module
 */

import type {
  Adapter,
  Address,
  ConnectEvents,
  Listener,
  ListenerEvents,
  PendingConnect,
} from "./adapter.ts";
import { inNobodysContext } from "./async_context.ts";
import { whileAccepting } from "./failure_kinds.ts";
import { failureOf } from "./deno_failures.ts";
import { afterPoll, traffic } from "./deno_fairness.ts";
import { addressOf, type Conn, DenoSocket } from "./deno_socket.ts";
import { endOfTurn } from "./immediates.ts";
import { nodeAdapter } from "./node.ts";
import { systemSharesPorts } from "./shared_ports.ts";

/** What is used of a `Deno.TcpListener`. */
interface ConnListener {
  readonly addr: Address;
  accept(): Promise<Conn>;
  close(): void;
}

/** What is used of the global `Deno`. */
interface DenoNamespace {
  connect(
    options: { hostname: string; port: number; signal: AbortSignal },
  ): Promise<Conn>;
  listen(
    options: {
      hostname: string;
      port: number;
      tcpBacklog: number;
      reusePort: boolean;
    },
  ): ConnListener;
  listenDatagram?: unknown;
}

/** Nothing is read before a call, so any runtime can import this module. */
const host = globalThis as unknown as {
  readonly Deno: DenoNamespace;
};

class DenoListener implements Listener {
  readonly #listener: ConnListener;
  readonly #events: ListenerEvents;
  #accepting = false;
  #closed = false;
  #onFree: (() => void) | undefined;

  constructor(listener: ConnListener, events: ListenerEvents) {
    this.#listener = listener;
    this.#events = events;
  }

  get address(): Address {
    return addressOf(this.#listener.addr);
  }

  resume(): void {
    if (this.#accepting || this.#closed) return;
    this.#accepting = true;
    this.#listener.accept().then(this.#onAccept, this.#onAcceptFailed);
  }

  /** An accept that is under way holds the address until it has failed. */
  close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    if (!this.#accepting) return Promise.resolve();
    return new Promise((resolve) => this.#onFree = resolve);
  }

  readonly #onAccept = (conn: Conn): void => {
    traffic.served++;
    this.#accepting = false;
    if (this.#closed) {
      conn.close();
      return this.#onFree?.();
    }
    this.#events.onAccept(new DenoSocket(conn));
    this.resume();
  };

  readonly #onAcceptFailed = (cause: unknown): void => {
    this.#accepting = false;
    if (this.#closed) return this.#onFree?.();
    this.#events.onAcceptError(whileAccepting(failureOf(cause)));
  };
}

class DenoConnect implements PendingConnect {
  readonly #events: ConnectEvents;
  readonly #abort = new AbortController();
  #cancelled = false;

  constructor(address: Address, events: ConnectEvents) {
    this.#events = events;
    traffic.open++;
    // A connect that succeeds just as it is aborted would be thrown away, still
    // open, by this check; without it the connection arrives and is closed.
    this.#abort.signal.throwIfAborted = () => {};
    host.Deno.connect({
      hostname: address.hostname,
      port: address.port,
      signal: this.#abort.signal,
    }).then(this.#onConnect, this.#onConnectFailed);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort.abort();
  }

  readonly #onConnect = (conn: Conn): void => {
    this.#onDecided();
    if (this.#cancelled) conn.close();
    else this.#events.onConnect(new DenoSocket(conn));
  };

  readonly #onConnectFailed = (cause: unknown): void => {
    this.#onDecided();
    if (!this.#cancelled) this.#events.onConnectError(failureOf(cause));
  };

  #onDecided(): void {
    traffic.served++;
    traffic.open--;
  }
}

/** Without `--unstable-net`, which brings `listenDatagram`, Deno ends the process on `reusePort`. Its `node:net` needs no flag. */
function sharesPortsItself(): boolean {
  return typeof host.Deno.listenDatagram === "function";
}

/** Sockets on Deno. */
export const denoAdapter: Adapter = {
  name: "deno",
  borrowsWrites: true,

  get reusesPorts(): boolean {
    return systemSharesPorts();
  },

  now: () => performance.now(),

  wallNow: () => Date.now(),

  setTimer: (callback, delayMs) =>
    inNobodysContext(setTimeout, callback, Math.ceil(delayMs)),

  clearTimer: (timer) => clearTimeout(timer as number),

  endOfTurn,

  afterPoll,

  // deno-lint-ignore require-await -- what listen throws becomes a rejection
  async listen(options, events) {
    if (options.reusePort && !sharesPortsItself()) {
      return nodeAdapter.listen(options, events);
    }
    try {
      const listener = new DenoListener(
        host.Deno.listen({
          hostname: options.hostname,
          port: options.port,
          tcpBacklog: options.backlog,
          reusePort: options.reusePort,
        }),
        events,
      );
      inNobodysContext(queueMicrotask, () => listener.resume());
      return listener;
    } catch (cause) {
      throw failureOf(cause);
    }
  },

  connect: (address, events) =>
    inNobodysContext(() => new DenoConnect(address, events)),
};
