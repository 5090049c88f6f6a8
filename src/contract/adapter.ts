/**
 * The contract between the core and a runtime's sockets.
 *
 * An adapter moves bytes and reports what happened; it holds no policy. What
 * to queue, when to give up, how long to wait after a failure: the core decides.
 *
 * These rules hold for every adapter:
 *
 * - No event is delivered from inside a call to the adapter or to one of its
 *   objects. What a call causes is reported later.
 * - Event methods are called on the core with nothing of the adapter's on the
 *   stack that a throw could corrupt; the core never throws out of an event.
 * - No call throws, whatever the host does. What it throws ends the connection
 *   that it is about, by `onClose`, or the connect; what sets an option, or
 *   closes, is without effect then. Listeners go on.
 * - Events and callbacks come in nobody's asynchronous context: an
 *   `AsyncLocalStorage` has there what it had where the adapter was loaded, and
 *   never the store of whoever caused the event, since many are served by one.
 *
 * @module
 */

import type { UnixPathKind } from "../util/unix_paths.ts";
import type { Transport } from "./address.ts";
import type { Clock } from "./clock.ts";
import type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "./connect.ts";
import type { DiagnosticsChannel } from "./diagnostics.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "./listener.ts";
import type { ProcessEnvironment } from "./environment.ts";
import type { ResolveEvents } from "./resolve.ts";
import type { ProcessSignals } from "./signals.ts";
import type { KeepAliveTimes } from "./socket.ts";
import type { Tls } from "./tls.ts";

/**
 * A runtime's sockets, its clock, and when its turns end. One object serves any
 * number of runtimes of the library.
 *
 * @category Adapters
 */
export interface Adapter {
  /** For messages and tests: `deno`, `bun`, `node`, … */
  readonly name: string;

  /** What its sockets are of; it is given addresses of no other transport. */
  readonly transports: readonly Transport[];

  /** Which paths its Unix sockets may have; left out if any, or if it has no such sockets. */
  readonly unixPaths?: readonly UnixPathKind[] | undefined;

  /** True if `reusePort` works here, and connections are spread over the listeners that share a port. */
  readonly reusesPorts: boolean;

  /** What its sockets can be told of {@linkcode KeepAliveTimes}; left out if nothing. The rest is as the runtime or the system has it. */
  readonly keepAliveTimes?: readonly (keyof KeepAliveTimes)[] | undefined;

  /** Its time. Nothing else tells the core how late it is. */
  readonly clock: Clock;

  /** A number from 0 (inclusive) to 1 (exclusive), by chance: the only one that the core has. */
  random(): number;

  /** Where is told what happens: the channel of a name, always the same. Left out if nobody can look. */
  readonly diagnostics?: ((name: string) => DiagnosticsChannel) | undefined;

  /** The signals of the process that it runs in; left out if that gets none. */
  readonly signals?: ProcessSignals | undefined;

  /** What that process was told by whoever started it; left out if it was told nothing. */
  readonly environment?: ProcessEnvironment | undefined;

  // Turns are those of whoever polls the sockets: of the host's event loop, or
  // of the simulated network.

  /**
   * Calls back once, when the events that the host has at hand are dealt with
   * and before it sleeps. A callback that asks again lets sockets be served
   * in between.
   */
  endOfTurn(callback: () => void): void;

  /**
   * Calls back once, when every socket that was ready at the time of the call,
   * and every connect that was decided, has been served: by then a timer that is
   * over proves that nothing came in time, even if the process stood still.
   */
  afterPoll(callback: () => void): void;

  /** Binds and listens. Rejects with a {@linkcode SocketFailure}. Events come only after the promise is settled. */
  listen(
    options: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener>;

  /**
   * Looks up a host name, which is no literal address, as every program of the
   * system does: in its files, and then wherever else it is told to look. How long
   * that takes is no matter of the adapter's. It cannot be cancelled: what comes
   * too late is ignored.
   *
   * An adapter that leaves this out is given names to connect to, as they are:
   * one of a proxy that looks them up itself, for instance. With it, the core
   * races the addresses of a name, and connects to nothing but what was found.
   */
  readonly resolve?:
    | ((hostname: string, events: ResolveEvents) => void)
    | undefined;

  /**
   * Loads what speaks TLS over its sockets, which few programs need, when the
   * first one asks for it, or has it at hand; left out if it cannot.
   */
  readonly loadTls?: (() => Promise<Tls> | Tls) | undefined;

  /** Starts to connect. */
  connect(
    options: AdapterConnectOptions,
    events: ConnectEvents,
  ): PendingConnect;
}
