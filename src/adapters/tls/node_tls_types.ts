/**
 * The parts of `node:tls`, `node:stream` and `node:crypto` that are used,
 * declared here so that the library needs no type packages of Node.
 *
 * @module
 */

import type { TlsMaterial } from "../../contract/tls.ts";

/** The part of `node:tls` that is used. */
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

/** Options of servers and clients. */
interface NativeCredential {
  readonly cert?: TlsMaterial | undefined;
  readonly key?: TlsMaterial | undefined;
  readonly ca?: readonly TlsMaterial[] | undefined;
  readonly minVersion: string;
}

export interface NativeTlsServerOptions extends NativeCredential {
  readonly secureOptions: number;
  readonly ALPNProtocols?: readonly string[];
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly allowHalfOpen: true;
  readonly handshakeTimeout: number;
}

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

/** The part of a `tls.Server` that is used. It never listens. */
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

/** The result of `getPeerCertificate`; empty if there is no certificate. */
export interface NativeCertificate {
  readonly subject?: { readonly CN?: string | readonly string[] };
  readonly issuer?: { readonly CN?: string | readonly string[] };
  readonly subjectaltname?: string;
  readonly serialNumber?: string;
  readonly fingerprint256?: string;
  readonly valid_from?: string;
  readonly valid_to?: string;
  readonly raw?: Uint8Array;
  /**
   * The issuer, if requested and known. A self-signed authority refers to
   * itself.
   */
  readonly issuerCertificate?: NativeCertificate;
}

/** The part of a `tls.TLSSocket` that is used. */
export interface NativeTlsSocket {
  allowHalfOpen: boolean;
  authorized: boolean;
  readonly authorizationError?: unknown;
  readonly alpnProtocol: string | false | null;
  readonly servername?: string | false | null;
  readonly destroyed: boolean;
  /** True once all written bytes and the end are out. */
  readonly writableFinished: boolean;
  /**
   * `ended` is true once the stream has received EOF, even if buffered data is
   * unread.
   */
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

/** The part of a `stream.Duplex` that is used. */
export interface DuplexStream {
  /** Undefined for a `DirectStream`. */
  readonly writableEnded?: boolean;
  push(bytes: Uint8Array | null): boolean;
  destroy: () => DuplexStream;
  on(event: "error", listener: (error: Error) => void): void;
}

type StreamCallback = (error?: Error | null) => void;

export interface DuplexOptions {
  readonly allowHalfOpen: true;
  readonly autoDestroy: false;
  read(): void;
  write(chunk: Uint8Array, encoding: unknown, done: StreamCallback): void;
  /** Writes several queued chunks at once. */
  writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    done: StreamCallback,
  ): void;
}

export interface NodeStream {
  readonly Duplex: new (options: DuplexOptions) => DuplexStream;
}

export interface NodeEmitter {
  on(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): boolean;
}

/** The part of a `crypto.X509Certificate` that is used. */
export interface NativeX509 {
  /** One line per attribute, such as `CN=server`. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAltName: string | undefined;
  readonly serialNumber: string;
  readonly fingerprint256: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly raw: Uint8Array;
  /** True for the certificate of an authority. */
  readonly ca: boolean;
  readonly publicKey: object;
  checkPrivateKey(key: object): boolean;
  checkIssued(issuer: NativeX509): boolean;
  verify(key: object): boolean;
}

export interface NativeKey {
  export(as: { readonly type: "pkcs8"; readonly format: "pem" }): string;
}

/** The part of `node:crypto` that is used. */
export interface NodeKeys {
  createPrivateKey(
    key: {
      readonly key: TlsMaterial;
      readonly format: "pem";
      readonly passphrase: string | undefined;
    },
  ): NativeKey;
  readonly X509Certificate: new (cert: TlsMaterial) => NativeX509;
  /** Bit flags for `secureOptions`. */
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

/** Loaded on the first use of TLS, so programs without TLS never load them. */
let modules: Modules | undefined;

export function loadTls(): Modules {
  const { process } = globalThis as unknown as NodeTlsHost;
  return modules ??= {
    keys: process.getBuiltinModule("node:crypto"),
    tls: process.getBuiltinModule("node:tls"),
    stream: process.getBuiltinModule("node:stream"),
    events: process.getBuiltinModule("node:events"),
  };
}
