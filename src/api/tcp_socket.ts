/**
 * What a reactor sees of its socket.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { KeepAliveOptions } from "./options/keep_alive.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type { TlsInfo } from "../contract/tls_info.ts";

/**
 * What a reactor may see and set of its socket.
 *
 * @category Reactors
 */
export interface TcpSocket {
  /**
   * This end of the connection. On Bun and Node it is unknown if it is first
   * asked for when the socket is closed, and so is that of the end that connects to a
   * Unix socket, which has none. A link-local address has its zone, but not on Deno and Bun
   * where the listener was bound without one. Behind a proxy
   * ({@linkcode ListenOptions.proxyProtocol}): where the client has connected to.
   */
  readonly localAddress: SocketAddress;
  /**
   * The peer's end of the connection; also when it is closed. Unknown only if
   * the peer was gone before the connection was accepted, and on a Unix socket of
   * the end that connects: no runtime tells which user that is. Behind a proxy: the client's,
   * unless the proxy did not tell it.
   */
  readonly remoteAddress: SocketAddress;
  /** What the proxy has said that the connection came through; undefined if it was not asked to. */
  readonly proxy: ProxyInfo | undefined;
  /**
   * What the handshake of TLS has agreed on, and what the peer has shown; undefined
   * without TLS, and until it is started and that handshake is done. It stays when
   * the connection is closed.
   */
  readonly tls: TlsInfo | undefined;
  /** What the upgrade of the connection has agreed on, such as the path of a WebSocket; undefined without one. */
  readonly upgraded: object | undefined;
  /**
   * Sets or clears TCP_NODELAY; without effect once the socket is closed, and on
   * Unix sockets.
   *
   * @param on True to send small messages at once.
   */
  setNoDelay(on: boolean): void;
  /**
   * Turns TCP keep-alive probes on or off, as the option `keepAlive` does;
   * without effect once the socket is closed, and on Unix sockets.
   *
   * @param option True to send probes, or when to send them.
   * @throws {InvalidOptionError} If a time is outside of its range.
   */
  setKeepAlive(option: boolean | KeepAliveOptions): void;
}
