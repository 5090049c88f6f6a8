/**
 * The part of Bun's `upgradeTLS` that is used, declared here so that the
 * library needs no type package of Bun.
 *
 * @module
 */

import type { Socket } from "../../contract/socket.ts";
import type { NativeCertificate } from "./node_tls_types.ts";

/** The part of a TLS socket of Bun that is used. */
export interface BunTlsNative {
  data: unknown;
  readonly alpnProtocol: string | false | null | undefined;
  getTLSVersion(): string;
  getCipher(): { readonly name?: string; readonly standardName?: string };
  getPeerCertificate(): NativeCertificate | null | undefined;
  getServername(): string | null | undefined | false;
  write(buffer: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  close(): void;
  terminate(): void;
}

export interface BunUpgrade {
  readonly isServer: boolean;
  readonly initialData?: Uint8Array;
  readonly data: unknown;
  readonly socket: object;
  readonly tls: {
    readonly secureContext: object;
    readonly ALPNProtocols?: Uint8Array;
    readonly requestCert: boolean;
    readonly rejectUnauthorized: boolean;
    readonly servername?: string;
    readonly serverName?: string;
  };
}

/** A plain socket of Bun that can be upgraded to TLS. */
export interface BunPlainSocket extends Socket {
  /**
   * Starts TLS on top of this socket. The receiver of this socket still gets
   * the ciphertext, before TLS reads it.
   */
  upgrade(options: BunUpgrade): unknown;
}

export interface BunError {
  readonly code?: string;
}
