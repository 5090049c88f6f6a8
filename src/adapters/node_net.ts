/**
 * What is used of `node:net`, so that no types of Node are needed.
 *
 * @module
 */

import type { Address, ConnectAddress } from "../contract/address.ts";
import { hostModule } from "./host_modules.ts";
import type { SocketHandle } from "./node_handles.ts";
import { nativePath } from "./unix_paths.ts";

/** What is used of `node:net`. */
export interface Net {
  readonly Socket: SocketClass<NetSocket>;
  createServer(options: {
    allowHalfOpen: boolean;
    pauseOnConnect: boolean;
  }): NetServer;
  connect(options: NetTarget & { allowHalfOpen: boolean }): NetSocket;
}

/** Where to connect to. */
type NetTarget = { host: string; port: number } | { path: string };

/** Where to listen, which may be on a socket that was handed over. */
export type NetListenTarget = NetTarget | { fd: number };

/** What is used of a `net.Server`. */
export interface NetServer {
  listen(
    options: NetListenTarget & {
      backlog: number;
      exclusive: boolean;
      reusePort?: boolean;
    },
  ): void;
  /** That of a Unix socket is its path, or nothing if it was handed over. */
  address(): { address?: string; port?: number } | string | null;
  close(): void;
  on(event: "listening", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "connection", listener: (socket: NetSocket) => void): void;
}

/** What is used of a `net.Socket`. */
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
  /** Older ones take no more than the delay. */
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

/** `net.Socket`. */
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

/** `node:net`, or what this runtime has in its place. */
export function loadNet(): Net {
  return net ??= hostModule("node:net");
}

/** What `node:net` calls `address`, to connect to it. */
export function netTarget(address: ConnectAddress): NetTarget {
  return address.transport === "tcp"
    ? { host: address.hostname, port: address.port }
    : { path: nativePath(address) };
}

/** What `node:net` calls `address`, to listen there. */
export function netListenTarget(address: Address): NetListenTarget {
  return address.transport === "fd" ? { fd: address.fd } : netTarget(address);
}

/** What is used of `node:util`. */
interface Util {
  getSystemErrorName(status: number): string;
}

/** What the system calls the error with this number, as `EPIPE`. */
export function systemErrorName(status: number): string {
  return hostModule<Util>("node:util").getSystemErrorName(status);
}
