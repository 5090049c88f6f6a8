/**
 * The contract between the core and a runtime's sockets.
 *
 * An adapter moves bytes and reports what happened; it holds no policy. What
 * to queue, when to give up, how long to wait after a failure: the core decides.
 *
 * These rules hold for every adapter:
 *
 * - The adapter delivers no event from inside a call to itself or to one of its
 *   objects. It reports the consequences of a call later.
 * - When the adapter calls an event method of the core, it has nothing on the stack
 *   that a throw could corrupt; the core never throws out of an event.
 * - No call throws, whatever the host does. If the host throws, the connection
 *   concerned ends with `onClose`, or the connect fails. Calls that set an
 *   option or close something then have no effect. Listeners continue to
 *   accept.
 * - Events and callbacks run in the asynchronous context in which the adapter
 *   was loaded. No `AsyncLocalStorage` has the store of the caller that caused
 *   the event, since one callback may serve many callers.
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
 * The sockets, the clock and the turns of a runtime. One object serves any
 * number of runtimes of the library.
 *
 * @category Adapters
 */
export interface Adapter {
  /** For messages and tests: `deno`, `bun`, `node`, … */
  readonly name: string;

  /**
   * The transports of its sockets. It never gets an address of another
   * transport.
   */
  readonly transports: readonly Transport[];

  /**
   * The kinds of paths that its Unix sockets support. Left out if it supports
   * all, or has no Unix sockets.
   */
  readonly unixPaths?: readonly UnixPathKind[] | undefined;

  /**
   * True if `reusePort` works, and the system distributes connections over the
   * listeners that share a port.
   */
  readonly reusesPorts: boolean;

  /** Which of {@linkcode KeepAliveTimes} its sockets can set; left out if none. The runtime or the system decides the others. */
  readonly keepAliveTimes?: readonly (keyof KeepAliveTimes)[] | undefined;

  /** The clock; the core uses no other. */
  readonly clock: Clock;

  /**
   * Returns a random number from 0 (inclusive) to 1 (exclusive). The core has
   * no other source of randomness.
   *
   * @returns The number.
   */
  random(): number;

  /**
   * Returns the diagnostics channel with this name, always the same object.
   * Left out if the host has no such channels.
   *
   * @param name The name of the channel.
   * @returns The channel.
   */
  readonly diagnostics?: ((name: string) => DiagnosticsChannel) | undefined;

  /** The signals of the process. Left out if the process receives none. */
  readonly signals?: ProcessSignals | undefined;

  /** The environment of the process. Left out if it cannot be read. */
  readonly environment?: ProcessEnvironment | undefined;

  // A turn is one iteration of whatever polls the sockets: the host's event
  // loop, or the simulated network.

  /**
   * Calls back once, after the host has handled the events at hand and before
   * it sleeps. If the callback calls this again, sockets are served in between.
   *
   * @param callback What to call.
   */
  endOfTurn(callback: () => void): void;

  /**
   * Calls back once, after the host has served every socket that was ready at
   * the time of the call, and every connect that was decided by then. So when a
   * timer has fired, and this has called back, nothing came in time, even if
   * the process was suspended.
   *
   * @param callback What to call.
   */
  afterPoll(callback: () => void): void;

  /**
   * Binds and listens. Events come only after the promise is settled.
   *
   * @param options Where to listen, and how.
   * @param events Gets the connections.
   * @returns Resolves to the listener when it is bound.
   * @throws {SocketFailure} If it cannot be bound.
   */
  listen(
    options: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener>;

  /**
   * Looks up a host name, not a literal address, with the system's resolver: in
   * its files, then wherever it is configured to look. The adapter sets no time
   * limit. A look-up cannot be cancelled; the core ignores late results.
   *
   * With `resolve`, the core races the addresses of a name, and connects only
   * to addresses that were found. Without it, `connect` gets names unchanged,
   * for example for a proxy that resolves them itself.
   *
   * @param hostname The name.
   * @param events Gets the outcome.
   */
  readonly resolve?:
    | ((hostname: string, events: ResolveEvents) => void)
    | undefined;

  /**
   * Loads TLS for its sockets when it is first needed, since few programs need
   * it. Returns it synchronously if it is already loaded. Left out if there is
   * no TLS.
   *
   * @returns The TLS, or a promise of it.
   */
  readonly loadTls?: (() => Promise<Tls> | Tls) | undefined;

  /**
   * Starts a connect.
   *
   * @param options Where to connect.
   * @param events Gets the outcome.
   * @returns The connect, which can be cancelled.
   */
  connect(
    options: AdapterConnectOptions,
    events: ConnectEvents,
  ): PendingConnect;
}
