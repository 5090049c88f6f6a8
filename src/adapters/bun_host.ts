/**
 * The part of the global `Bun` that is used, declared here so that the library
 * needs no type package of Bun.
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
  /** With false, the default, Bun cuts off a reply when the peer sends FIN. */
  readonly allowHalfOpen: true;
  readonly socket: typeof socketHandlers;
  /** The initial `data` of each socket. */
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

/** The part of a listener of Bun that is used. */
export interface NativeBunListener {
  /**
   * Fills `bound`, except for a Unix socket. (`hostname` is only what was
   * requested.)
   */
  getsockname(bound: { address: string; port: number }): void;
  stop(closeAccepted: boolean): void;
}

/** Accessed only in calls, so any runtime can import this module. */
export const bunHost = globalThis as unknown as { readonly Bun: BunNamespace };

/** Translates `address` for Bun. */
export function bunTarget(address: ConnectAddress): BunTarget {
  return address.transport === "tcp"
    ? { hostname: address.hostname, port: address.port }
    : { unix: nativePath(address) };
}
