/**
 * Options of a connect.
 *
 * @module
 */

import type { Upgrade } from "../../contract/upgrade.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { isObject } from "../../util/text.ts";
import { CONNECTION_OPTIONS, type ConnectionOptions } from "./connection.ts";
import type { ProxyHeaderOptions } from "./proxy.ts";
import { anObject, custom, integer, OptionTable } from "./rules.ts";
import type { TlsConnectOptions } from "./tls.ts";
import { anUpgrade } from "./upgrade.ts";

/**
 * Options of a connect.
 *
 * @category Reactors
 */
export interface ConnectOptions extends ConnectionOptions {
  /**
   * How many milliseconds the connect may take, including name resolution and all
   * addresses of the name, which race each other. 1 to 2^31 - 1, default 30000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * A PROXY header to send before anything else, for programs that pass connections
   * on. All of it is out when `onConnected` is called. Default: none.
   */
  readonly proxyProtocol?: ProxyHeaderOptions | undefined;
  /**
   * Use TLS, with these options; `true` takes the defaults. The connection opens
   * when the handshake is done. Default: no TLS.
   */
  readonly tls?: TlsConnectOptions | true | undefined;
  /**
   * A further handshake after TLS, before the connection opens. An optional
   * entry of the library provides one for WebSockets. Default: none.
   */
  readonly upgrade?: Upgrade | undefined;
}

/** The options of a connect itself, without those of its connection. */
export const CONNECT_OPTIONS: OptionTable<
  Omit<ConnectOptions, keyof ConnectionOptions>
> = new OptionTable<Omit<ConnectOptions, keyof ConnectionOptions>>({
  connectTimeoutMs: integer(1, MAX_INT32, 30_000),
  proxyProtocol: anObject<ProxyHeaderOptions>(),
  tls: custom<TlsConnectOptions | true>(
    "true or an object",
    (value) => value === true || isObject(value),
  ),
  upgrade: anUpgrade(),
});

/** The names of all options of a connect. */
export const CONNECT_OPTION_NAMES: readonly string[] = [
  ...CONNECTION_OPTIONS.names,
  ...CONNECT_OPTIONS.names,
];
