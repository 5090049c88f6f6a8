/**
 * The outcome of a TLS handshake.
 *
 * @module
 */

/**
 * A version of TLS. Older ones are not supported.
 *
 * @category TLS
 */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/**
 * A certificate that a peer has presented.
 *
 * @category TLS
 */
export interface TlsCertificate {
  /** The common name of its subject; empty if it has none. */
  readonly subject: string;
  /** The common name of its issuer; empty if it has none. */
  readonly issuer: string;
  /** The names that it is for, as `DNS:one.example, IP Address:10.0.0.1`; empty if it has none. */
  readonly subjectAltName: string;
  /** The serial number, hexadecimal. */
  readonly serialNumber: string;
  /** The SHA-256 fingerprint: 32 hexadecimal numbers, separated by colons. */
  readonly fingerprint256: string;
  /** The start of its validity, as the runtime formats it. */
  readonly validFrom: string;
  /** The end of its validity, as the runtime formats it. */
  readonly validTo: string;
  /** The whole certificate, as DER. */
  readonly raw: Uint8Array;
}

/**
 * What the TLS handshake of a connection negotiated.
 *
 * @category TLS
 */
export interface TlsInfo {
  /** The version. */
  readonly version: TlsVersion;
  /** The cipher suite, as the runtime names it. */
  readonly cipher: string;
  /** The negotiated application protocol (ALPN); undefined if there is none. */
  readonly alpn: string | undefined;
  /**
   * The requested server name (SNI); undefined if there is none, for example
   * with a literal address.
   */
  readonly serverName: string | undefined;
  /** The certificate of the peer; undefined if it presented none. */
  readonly peerCertificate: TlsCertificate | undefined;
  /** True if the peer presented a certificate, and it is valid. */
  readonly isAuthorized: boolean;
}
