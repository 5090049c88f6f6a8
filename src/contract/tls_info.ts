/**
 * What is known of a connection in TLS.
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
 * What the TLS handshake of a connection negotiated.
 *
 * @category TLS
 */
export interface TlsInfo {
  /** The version. */
  readonly version: TlsVersion;
  /** The cipher suite, by the name that the runtime has for it. */
  readonly cipher: string;
  /** The negotiated application protocol (ALPN); undefined if there is none. */
  readonly alpn: string | undefined;
  /** The server name that the client asked for (SNI); undefined if it asked for none, for example with a literal address. */
  readonly serverName: string | undefined;
  /** The certificate of the peer; undefined if it presented none. */
  readonly peerCertificate: TlsCertificate | undefined;
  /** True if the peer presented a certificate, and it is valid. */
  readonly isAuthorized: boolean;
}
