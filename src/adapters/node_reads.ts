/**
 * Reads on Node into one shared buffer.
 *
 * Node allocates a buffer for each read, which is most of the cost of a small
 * read. The option `onread`, documented for sockets that connect, makes it read
 * into a given buffer instead. An accepted handle gets a socket with this
 * option right away; for a connected socket, a second socket takes over its
 * handle. Without such handles, Node's own sockets are used.
 *
 * @module
 */

import type { HostAddress } from "./host_addresses.ts";
import { hostModule } from "./host_modules.ts";
import type { SocketHandle } from "./node_handles.ts";
import type { SocketClass } from "./node_net.ts";
import { NODE_READ_SIZE } from "../tuning.ts";

/** A socket with a native handle. */
interface Native {
  _handle?: object | null;
}

/** A listening server. */
interface AcceptingServer {
  readonly _handle?: {
    onconnection?: (status: number, accepted: object | undefined) => void;
  } | null;
}

/** Of the memory of WebAssembly, in bytes. */
const PAGE_SIZE = 64 * 1024;

/**
 * Allocates `size` bytes, a multiple of 64 KiB, into which Node or Deno may
 * read; undefined if that is impossible. They keep the address of the buffer, so its memory must
 * never be transferred to another thread. The memory of WebAssembly cannot be
 * transferred.
 */
export function fixedBuffer(size: number): Uint8Array | undefined {
  try {
    const pages = size / PAGE_SIZE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return new Uint8Array(memory.buffer, 0, size);
  } catch {
    return undefined; // not under --jitless, nor where address space is scarce
  }
}

/** Created with the first handle. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function readMemory(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(NODE_READ_SIZE) }).buffer;
}

/** True if `source` is a handle that can read into the shared buffer. */
export function isSocketHandle(
  source: object | undefined,
): source is SocketHandle {
  const { useUserBuffer, writeBuffer } = (source ?? {}) as Partial<
    SocketHandle
  >;
  return typeof useUserBuffer === "function" &&
    typeof writeBuffer === "function" && readMemory() !== undefined;
}

/**
 * Takes the handle away from `native`, which has read nothing yet; undefined if
 * it has no suitable handle.
 */
export function takeHandle(native: object): SocketHandle | undefined {
  const donor = native as Native;
  const handle = donor._handle ?? undefined;
  if (!isSocketHandle(handle)) return undefined;
  donor._handle = null;
  return handle;
}

/** Cached result of `refusesReads`. */
let refusesTwice: boolean | undefined;

/**
 * True if `readStart` fails while a handle is already reading, as libuv
 * documents. Tried once, with the first `handle`.
 */
export function refusesReads(handle: SocketHandle): boolean {
  if (refusesTwice === undefined) {
    handle.readStart();
    refusesTwice = handle.readStart() !== 0;
    if (!handle.reading) handle.readStop();
  }
  return refusesTwice;
}

/**
 * True if `handle` was reading and libuv has stopped by itself, at EOF. Needs
 * {@linkcode refusesReads}.
 */
export function isAtEnd(handle: SocketHandle): boolean {
  if (!handle.reading || handle.readStart() !== 0) return false;
  handle.readStop();
  return true;
}

/**
 * Delivers the handles that `server` accepts to `onHandle`, so that Node
 * creates no sockets for them. Does nothing if the server has no such handle.
 */
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

/**
 * Reused for all calls of `getpeername`: to set the properties of this object
 * is cheaper for Node than to add them to a new one.
 */
const peer = { address: "", family: "", port: 0 };

/** The address of the peer, without the overhead of `net.Socket`. */
export function peerAddressOf(handle: SocketHandle): HostAddress {
  peer.address = "";
  peer.port = 0;
  handle.getpeername(peer);
  return { hostname: peer.address, port: peer.port };
}

/** The part of `node:fs` that is used. */
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
 * The error behind an EOF of `handle` that was really a failure: if a reset
 * arrives together with data, libuv reports EOF. Call it once, at EOF.
 * Undefined at a real EOF, and where the system does not tell, as on Windows.
 */
export function errorAtEnd(handle: SocketHandle): Error | undefined {
  const { fd = -1 } = handle;
  if (fd < 0 || "Deno" in globalThis) return undefined; // on Deno, `fd` is not a descriptor of the system
  // This decides nearly always, and is cheaper than a read: after a reset the
  // socket has no peer.
  if (hasPeer(handle)) return undefined;
  try {
    hostModule<DescriptorReads>("node:fs").readSync(fd, beyondEnd, 0, 1, null);
    return undefined;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    return code === "EAGAIN" ? undefined : error as Error;
  }
}

/**
 * Creates a paused socket for `handle`, which {@linkcode isSocketHandle}
 * accepts. `onRead` gets its reads, with the socket as `this`.
 */
export function sharingSocket<T>(
  Socket: SocketClass<T>,
  handle: SocketHandle,
  onRead: (this: T, length: number, buffer: Uint8Array) => void,
): T {
  return new Socket({
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    onread: { buffer: readMemory() as Uint8Array, callback: onRead },
  });
}

/** True if the system still knows the TCP peer of `handle`. */
function hasPeer(handle: SocketHandle): boolean {
  try {
    return handle.getpeername(peer) === 0;
  } catch {
    return false; // for example a Unix socket, which has no `getpeername`
  }
}
