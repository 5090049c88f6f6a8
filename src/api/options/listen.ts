/**
 * What a listen can be given.
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
 * Options of a listen. With {@linkcode ThreadedReactorMgr.listenAll} each thread has
 * these limits for itself.
 *
 * @category Reactors
 */
export interface ListenOptions {
  /** Connections of this listener that may be open at once; what comes beyond is dropped, and told to `onDrop`. 1 to 2^20, default 65536. */
  readonly maxConnections?: number | undefined;
  /**
   * Connections of one address that may be open at once; what comes beyond is
   * dropped, and told to `onDrop`. The addresses of an IPv6 network (/64) count as
   * one, since one customer has it all; an IPv4 address that is written as one of
   * IPv6 is the IPv4 address. What has no address, or one that the runtime does
   * not tell, is not limited. 1 to 2^20; the default is `maxConnections`.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Connections that are let in in a second, in the long run; what comes beyond
   * is dropped, and told to `onDrop`: no runtime lets them wait. What another limit
   * drops does not count. 1 to Infinity, default Infinity.
   */
  readonly acceptsPerSecond?: number | undefined;
  /** Connections that are let in at once, after a time with fewer than `acceptsPerSecond`. 1 to 2^20; the default is `acceptsPerSecond`, rounded up. */
  readonly acceptBurst?: number | undefined;
  /** Connections that may wait to be accepted: a hint to the system. 1 to 65535, default 511. */
  readonly backlog?: number | undefined;
  /** Share the port with other listeners that set this (SO_REUSEPORT); where the runtime cannot, and with a Unix socket, listening fails with `ListenError`. Default false. */
  readonly reusePort?: boolean | undefined;
  /**
   * The permissions of the file of a Unix socket; who may write to it may connect.
   * It never has others. With an address that is no file listening fails with
   * `InvalidOptionError`. 0 to 0o777; the default is what the umask leaves of 0o777.
   */
  readonly mode?: number | undefined;
  /**
   * Every connection has to begin with a PROXY header, from a proxy that is
   * trusted: `socket.remoteAddress` is the client's, and `socket.proxy` the rest. A
   * connection that has sent no whole header yet counts for `maxConnections`; the
   * other limits are those of the address that `socket.remoteAddress` will tell,
   * when that is known. Default: there is no proxy, and nothing is taken for a
   * header.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined;
  /**
   * Speak TLS. A connection whose handshake is not done counts for the limits,
   * and is told to nobody. Default: none.
   */
  readonly tls?: TlsListenOptions | undefined;
}

/** {@linkcode ListenOptions} with nothing left out. */
export type ListenSettings =
  & Filled<Omit<ListenOptions, "mode" | "proxyProtocol" | "tls">>
  & Pick<ListenOptions, "mode" | "tls">
  & { readonly proxyProtocol: ProxyProtocolSettings | undefined };

/** As many reactors as a runtime can have. */
const MAX_CONNECTIONS = 2 ** 20;

/** The options of a listen. */
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

/** Fills `options` up: a limit that is not given is that of a larger one. Throws {@linkcode InvalidOptionError}. */
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
