/**
 * Addresses of sockets.
 *
 * @module
 */

/**
 * A host and a port.
 *
 * @category Reactors
 */
export interface TcpAddress {
  /** Distinguishes it from other addresses. */
  readonly transport: "tcp";
  /** A host name or a literal IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * A Unix domain socket, or a named pipe of Windows.
 *
 * @category Reactors
 */
export interface UnixAddress {
  /** Distinguishes it from other addresses. */
  readonly transport: "unix";
  /**
   * A path in the file system, with a slash; an abstract name of Linux,
   * `@name`; or a named pipe of Windows, `\\.\pipe\name`.
   */
  readonly path: string;
}

/**
 * An inherited socket: bound by the parent process and passed on as a file
 * descriptor. You can listen on it, but not connect to it. See
 * `inheritedSockets`.
 *
 * @category Reactors
 */
export interface FdAddress {
  /** Distinguishes it from other addresses. */
  readonly transport: "fd";
  /** The file descriptor, 0 to 2147483647. */
  readonly fd: number;
}

/**
 * Where to connect to.
 *
 * @category Reactors
 */
export type ConnectAddress = TcpAddress | UnixAddress;

/**
 * Where to connect to, or where to listen.
 *
 * @category Reactors
 */
export type Address = ConnectAddress | FdAddress;

/**
 * The transport of a connection.
 *
 * @category Adapters
 */
export type Transport = Address["transport"];

/**
 * The address of a socket that has none, such as the connecting end of a Unix
 * socket, or whose address the runtime does not report: most forget it when the
 * socket closes.
 *
 * @category Reactors
 */
export interface UnknownAddress {
  /** Distinguishes it from other addresses. */
  readonly transport: "unknown";
}

/**
 * The address of one end of a connection.
 *
 * @category Reactors
 */
export type SocketAddress = Address | UnknownAddress;

/**
 * The only {@linkcode UnknownAddress}.
 *
 * @category Adapters
 */
export const UNKNOWN_ADDRESS: UnknownAddress = { transport: "unknown" };
