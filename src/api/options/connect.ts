/**
 * What a connect can be given.
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
   * Milliseconds the connect may take: with name resolution, and for all the
   * addresses that a name has, which race each other. 1 to 2^31 - 1, default 30000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Sends a PROXY header before anything else, for programs that pass connections
   * on; all of it is out when `onConnected` is called. Default none.
   */
  readonly proxyProtocol?: ProxyHeaderOptions | undefined;
  /**
   * Speak TLS: what is said of it, or `true` for what is usual. The connection is
   * there when the handshake is done. Default: none.
   */
  readonly tls?: TlsConnectOptions | true | undefined;
  /**
   * What the connection goes through, behind TLS if there is any, before it is
   * there: an optional entry of the library makes one for WebSockets. Default:
   * nothing.
   */
  readonly upgrade?: Upgrade | undefined;
}

/** What a connect has besides the options of its connection. */
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

/** What the options of a connect are called. */
export const CONNECT_OPTION_NAMES: readonly string[] = [
  ...CONNECTION_OPTIONS.names,
  ...CONNECT_OPTIONS.names,
];
