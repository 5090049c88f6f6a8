/**
 * TLS of an adapter.
 *
 * @module
 */

import type { Socket } from "./socket.ts";
import type { TlsVersion } from "./tls_info.ts";

/**
 * Certificates or a key: PEM, as text or as bytes.
 *
 * @category TLS
 */
export type TlsMaterial = string | Uint8Array;

/**
 * A certificate, with any intermediate certificates, and its private key.
 *
 * @category TLS
 */
export interface TlsCredential {
  /** The certificate, followed by the intermediate certificates. */
  readonly cert: TlsMaterial;
  /** The private key of the first certificate. */
  readonly key: TlsMaterial;
  /**
   * The passphrase of the key; ignored if the key is not encrypted. An encrypted key
   * without it is refused with `InvalidCredentialError`. Default: none.
   */
  readonly passphrase?: string | undefined;
}

/**
 * Whether a server requests client certificates. `"none"`: no. `"request"`:
 * yes, but they may be missing or invalid; see {@linkcode TlsInfo}.
 * `"require"`: yes, and they must be signed by an authority in `ca`.
 *
 * @category TLS
 */
export type ClientCertificate = "none" | "request" | "require";

/**
 * The settings of both ends, already checked.
 *
 * @category Adapters
 */
export interface TlsSettings {
  /** The trusted authorities; undefined for the runtime's defaults. */
  readonly ca: readonly TlsMaterial[] | undefined;
  /** The application protocols to negotiate (ALPN), in order of preference; empty for none. */
  readonly alpn: readonly string[];
  /** The oldest version that is accepted. */
  readonly minVersion: TlsVersion;
}

/**
 * What a server needs to speak TLS.
 *
 * @category Adapters
 */
export interface TlsServerSettings extends TlsSettings {
  /** The credential that it presents to its clients. */
  readonly credential: TlsCredential;
  /**
   * Credentials by server name (SNI), in lower case. A first label `*` matches
   * any one label.
   */
  readonly sni: ReadonlyMap<string, TlsCredential>;
  /** Whether it requests client certificates. */
  readonly clientCert: ClientCertificate;
}

/**
 * What a client needs to speak TLS.
 *
 * @category Adapters
 */
export interface TlsClientSettings extends TlsSettings {
  /** The credential for servers that request one. */
  readonly credential: TlsCredential | undefined;
  /**
   * The name or literal address that the server's certificate must be valid
   * for.
   */
  readonly serverName: string;
  /** True if the server's certificate must be valid. */
  readonly verify: boolean;
}

/**
 * Why a TLS handshake failed:
 *
 * - `timeout`: it took longer than `handshakeTimeoutMs`.
 * - `closed`: the peer ended the connection, or it was lost.
 * - `not-tls`: the peer sent something other than TLS.
 * - `expired`, `not-yet-valid`: the peer's certificate, or another one in its
 *   chain.
 * - `untrusted`: the peer's certificate leads to no trusted authority.
 * - `wrong-name`: the certificate of the server is for other names.
 * - `no-certificate`: a client sent none, and the server requires one.
 * - `no-common-protocol`: the ends have no application protocol (ALPN) in
 *   common.
 * - `no-common-version`: the ends have no version, or no cipher, in common.
 * - `refused`: the peer refused, with the alert in the message.
 * - `other`: none of these; see `cause`.
 *
 * @category TLS
 */
export type TlsFailureReason =
  | "timeout"
  | "closed"
  | "not-tls"
  | "expired"
  | "not-yet-valid"
  | "untrusted"
  | "wrong-name"
  | "no-certificate"
  | "no-common-protocol"
  | "no-common-version"
  | "refused"
  | "other";

/**
 * A failed handshake, in the same terms for every runtime.
 *
 * @category Adapters
 */
export interface HandshakeFailure {
  /** The reason. */
  readonly reason: TlsFailureReason;
  /** The runtime's own error. */
  readonly cause: unknown;
}

/**
 * The outcome of a handshake: one of the two is called, once, unless the handshake
 * was cancelled.
 *
 * @category Adapters
 */
export interface HandshakeEvents {
  /**
   * Done; before it returns, the core either starts or destroys `socket`, which
   * carries the plaintext.
   *
   * @param socket The connection in TLS.
   */
  onSecure(socket: Socket): void;
  /**
   * Failed; the alert is sent, and nothing is left open.
   *
   * @param failure Why.
   */
  onHandshakeFailed(failure: HandshakeFailure): void;
}

/**
 * A handshake under way.
 *
 * @category Adapters
 */
export interface PendingHandshake {
  /**
   * Cancels the handshake: neither event follows, and nothing is left open.
   * Idempotent.
   */
  cancel(): void;
}

/**
 * The TLS configuration of one end, for any number of connections.
 *
 * @category Adapters
 */
export interface TlsContext {
  /**
   * Begins the handshake on `socket`, which either was not started, or is
   * paused and has borrowed nothing. From then on the handshake owns it, and
   * calls its `start`, possibly as a second call. Data may have been exchanged
   * before, as with STARTTLS. The bytes in `received` were already read from
   * the socket, and come first.
   *
   * @param socket The connection.
   * @param events Gets the outcome.
   * @param received The first bytes, if some were already read.
   * @returns The handshake, which can be cancelled.
   */
  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake;
}

/**
 * The TLS of an adapter.
 *
 * @category Adapters
 */
export interface Tls {
  /**
   * Creates the context of a server.
   *
   * @param settings Its credentials, and what it accepts.
   * @returns The context.
   * @throws {Error} The runtime's own, if it cannot use the certificates or the key.
   */
  server(settings: TlsServerSettings): TlsContext;
  /**
   * Creates the context of a client.
   *
   * @param settings Its credential, and what it accepts.
   * @returns The context.
   * @throws {Error} The runtime's own, if it cannot use the certificates or the key.
   */
  client(settings: TlsClientSettings): TlsContext;
}
