/**
 * The PROXY protocol: what a proxy says about a connection that it forwards.
 *
 * @module
 */

import type { SocketAddress } from "./address.ts";

/**
 * A field of a PROXY header of version 2: a type, a length, and a value.
 *
 * @category Reactors
 */
export interface ProxyTlv {
  /** 0 to 255; {@linkcode PROXY_TLV} has those that the specification names. */
  readonly type: number;
  /** At most 65,535 bytes. In a received header it is a view of the whole header: to transfer it, copy it. */
  readonly value: Uint8Array;
}

/**
 * What a proxy says about TLS between the client and itself. A text is empty if
 * the proxy does not send it.
 *
 * @category Reactors
 */
export interface ProxyTls {
  /** The client speaks TLS. */
  readonly usesTls: boolean;
  /**
   * The client has presented a certificate, on this connection or earlier in
   * this session, and it was verified.
   */
  readonly isVerified: boolean;
  /** The client has presented a certificate on this connection. */
  readonly sentCertificate: boolean;
  /**
   * The client has presented a certificate in the session that this connection
   * resumes.
   */
  readonly sentCertificateInSession: boolean;
  /** The version, such as `TLSv1.3`. */
  readonly version: string;
  /** The common name of the certificate of the client. */
  readonly commonName: string;
  /** The cipher suite, such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The algorithm that signed the certificate of the proxy, such as `SHA256`. */
  readonly signatureAlgorithm: string;
  /** The kind of key in that certificate, such as `RSA2048`. */
  readonly keyAlgorithm: string;
  /** All its fields, including unknown ones. */
  readonly tlvs: readonly ProxyTlv[];
}

/**
 * A PROXY header: what a proxy says about a connection, before anything else.
 *
 * @category Reactors
 */
export interface ProxyHeader {
  /** The version of the protocol: a line of text, or binary. */
  readonly version: 1 | 2;
  /**
   * `"local"` if the proxy opened the connection for itself, for example for a
   * health check.
   */
  readonly command: "proxy" | "local";
  /**
   * The address of the client; undefined for `"local"`, and if it is neither
   * TCP nor a Unix socket.
   */
  readonly source: SocketAddress | undefined;
  /**
   * The address that the client connected to; undefined together with `source`.
   */
  readonly destination: SocketAddress | undefined;
  /** The application protocol that TLS negotiated, such as `h2`. */
  readonly alpn?: string | undefined;
  /** The host name that the client requested, such as the SNI of TLS. */
  readonly authority?: string | undefined;
  /** The id that the proxy assigned to the connection, at most 128 bytes. */
  readonly uniqueId?: Uint8Array | undefined;
  /** What the proxy says about TLS between the client and itself. */
  readonly tls?: ProxyTls | undefined;
  /** The name of the network namespace of the proxy. */
  readonly netns?: string | undefined;
  /** All fields in the order of the header, including those above and unknown ones; empty for version 1. */
  readonly tlvs: readonly ProxyTlv[];
}

/**
 * The PROXY header of a connection, with the address of its sender.
 *
 * @category Reactors
 */
export interface ProxyInfo extends ProxyHeader {
  /** The address of the proxy: the peer of the connection itself. */
  readonly peerAddress: SocketAddress;
}
