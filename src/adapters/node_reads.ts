/**
 * Reads on Node that all go into one buffer.
 *
 * Node makes a new buffer for every read, which is the larger part of what a
 * small read costs. With `onread`, which the documentation has for sockets that
 * connect, it reads into a buffer that it is given. The handle of a connection
 * that was accepted gets a socket made that way in the first place; a socket
 * that is connected already gets it by a second one that takes over its handle.
 * Where there is no such handle, everything stays as it was.
 *
 * @module
 */

import type { HostAddress } from "./host_addresses.ts";
import { hostModule } from "./host_modules.ts";
import type { SocketHandle } from "./node_handles.ts";
import type { SocketClass } from "./node_net.ts";

/** A socket that has a handle. */
interface Native {
  _handle?: object | null;
}

/** A server that listens. */
interface AcceptingServer {
  readonly _handle?: {
    onconnection?: (status: number, accepted: object | undefined) => void;
  } | null;
}

const PAGE_SIZE = 64 * 1024;
const PAGES = 4;

/**
 * So many pages of 64 KiB that Node, or Deno in its place, can be given to read
 * into; undefined where there are none. They keep the address of the buffer, so
 * nobody may take its memory away, as a transfer to another thread would: that of
 * a WebAssembly memory stays.
 */
export function fixedBuffer(pages: number): Uint8Array | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return new Uint8Array(memory.buffer, 0, pages * PAGE_SIZE);
  } catch {
    return undefined; // not under --jitless, nor where address space is scarce
  }
}

/** Made for the first handle. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function sharedBuffer(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(PAGES) }).buffer;
}

/** True if a socket can be made of `source` that reads into the one buffer. */
export function isSocketHandle(
  source: object | undefined,
): source is SocketHandle {
  const { useUserBuffer, writeBuffer } = (source ?? {}) as Partial<
    SocketHandle
  >;
  return typeof useUserBuffer === "function" &&
    typeof writeBuffer === "function" && sharedBuffer() !== undefined;
}

/** Takes the handle of `native`, which has read nothing; undefined where that cannot be done. */
export function takeHandle(native: object): SocketHandle | undefined {
  const donor = native as Native;
  const handle = donor._handle ?? undefined;
  if (!isSocketHandle(handle)) return undefined;
  donor._handle = null;
  return handle;
}

/** Whether a handle that is being read refuses to begin to. */
let refusesTwice: boolean | undefined;

/** True if `handle` refuses to be read when it is being read already, as libuv says: of one that is not, that is known by asking. */
export function refusesReads(handle: SocketHandle): boolean {
  if (refusesTwice === undefined) {
    handle.readStart();
    refusesTwice = handle.readStart() !== 0;
    if (!handle.reading) handle.readStop();
  }
  return refusesTwice;
}

/** True if `handle`, which is to be read and for which {@linkcode refusesReads} holds, is not: libuv has stopped by itself, at the end of the stream. */
export function isAtEnd(handle: SocketHandle): boolean {
  if (!handle.reading || handle.readStart() !== 0) return false;
  handle.readStop();
  return true;
}

/** Calls back with the handles that `server`, which listens, accepts, and has it make no sockets of them. */
export function acceptHandles(
  server: object,
  onHandle: (handle: SocketHandle) => void,
): void {
  const listening = (server as AcceptingServer)._handle;
  const makeSocket = listening?.onconnection;
  if (!listening || !makeSocket) return;
  listening.onconnection = function (status, accepted) {
    if (isSocketHandle(accepted)) onHandle(accepted);
    else makeSocket.call(this, status, accepted);
  };
}

/** What handles write the address of their peer to: it takes them longer to add to an object than to change one. */
const peer = { address: "", family: "", port: 0 };

/** The address of the peer, asked for with less ado than a socket makes. */
export function peerAddressOf(handle: SocketHandle): HostAddress {
  peer.address = "";
  peer.port = 0;
  handle.getpeername(peer);
  return { hostname: peer.address, port: peer.port };
}

/** What is used of `node:fs`. */
interface DescriptorReads {
  readSync(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): number;
}

const beyondEnd = new Uint8Array(1);

/**
 * What a read behind the end of `handle` fails with, if that was none: libuv takes a
 * reset for an end where it came with bytes to read. To be asked once, at the end.
 * Undefined at a real end, and where that cannot be told, as on Windows.
 */
export function errorAtEnd(handle: SocketHandle): Error | undefined {
  const { fd = -1 } = handle;
  if (fd < 0 || "Deno" in globalThis) return undefined; // its numbers are its own
  // Nearly always, and cheaper to ask: what was reset has no peer any more.
  if (hasPeer(handle)) return undefined;
  try {
    hostModule<DescriptorReads>("node:fs").readSync(fd, beyondEnd, 0, 1, null);
    return undefined;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    return code === "EAGAIN" ? undefined : error as Error;
  }
}

/** A socket that has `handle`, for which {@linkcode isSocketHandle} holds, is paused, and gives what it reads to `onRead`, which Node calls as its method. */
export function sharingSocket<T>(
  Socket: SocketClass<T>,
  handle: SocketHandle,
  onRead: (this: T, length: number, buffer: Uint8Array) => void,
): T {
  return new Socket({
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    onread: { buffer: sharedBuffer() as Uint8Array, callback: onRead },
  });
}

/** True if the system has a TCP peer for `handle` still. */
function hasPeer(handle: SocketHandle): boolean {
  try {
    return handle.getpeername(peer) === 0;
  } catch {
    return false; // as for a Unix socket, which has no such method
  }
}
