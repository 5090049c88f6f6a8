/**
 * The part of `node:net` that is used, declared here so that the library needs
 * no type package of Node.
 *
 * @module
 */

import type { Address, ConnectAddress } from "../contract/address.ts";
import { hostModule } from "./host_modules.ts";
import type { SocketHandle } from "./node_handles.ts";
import { nativePath } from "./unix_paths.ts";

/** The part of `node:net` that is used. */
export interface Net {
  readonly Socket: SocketClass<NetSocket>;
  createServer(options: {
    allowHalfOpen: boolean;
    pauseOnConnect: boolean;
  }): NetServer;
  connect(options: NetTarget & { allowHalfOpen: boolean }): NetSocket;
}

type NetTarget = { host: string; port: number } | { path: string };

/** Where to listen, possibly on an inherited socket. */
export type NetListenTarget = NetTarget | { fd: number };

/** The part of a `net.Server` that is used. */
export interface NetServer {
  listen(
    options: NetListenTarget & {
      backlog: number;
      exclusive: boolean;
      reusePort?: boolean;
    },
  ): void;
  /**
   * A string for a Unix socket: its path, or empty if the socket was inherited.
   */
  address(): { address?: string; port?: number } | string | null;
  close(): void;
  on(event: "listening", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "connection", listener: (socket: NetSocket) => void): void;
}

/** The part of a `net.Socket` that is used. */
export interface NetSocket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly writableLength: number;
  readonly destroyed: boolean;
  allowHalfOpen: boolean;
  write(bytes: Uint8Array, onWritten: (error?: Error | null) => void): boolean;
  end(): void;
  unshift(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  resetAndDestroy(): void;
  setNoDelay(on: boolean): void;
  /** Older versions ignore all but the first two. */
  setKeepAlive(
    on: boolean,
    initialDelayMs: number,
    intervalMs: number,
    count: number,
  ): void;
  on(
    event: "connect" | "end" | "close",
    listener: (this: this) => void,
  ): void;
  on(event: "data", listener: (this: this, chunk: Uint8Array) => void): void;
  on(event: "error", listener: (this: this, error: Error) => void): void;
}

/** The class `net.Socket`. */
export interface SocketClass<T> {
  readonly prototype: T;
  new (options: {
    handle: SocketHandle;
    allowHalfOpen: boolean;
    pauseOnCreate: boolean;
    onread: {
      buffer: Uint8Array;
      callback(this: T, length: number, buffer: Uint8Array): void;
    };
  }): T;
}

let net: Net | undefined;

/** Loads `node:net` on first use. */
export function loadNet(): Net {
  return net ??= hostModule("node:net");
}

/** Translates `address` for a connect of `node:net`. */
export function netTarget(address: ConnectAddress): NetTarget {
  return address.transport === "tcp"
    ? { host: address.hostname, port: address.port }
    : { path: nativePath(address) };
}

/** Translates `address` for a listen of `node:net`. */
export function netListenTarget(address: Address): NetListenTarget {
  return address.transport === "fd" ? { fd: address.fd } : netTarget(address);
}

interface Util {
  getSystemErrorName(status: number): string;
}

/** The system's name for an error number, such as `EPIPE`. */
export function systemErrorName(status: number): string {
  return hostModule<Util>("node:util").getSystemErrorName(status);
}
