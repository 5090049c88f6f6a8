/**
 * What is used of `node:tls`, `node:stream` and `node:crypto`, so that no types of
 * Node are needed.
 *
 * @module
 */

import type { TlsMaterial } from "../../contract/tls.ts";

/** What is used of `node:tls`. */
export interface NodeTls {
  createServer(options: NativeTlsServerOptions): NativeTlsServer;
  readonly TLSSocket: new (
    stream: object,
    options: { readonly isServer: boolean; readonly ca: readonly string[] },
  ) => NativeTlsSocket;
  createSecureContext(options: NativeCredential): object;
  connect(options: NativeConnectOptions): NativeTlsSocket;
  checkServerIdentity(
    hostname: string,
    certificate: NativeCertificate,
  ): Error | undefined;
}

/** What both ends are given. */
interface NativeCredential {
  readonly cert?: TlsMaterial | undefined;
  readonly key?: TlsMaterial | undefined;
  readonly ca?: readonly TlsMaterial[] | undefined;
  readonly minVersion: string;
}

/** What a server is given. */
export interface NativeTlsServerOptions extends NativeCredential {
  readonly secureOptions: number;
  readonly ALPNProtocols?: readonly string[];
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly allowHalfOpen: true;
  readonly handshakeTimeout: number;
}

/** What a client is given. */
export interface NativeConnectOptions {
  readonly socket: object;
  readonly secureContext: object;
  readonly host: string;
  readonly servername?: string;
  readonly ALPNProtocols?: readonly string[];
  readonly rejectUnauthorized: boolean;
  readonly allowHalfOpen: true;
  readonly minVersion: string;
}

/** What is used of a `tls.Server`, which listens nowhere. */
export interface NativeTlsServer {
  on(
    event: "secureConnection",
    listener: (socket: NativeTlsSocket) => void,
  ): void;
  on(
    event: "tlsClientError",
    listener: (error: Error, socket: NativeTlsSocket) => void,
  ): void;
  emit(event: string, ...args: unknown[]): boolean;
}

/** A certificate as `getPeerCertificate` tells it; empty if there is none. */
export interface NativeCertificate {
  readonly subject?: { readonly CN?: string | readonly string[] };
  readonly issuer?: { readonly CN?: string | readonly string[] };
  readonly subjectaltname?: string;
  readonly serialNumber?: string;
  readonly fingerprint256?: string;
  readonly valid_from?: string;
  readonly valid_to?: string;
  readonly raw?: Uint8Array;
  /** Who has signed it, if that is asked for and known; of an authority it is itself. */
  readonly issuerCertificate?: NativeCertificate;
}

/** What is used of a `tls.TLSSocket`. */
export interface NativeTlsSocket {
  allowHalfOpen: boolean;
  authorized: boolean;
  readonly authorizationError?: unknown;
  readonly alpnProtocol: string | false | null;
  readonly servername?: string | false | null;
  readonly destroyed: boolean;
  /** What was written, and the end behind it, is out. */
  readonly writableFinished: boolean;
  /** Whether it has seen the end of what the peer says, even if nobody has read as far. */
  readonly _readableState: { readonly ended: boolean };
  getProtocol(): string | null;
  getCipher(): { readonly name?: string; readonly standardName?: string };
  getPeerCertificate(withIssuers?: boolean): NativeCertificate;
  isSessionReused(): boolean;
  write(bytes: Uint8Array, onWritten: (error?: Error | null) => void): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  destroy(error?: Error): void;
  on(event: "secureConnect" | "end" | "finish", listener: () => void): void;
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  prependListener(event: "secure", listener: () => void): void;
}

/** What is used of a `stream.Duplex`. */
export interface DuplexStream {
  push(bytes: Uint8Array | null): boolean;
  destroy: () => DuplexStream;
  on(event: "error", listener: (error: Error) => void): void;
}

type StreamCallback = (error?: Error | null) => void;

/** What a `stream.Duplex` is made of. */
export interface DuplexOptions {
  readonly allowHalfOpen: true;
  readonly autoDestroy: false;
  read(): void;
  write(chunk: Uint8Array, encoding: unknown, done: StreamCallback): void;
  /** Writes all of `chunks`, where several wait. */
  writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    done: StreamCallback,
  ): void;
}

/** What is used of `node:stream`. */
export interface NodeStream {
  readonly Duplex: new (options: DuplexOptions) => DuplexStream;
}

/** What is used of an `events.EventEmitter`. */
export interface NodeEmitter {
  on(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): boolean;
}

/** What is used of a `crypto.X509Certificate`. */
export interface NativeX509 {
  /** One line for each of its parts, as `CN=server`. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAltName: string | undefined;
  readonly serialNumber: string;
  readonly fingerprint256: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly raw: Uint8Array;
  /** It is that of an authority. */
  readonly ca: boolean;
  readonly publicKey: object;
  checkPrivateKey(key: object): boolean;
  checkIssued(issuer: NativeX509): boolean;
  verify(key: object): boolean;
}

/** What is used of a `crypto.KeyObject`. */
export interface NativeKey {
  export(as: { readonly type: "pkcs8"; readonly format: "pem" }): string;
}

/** What is used of `node:crypto`. */
export interface NodeKeys {
  createPrivateKey(
    key: {
      readonly key: TlsMaterial;
      readonly format: "pem";
      readonly passphrase: string | undefined;
    },
  ): NativeKey;
  readonly X509Certificate: new (cert: TlsMaterial) => NativeX509;
  /** Bits for `secureOptions`. */
  readonly constants: { readonly SSL_OP_NO_RENEGOTIATION: number };
}

interface NodeTlsHost {
  readonly process: {
    getBuiltinModule(name: "node:tls"): NodeTls;
    getBuiltinModule(name: "node:stream"): NodeStream;
    getBuiltinModule(name: "node:events"): Modules["events"];
    getBuiltinModule(name: "node:crypto"): NodeKeys;
  };
}

interface Modules {
  readonly keys: NodeKeys;
  readonly tls: NodeTls;
  readonly stream: NodeStream;
  readonly events: { readonly EventEmitter: new () => NodeEmitter };
}

/** Loaded when the first asks for TLS: who does not never has it. */
let modules: Modules | undefined;

/** All of them. */
export function loadTls(): Modules {
  const { process } = globalThis as unknown as NodeTlsHost;
  return modules ??= {
    keys: process.getBuiltinModule("node:crypto"),
    tls: process.getBuiltinModule("node:tls"),
    stream: process.getBuiltinModule("node:stream"),
    events: process.getBuiltinModule("node:events"),
  };
}

const LITERAL = /^[\d.]+$|:/;

/** True if `serverName` is a literal address, which a client does not ask for by name. */
export function isLiteral(serverName: string): boolean {
  return LITERAL.test(serverName);
}
