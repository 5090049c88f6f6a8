/**
 * TLS, as adapters have it.
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
 * A certificate, with those between it and the authority if there are any, and
 * its private key.
 *
 * @category TLS
 */
export interface TlsCredential {
  /** The certificate, and then those that its authority was signed by. */
  readonly cert: TlsMaterial;
  /** The private key of the first of them. */
  readonly key: TlsMaterial;
  /**
   * What the key is encrypted with; of no matter if it is not encrypted. An
   * encrypted key without it is refused with `InvalidCredentialError`. Default:
   * none.
   */
  readonly passphrase?: string | undefined;
}

/**
 * What a server asks of its clients: no certificate; one, which may be missing
 * or wrong, as {@linkcode TlsInfo} tells; or one that is signed by an authority
 * of `ca`.
 *
 * @category TLS
 */
export type ClientCertificate = "none" | "request" | "require";

/**
 * What both ends have, checked.
 *
 * @category Adapters
 */
export interface TlsSettings {
  /** The authorities that are trusted; undefined for those of the runtime. */
  readonly ca: readonly TlsMaterial[] | undefined;
  /** The protocols that may be agreed on, in the order of preference; empty for none. */
  readonly alpn: readonly string[];
  /** The oldest version that is spoken. */
  readonly minVersion: TlsVersion;
}

/**
 * What a server needs to speak TLS.
 *
 * @category Adapters
 */
export interface TlsServerSettings extends TlsSettings {
  /** What it shows to its clients. */
  readonly credential: TlsCredential;
  /** What it shows to those that ask for one of these names; a first label `*` stands for any one label. In lower case. */
  readonly sni: ReadonlyMap<string, TlsCredential>;
  /** What it asks of them. */
  readonly clientCert: ClientCertificate;
}

/**
 * What a client needs to speak TLS.
 *
 * @category Adapters
 */
export interface TlsClientSettings extends TlsSettings {
  /** What it shows to a server that asks. */
  readonly credential: TlsCredential | undefined;
  /** The name, or the literal address, that the certificate of the server must have. */
  readonly serverName: string;
  /** True if the certificate of the server must be right. */
  readonly verify: boolean;
}

/**
 * Why a TLS handshake failed:
 *
 * - `timeout`: it took longer than `handshakeTimeoutMs`.
 * - `closed`: the peer ended the connection, or it was lost.
 * - `not-tls`: what the peer sent is no TLS.
 * - `expired`, `not-yet-valid`: the peer's certificate, or one that it stands on.
 * - `untrusted`: the peer's certificate leads to no authority that is trusted.
 * - `wrong-name`: the certificate of the server is for other names.
 * - `no-certificate`: a client sent none, and the server requires one.
 * - `no-common-protocol`: none of the protocols (ALPN) that one end has does the
 *   other have.
 * - `no-common-version`: the ends have no version, or no cipher, in common.
 * - `refused`: the peer has refused, by an alert that the message names.
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
 * A handshake that failed, in the words of every runtime.
 *
 * @category Adapters
 */
export interface HandshakeFailure {
  /** Why. */
  readonly reason: TlsFailureReason;
  /** The runtime's own error. */
  readonly cause: unknown;
}

/**
 * What the core hears of a handshake: one of the two, once, unless it was
 * cancelled.
 *
 * @category Adapters
 */
export interface HandshakeEvents {
  /** Done; the core either starts or destroys `socket`, which has what is said in TLS, before it returns. */
  onSecure(socket: Socket): void;
  /** Failed; the alert is out, and nothing is left open. */
  onHandshakeFailed(failure: HandshakeFailure): void;
}

/**
 * A handshake under way.
 *
 * @category Adapters
 */
export interface PendingHandshake {
  /** Gives up: neither event follows, and nothing is left open. Idempotent. */
  cancel(): void;
}

/**
 * One end of TLS, for any number of connections.
 *
 * @category Adapters
 */
export interface TlsContext {
  /**
   * Begins the handshake on `socket`, which either was not started, or is
   * paused and has borrowed nothing: it is started, anew if it was, and belongs to
   * the handshake. It may have read and written before, as with STARTTLS. The
   * bytes in `received` were read of it already, and come first.
   */
  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake;
}

/**
 * What an adapter has to speak TLS by.
 *
 * @category Adapters
 */
export interface Tls {
  /** The end of a server. Throws the runtime's error if it cannot use the material. */
  server(settings: TlsServerSettings): TlsContext;
  /** The end of a client. Throws the runtime's error if it cannot use the material. */
  client(settings: TlsClientSettings): TlsContext;
}
