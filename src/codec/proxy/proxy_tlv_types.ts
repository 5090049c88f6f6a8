// A file of its own, for this is what users name: what lies with it, bundlers have
// every program load that has the library.

/**
 * The types of {@linkcode ProxyTlv} that the specification names; 0xE0 to 0xEF are
 * for whoever likes.
 *
 * @category Codecs
 */
export const PROXY_TLV = {
  /** The protocol that TLS has agreed on. */
  alpn: 0x01,
  /** The name that the client asked for. */
  authority: 0x02,
  /** A CRC-32C of the header, which is checked. */
  checksum: 0x03,
  /** Nothing: it fills the header up. */
  noop: 0x04,
  /** What the proxy calls the connection. */
  uniqueId: 0x05,
  /** What the proxy says of the TLS of its client. */
  tls: 0x20,
  /** The network namespace of the proxy. */
  netns: 0x30,
} as const;
