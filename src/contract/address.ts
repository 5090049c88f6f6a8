/** One end of a TCP connection, or the address a listener is bound to. */
export interface Address {
  /** A host name or a literal IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}
