/**
 * Addresses, as adapters get and tell them.
 *
 * @module
 */

/**
 * A host and a port.
 *
 * @category Reactors
 */
export interface TcpAddress {
  /** Tells it from other addresses. */
  readonly transport: "tcp";
  /** A host name or a literal IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * A Unix domain socket, or what Windows has in its place.
 *
 * @category Reactors
 */
export interface UnixAddress {
  /** Tells it from other addresses. */
  readonly transport: "unix";
  /**
   * Where it is in the file system, with a slash; or `@name`, which is in no file
   * system but in the abstract names of Linux; or a named pipe of Windows,
   * `\\.\pipe\name`.
   */
  readonly path: string;
}

/**
 * Where to connect to, or where to listen.
 *
 * @category Reactors
 */
export type Address = TcpAddress | UnixAddress;

/**
 * What carries a connection.
 *
 * @category Adapters
 */
export type Transport = Address["transport"];

/**
 * The address of a socket that has none, as the connecting end of a Unix socket,
 * or whose runtime does not tell it: most forget it when the socket closes.
 *
 * @category Adapters
 */
export interface UnknownAddress {
  /** Tells it from other addresses. */
  readonly transport: "unknown";
}

/**
 * The address of one end of a connection.
 *
 * @category Reactors
 */
export type SocketAddress = Address | UnknownAddress;

/**
 * The address that nobody knows.
 *
 * @category Adapters
 */
export const UNKNOWN_ADDRESS: UnknownAddress = { transport: "unknown" };
