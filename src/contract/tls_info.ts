/**
 * What is known of a connection in TLS.
 *
 * @module
 */

/**
 * A version of TLS. Older ones are not spoken.
 *
 * @category TLS
 */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/**
 * A certificate, as a peer has shown it.
 *
 * @category TLS
 */
export interface TlsCertificate {
  /** Whom it is for: its common name, or empty. */
  readonly subject: string;
  /** Who has signed it: the common name, or empty. */
  readonly issuer: string;
  /** The names that it is for, as `DNS:one.example, IP Address:10.0.0.1`; empty if it has none. */
  readonly subjectAltName: string;
  /** Its number, hexadecimal. */
  readonly serialNumber: string;
  /** Its SHA-256, as 32 hexadecimal numbers with colons between them. */
  readonly fingerprint256: string;
  /** From when it is valid, as the runtime writes it. */
  readonly validFrom: string;
  /** Until when it is valid, as the runtime writes it. */
  readonly validTo: string;
  /** All of it, as DER. */
  readonly raw: Uint8Array;
}

/**
 * What the handshake of a connection has agreed on.
 *
 * @category TLS
 */
export interface TlsInfo {
  /** The version. */
  readonly version: TlsVersion;
  /** The cipher suite, by the name that the runtime has for it. */
  readonly cipher: string;
  /** The protocol that was agreed on (ALPN); undefined if none was. */
  readonly alpn: string | undefined;
  /** The name of the server that the client asked for (SNI); undefined if it asked for none, as by a literal address. */
  readonly serverName: string | undefined;
  /** What the peer has shown; undefined if it showed none. */
  readonly peerCertificate: TlsCertificate | undefined;
  /** True if the peer has shown a certificate, and it is right. */
  readonly isAuthorized: boolean;
}
