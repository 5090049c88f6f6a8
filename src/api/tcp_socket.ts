/**
 * The socket of a connection, as its reactor sees it.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { KeepAliveOptions } from "./options/keep_alive.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type { TlsInfo } from "../contract/tls_info.ts";

/**
 * The socket of a connection, as its reactor sees it.
 *
 * @category Reactors
 */
export interface TcpSocket {
  /**
   * This end of the connection. On Bun and Node it is unknown if you first read
   * it after the socket is closed. The end that connects to a Unix socket has
   * no address. A link-local address has its zone, except on Deno and Bun if
   * the listener was bound without one. Behind a proxy
   * ({@linkcode ListenOptions.proxyProtocol}) it is the address that the client
   * connected to.
   */
  readonly localAddress: SocketAddress;
  /**
   * The peer's end of the connection, also after it is closed. Unknown only if
   * the peer was gone before the connection was accepted, and for the client of
   * a Unix socket, since no runtime reports that user. Behind a proxy it is the
   * client's address, unless the proxy did not send it.
   */
  readonly remoteAddress: SocketAddress;
  /**
   * The PROXY header of the connection; undefined without
   * {@linkcode ListenOptions.proxyProtocol}.
   */
  readonly proxy: ProxyInfo | undefined;
  /**
   * What the TLS handshake negotiated, and the certificate of the peer; undefined
   * without TLS, and until the handshake is done. It remains available after the
   * connection is closed.
   */
  readonly tls: TlsInfo | undefined;
  /** What the upgrade of the connection negotiated, such as the path of a WebSocket; undefined without an upgrade. */
  readonly upgraded: object | undefined;
  /**
   * Sets or clears TCP_NODELAY. Has no effect once the socket is closed, and on Unix
   * sockets.
   *
   * @param on True to send small messages at once.
   * @throws {InvalidOptionError} If `on` is neither true nor false.
   */
  setNoDelay(on: boolean): void;
  /**
   * Turns TCP keep-alive probes on or off, as the option `keepAlive` does. Has no
   * effect once the socket is closed, and on Unix sockets.
   *
   * @param option True to send probes, or when to send them.
   * @throws {InvalidOptionError} If a time is outside of its range.
   */
  setKeepAlive(option: boolean | KeepAliveOptions): void;
}
