/**
 * What a proxy says of a connection that it passes on.
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
  /** 65,535 bytes at most. What has come in is a view of all of the header: to transfer it, copy it. */
  readonly value: Uint8Array;
}

/**
 * What a proxy says of the TLS that its client speaks to it. An empty text is
 * one that it does not tell.
 *
 * @category Reactors
 */
export interface ProxyTls {
  /** The client speaks TLS. */
  readonly usesTls: boolean;
  /** The client has sent a certificate, in this connection or earlier in this session, and it was verified. */
  readonly isVerified: boolean;
  /** The client has sent a certificate in this connection. */
  readonly sentCertificate: boolean;
  /** The client has sent a certificate in the session that this connection goes on with. */
  readonly sentCertificateInSession: boolean;
  /** As `TLSv1.3`. */
  readonly version: string;
  /** The common name of the certificate of the client. */
  readonly commonName: string;
  /** As `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** What the certificate of the proxy is signed with, as `SHA256`. */
  readonly signatureAlgorithm: string;
  /** Of which kind the key of that certificate is, as `RSA2048`. */
  readonly keyAlgorithm: string;
  /** Every field of it, also those that are not known. */
  readonly tlvs: readonly ProxyTlv[];
}

/**
 * A PROXY header: what a proxy says of a connection, before anything else.
 *
 * @category Reactors
 */
export interface ProxyHeader {
  /** The version of the protocol: a line of text, or binary. */
  readonly version: 1 | 2;
  /** `"local"` if the proxy has made the connection for itself, as for a health check. */
  readonly command: "proxy" | "local";
  /** Where the client is; undefined if the header does not tell: of `"local"`, and of what is neither TCP nor a Unix socket. */
  readonly source: SocketAddress | undefined;
  /** Where the client has connected to; undefined together with `source`. */
  readonly destination: SocketAddress | undefined;
  /** The protocol that TLS has agreed on, as `h2`. */
  readonly alpn?: string | undefined;
  /** The name that the client asked for: the server name of TLS. */
  readonly authority?: string | undefined;
  /** What the proxy calls the connection, 128 bytes at most. */
  readonly uniqueId?: Uint8Array | undefined;
  /** What the proxy says of the TLS of its client. */
  readonly tls?: ProxyTls | undefined;
  /** The name of the network namespace of the proxy. */
  readonly netns?: string | undefined;
  /** Every field in the order of the header, those above and those that are not known; none of version 1. */
  readonly tlvs: readonly ProxyTlv[];
}

/**
 * The PROXY header of a connection, and who has sent it.
 *
 * @category Reactors
 */
export interface ProxyInfo extends ProxyHeader {
  /** Where the proxy is: the peer of the connection itself. */
  readonly peerAddress: SocketAddress;
}
