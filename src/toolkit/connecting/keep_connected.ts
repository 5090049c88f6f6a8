/**
 * Clients that stay connected.
 *
 * @module
 */

import type { Address } from "../../contract/address.ts";
import { type AddressLike, parseTarget } from "../../api/address.ts";
import { checkArgument } from "../../api/check_argument.ts";
import { checkFunction } from "../../api/check_function.ts";
import { InvalidAddressError } from "../../api/errors.ts";
import {
  abortSignal,
  aFunction,
  anObject,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import {
  CONNECT_OPTIONS,
  type ConnectOptions,
} from "../../api/options/connect.ts";
import { CONNECTION_OPTIONS } from "../../api/options/connection.ts";
import type { Reactor } from "../../api/reactor.ts";
import type { ReactRuntime } from "../../runtime.ts";
import { forget } from "../../util/forget.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { type BackoffOptions, backoffSettings } from "./backoff.ts";
import { Reconnector } from "./reconnector.ts";
import type { KeepConnectedState, KeptConnection } from "./kept_connection.ts";

/**
 * Options of {@linkcode keepConnected}: those of its connections, and when it
 * connects again.
 *
 * @category Connections
 */
export interface KeepConnectedOptions extends ConnectOptions {
  /** How long to wait before connecting again. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * After this many attempts in a row, it stops with `AttemptsExhaustedError`. The
   * count starts over when a connection has stayed up for longer than
   * `backoff.maxMs`. 1 to 2^31 - 1; by default there is no limit.
   */
  readonly maxAttempts?: number | undefined;
  /** Stops it when aborted, as {@linkcode KeptConnection.close} does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called whenever it begins to do something else, in turns of the runtime, never
   * from inside a call of yours. If this throws or rejects, that is logged. Without
   * it, failures are logged at `LogLevel.Warn`: for each address the first one, then
   * those that differ, otherwise one a minute.
   *
   * @param state What it is doing from now on.
   */
  readonly onState?: ((state: KeepConnectedState) => void) | undefined;
}

/** The options of {@linkcode keepConnected}, but for those of its connections. */
export const KEEP_CONNECTED_OPTIONS: OptionTable<
  Omit<KeepConnectedOptions, keyof ConnectOptions>
> = new OptionTable<Omit<KeepConnectedOptions, keyof ConnectOptions>>({
  backoff: anObject<BackoffOptions>({}),
  maxAttempts: integer(1, MAX_INT32),
  signal: abortSignal(),
  onState: aFunction<(state: KeepConnectedState) => void>(),
});

/**
 * Connects, and connects again whenever an attempt fails or the connection is lost,
 * until it is closed, its signal is aborted or the runtime is stopped. Each
 * connection gets a new reactor.
 *
 * The wait before the next attempt is random, and its bound grows with each
 * failure. So clients that lose their server together do not come back together.
 * The waits start over only after a connection has stayed up for longer than
 * `maxMs`. So a server that accepts and closes at once is tried no more often than
 * one that refuses.
 *
 * Several addresses are tried in turn. If one is a name, each attempt looks it up
 * again, and tries all of its addresses.
 *
 * A reactor that calls `ctx.close()` only ends its connection, and the next one
 * follows. To stop altogether, close what this returns.
 *
 * The object given as `tls` is read anew for each attempt: to renew a certificate,
 * assign its `cert` and `key`.
 *
 * @param runtime Whose connections they are; the one of a thread is
 * `thread.runtime`.
 * @param addresses Where to connect: one address, or several.
 * @param makeReactor Creates the reactor for a connection to `address`, before the
 * connection is open. If it throws, a line is logged, and the attempt counts as
 * failed.
 * @param options Options of the connections, and when to connect again.
 * @returns A handle to close it. It connects in the next turn.
 * @throws {InvalidArgumentError} If `runtime` is not a runtime.
 * @throws {InvalidAddressError} If an address is invalid, or none is given.
 * @throws {InvalidOptionError} If an option is out of range.
 * @throws {InvalidCallbackError} If `makeReactor` is not a function.
 *
 * @category Connections
 * @example
 * ```ts
 * import { keepConnected, MessageResult, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const server = await runtime.listen("127.0.0.1:0", {
 *   onNewConnection: () => ({ reactor: { onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length) } }),
 * });
 * const kept = keepConnected(runtime, server.address, () => ({
 *   onConnected: (ctx) => void ctx.sendOrQueue(new TextEncoder().encode("here I am again")),
 *   onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
 * }), {
 *   backoff: { minMs: 100, maxMs: 5000 },
 *   onState(state) {
 *     console.log(state.kind); // connecting, connected, stopped
 *     if (state.kind === "connected") void kept.close();
 *   },
 * });
 * await kept.whenClosed;
 * ```
 */
export function keepConnected<
  UserCommand,
  Cmd extends UserCommand = UserCommand,
  Value = unknown,
>(
  runtime: ReactRuntime<UserCommand>,
  addresses: AddressLike | readonly AddressLike[],
  makeReactor: (address: Address) => Reactor<Cmd, Value>,
  options: KeepConnectedOptions = {},
): KeptConnection<Cmd, Value> {
  forget(options);
  checkArgument(runtime, "a runtime", "connect");
  const settings = KEEP_CONNECTED_OPTIONS.fill(options);
  const targets = addressList(addresses);
  checkFunction(makeReactor, "make reactors by");
  return new Reconnector(runtime, targets, makeReactor, {
    connect: {
      ...CONNECTION_OPTIONS.given(options),
      ...CONNECT_OPTIONS.given(options),
    },
    backoff: backoffSettings(settings.backoff),
    maxAttempts: settings.maxAttempts ?? Infinity,
    signal: settings.signal,
    onState: settings.onState,
  });
}

function addressList(
  addresses: AddressLike | readonly AddressLike[],
): readonly Address[] {
  const list = Array.isArray(addresses) ? [...addresses] : [addresses];
  if (list.length > 0) return list.map((address) => parseTarget(address));
  throw new InvalidAddressError("Cannot keep connected: there is no address");
}
