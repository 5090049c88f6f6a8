/**
 * The part of the global `Deno` that is used, declared here so that the library
 * needs no type package of Deno.
 *
 * @module
 */

import type {
  Address,
  ConnectAddress,
  TcpAddress,
  UnixAddress,
} from "../contract/address.ts";
import type { HostAddress } from "./host_addresses.ts";

interface DenoNamespace {
  connect(
    options: ConnectAddress & { signal: AbortSignal },
  ): Promise<NativeDenoConn>;
  listen(
    options:
      | TcpAddress & { tcpBacklog: number; reusePort: boolean }
      | UnixAddress,
  ): NativeDenoListener;
  listenDatagram?: unknown;
  readonly permissions: {
    querySync(
      permission: { name: "net" } | { name: "read"; path: string },
    ): { readonly state: string };
  };
}

/** The part of a `Deno.Listener` that is used. */
export interface NativeDenoListener {
  readonly addr: Address;
  accept(): Promise<NativeDenoConn>;
  close(): void;
}

/**
 * The part of a `Deno.TcpConn` or `Deno.UnixConn` that is used; the latter has
 * no options.
 */
export interface NativeDenoConn {
  readonly localAddr: HostAddress;
  readonly remoteAddr: HostAddress;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(on: boolean): void;
  setKeepAlive?(on: boolean): void;
}

/** Accessed only in calls, so any runtime can import this module. */
export const denoHost = globalThis as unknown as {
  readonly Deno: DenoNamespace;
};
