/**
 * What is used of `upgradeTLS` of Bun, so that no types of Bun are needed.
 *
 * @module
 */

import type { Socket } from "../../contract/socket.ts";
import type { NativeCertificate } from "./node_tls_types.ts";

/** A socket of Bun that speaks TLS. */
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

/** What is said of the TLS that is to be spoken. */
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

/** A socket of Bun that is plain, and need not stay so. */
export interface BunPlainSocket extends Socket {
  /** Has TLS spoken over it. What comes in of that is told to who it was started with, too, and before. */
  upgrade(options: BunUpgrade): unknown;
}

/** An error of Bun. */
export interface BunError {
  readonly code?: string;
}
