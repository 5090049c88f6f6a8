/**
 * What is used of the global `Bun`, so that no types of Bun are needed.
 *
 * @module
 */

import type { ConnectAddress } from "../contract/address.ts";
import type { ConnectWaiter, socketHandlers } from "./bun_socket.ts";
import { nativePath } from "./unix_paths.ts";

interface BunNamespace {
  listen(options: BunListenOptions): NativeBunListener;
  connect(options: BunConnectOptions): Promise<unknown>;
}

type BunTarget =
  | { readonly hostname: string; readonly port: number }
  | { readonly unix: string };

interface BunSocketOptions {
  /** False, the default, cuts a reply short when the peer sends FIN. */
  readonly allowHalfOpen: true;
  readonly socket: typeof socketHandlers;
  /** The first `data` of every socket that opens. */
  readonly data: ConnectWaiter;
}

type BunConnectOptions = BunTarget & BunSocketOptions;

type BunListenOptions =
  & (BunTarget | { readonly fd: number })
  & BunSocketOptions
  & {
    readonly exclusive: boolean;
    readonly reusePort: boolean;
  };

/** What is used of a listener of Bun. */
export interface NativeBunListener {
  /** Fills `bound`, unless it is a Unix socket. (`hostname` is what was asked for.) */
  getsockname(bound: { address: string; port: number }): void;
  stop(closeAccepted: boolean): void;
}

/** Nothing is read before a call, so any runtime can import this module. */
export const bunHost = globalThis as unknown as { readonly Bun: BunNamespace };

/** What Bun calls `address`. */
export function bunTarget(address: ConnectAddress): BunTarget {
  return address.transport === "tcp"
    ? { hostname: address.hostname, port: address.port }
    : { unix: nativePath(address) };
}
