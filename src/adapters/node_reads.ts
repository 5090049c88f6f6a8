/**
 * Reads on Node that all go into one buffer.
 *
 * Node makes a new buffer for every read, which is the larger part of what a
 * small read costs. With `onread`, which the documentation has for sockets that
 * connect, it reads into a buffer that it is given. A socket that was accepted,
 * or is connected already, gets it by a second socket that takes over its
 * handle; where there is no such handle, everything stays as it was.
 *
 * @module
 */

/** What is used of the handle of a socket of Node. */
export interface ReadHandle {
  reading: boolean;
  readStart(): number;
  readStop(): number;
}

interface Native {
  _handle?: ReadHandle & { useUserBuffer?: unknown } | null;
}

/** `net.Socket`. */
export interface SocketClass<T> {
  new (options: {
    handle: ReadHandle;
    allowHalfOpen: boolean;
    pauseOnCreate: boolean;
    onread: {
      buffer: Uint8Array;
      callback(length: number, buffer: Uint8Array): void;
    };
  }): T;
}

const PAGE_SIZE = 64 * 1024;
const PAGES = 4;

/**
 * Node keeps the address of the buffer, so nobody may take its memory away, as
 * a transfer to another thread would: that of a WebAssembly memory stays.
 */
let shared: Uint8Array | undefined;
function sharedBuffer(): Uint8Array {
  return shared ??= new Uint8Array(
    new WebAssembly.Memory({ initial: PAGES, maximum: PAGES }).buffer,
    0,
    PAGES * PAGE_SIZE,
  );
}

/** A socket that reads into the one buffer, and the handle it reads by. */
export interface SharedReads<T> {
  readonly native: T;
  readonly handle: ReadHandle;
}

/**
 * Takes the handle of `native`, which has read nothing, and returns a socket
 * that has it, is paused, and gives what it reads to `onData`; undefined where
 * that cannot be done.
 */
export function shareReads<T extends object>(
  Socket: SocketClass<T>,
  native: T,
  onData: (buffer: Uint8Array, length: number) => void,
): SharedReads<T> | undefined {
  const donor = native as Native;
  const handle = donor._handle;
  if (typeof handle?.useUserBuffer !== "function") return undefined;
  const taker = new Socket({
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    onread: {
      buffer: sharedBuffer(),
      callback: (length, buffer) => onData(buffer, length),
    },
  });
  donor._handle = null;
  return { native: taker, handle };
}
