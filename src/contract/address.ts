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
 * A socket that was handed over: by whoever started the process, who has bound it.
 * It is there to listen on, not to connect to. Whose address it is of: see
 * `inheritedSockets`.
 *
 * @category Reactors
 */
export interface FdAddress {
  /** Tells it from other addresses. */
  readonly transport: "fd";
  /** The number of its file descriptor, 0 to 2147483647. */
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
