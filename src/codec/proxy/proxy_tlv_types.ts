// In a separate file because users import it: bundlers might make every program
// load what is beside it.

/**
 * The types of {@linkcode ProxyTlv} that the specification defines. It leaves 0xE0 to
 * 0xEF to applications.
 *
 * @category Codecs
 */
export const PROXY_TLV = {
  /** The protocol that TLS negotiated. */
  alpn: 0x01,
  /** The host name that the client asked for. */
  authority: 0x02,
  /** The CRC-32C of the header. It is verified. */
  checksum: 0x03,
  /** Padding. */
  noop: 0x04,
  /** The proxy's id of the connection. */
  uniqueId: 0x05,
  /** The client's TLS, as the proxy saw it. */
  tls: 0x20,
  /** The network namespace of the proxy. */
  netns: 0x30,
} as const;
