/**
 * What is used of the global `Deno`, so that no types of Deno are needed.
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

/** What is used of a `Deno.Listener`. */
export interface NativeDenoListener {
  readonly addr: Address;
  accept(): Promise<NativeDenoConn>;
  close(): void;
}

/** What is used of a `Deno.TcpConn`, or of a `Deno.UnixConn`, which has no options. */
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

/** Nothing is read before a call, so any runtime can import this module. */
export const denoHost = globalThis as unknown as {
  readonly Deno: DenoNamespace;
};
