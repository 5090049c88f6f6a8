/**
 * Options of a listen.
 *
 * @module
 */

import { isObject } from "../../util/text.ts";
import {
  type ProxyProtocolOptions,
  type ProxyProtocolSettings,
  proxyProtocolSettings,
} from "./proxy.ts";
import {
  anObject,
  custom,
  type Filled,
  flag,
  integer,
  number,
  OptionTable,
} from "./rules.ts";
import type { TlsListenOptions } from "./tls.ts";

/**
 * Options of a listener. With {@linkcode ThreadedReactorMgr.listenAll} these limits
 * are for each thread.
 *
 * @category Reactors
 */
export interface ListenOptions {
  /** How many connections of this listener may be open. Further ones are dropped, and reported to `onDrop`. 1 to 2^20, default 65536. */
  readonly maxConnections?: number | undefined;
  /**
   * How many connections of one address may be open. Further ones are dropped, and
   * reported to `onDrop`. The addresses of an IPv6 network (/64) count as one, since
   * one customer has them all. An IPv4-mapped IPv6 address counts as the IPv4
   * address. Connections without an address, or whose address the runtime does not
   * report, are not limited. 1 to 2^20; the default is `maxConnections`.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * How many connections are accepted per second, in the long run. Further ones are
   * dropped, and reported to `onDrop`, since no runtime can make them wait. Those
   * dropped by another limit do not count. 1 to Infinity, default Infinity.
   */
  readonly acceptsPerSecond?: number | undefined;
  /**
   * How many connections are accepted at once after a period with fewer than
   * `acceptsPerSecond`. 1 to 2^20; the default is `acceptsPerSecond`, rounded
   * up.
   */
  readonly acceptBurst?: number | undefined;
  /** How many connections may wait to be accepted: a hint to the operating system. 1 to 65535, default 511. */
  readonly backlog?: number | undefined;
  /** Share the port with other listeners that set this (SO_REUSEPORT). Where the runtime cannot, and with a Unix socket, listening fails with `ListenError`. Default false. */
  readonly reusePort?: boolean | undefined;
  /**
   * The permissions of the file of a Unix socket, from the moment it exists.
   * Whoever may write to it may connect. With other addresses, listening fails with
   * `InvalidOptionError`. 0 to 0o777; the default is what the umask leaves of 0o777.
   */
  readonly mode?: number | undefined;
  /**
   * Every connection has to begin with a PROXY header from a trusted proxy. Then
   * `socket.remoteAddress` is that of the client, and `socket.proxy` has the rest. A
   * connection counts towards `maxConnections` before its header is complete. The
   * other limits apply to the address in the header. Default: there is no proxy,
   * and nothing is read as a header.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined;
  /**
   * Use TLS. Connections count towards the limits before their handshake is done;
   * handlers see them only afterwards. Default: no TLS.
   */
  readonly tls?: TlsListenOptions | undefined;
}

/** {@linkcode ListenOptions} with all defaults filled in. */
export type ListenSettings =
  & Filled<Omit<ListenOptions, "mode" | "proxyProtocol" | "tls">>
  & Pick<ListenOptions, "mode" | "tls">
  & { readonly proxyProtocol: ProxyProtocolSettings | undefined };

/** The most reactors of a runtime. */
const MAX_CONNECTIONS = 2 ** 20;

/** The rules and defaults of {@linkcode ListenOptions}. */
export const LISTEN_OPTIONS: OptionTable<ListenOptions> = new OptionTable<
  ListenOptions
>({
  maxConnections: integer(1, MAX_CONNECTIONS, 65536),
  maxConnectionsPerAddress: integer(1, MAX_CONNECTIONS),
  acceptsPerSecond: number(1, Infinity, Infinity),
  acceptBurst: integer(1, MAX_CONNECTIONS),
  backlog: integer(1, 65535, 511),
  reusePort: flag(false),
  mode: integer(0, 0o777),
  proxyProtocol: anObject<ProxyProtocolOptions>(),
  tls: custom<TlsListenOptions>("an object with cert and key", isObject),
});

/**
 * Fills in defaults; some limits default to others. Throws
 * {@linkcode InvalidOptionError}.
 */
export function listenSettings(options: ListenOptions): ListenSettings {
  const settings = LISTEN_OPTIONS.fill(options);
  const { maxConnections, acceptsPerSecond, proxyProtocol } = settings;
  return {
    ...settings,
    proxyProtocol: proxyProtocol && proxyProtocolSettings(proxyProtocol),
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress ??
      maxConnections,
    acceptBurst: settings.acceptBurst ?? Math.ceil(acceptsPerSecond),
  };
}
