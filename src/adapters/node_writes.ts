/**
 * Writes on Node that go to the handle of a socket at once.
 *
 * The stream that a socket is makes a request and a task of each write, which is
 * most of what a small one costs. The system mostly takes all bytes before the call
 * returns, and Node then uses nothing of the request: so one serves all such writes.
 * Its class is not public; a first write by the stream shows it. Where handles are
 * others, everything stays as it was.
 *
 * @module
 */

import { systemErrorName } from "./node_net.ts";

/** What Node has for a write that is under way. */
export interface WriteRequest {
  oncomplete: (status: number) => void;
  /** What is written, so that it is not collected. */
  buffer: Uint8Array | null;
  /** {@linkcode UNUSED} unless Node has used it. */
  getAsyncId(): number;
}

const UNUSED = -1;

/** What is used of the handle of a socket of Node. */
export interface WriteHandle {
  /** Returns 0, or the number of an error. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

/** That of the next write; made when its class is known, and null if that is another than Node's. */
let spare: WriteRequest | null | undefined;

/** True if `source` can be written to by {@linkcode writeDirectly}. */
export function isWriteHandle(source: object): source is WriteHandle {
  return typeof (source as Partial<WriteHandle>).writeBuffer === "function";
}

/**
 * Writes `bytes` to `handle`, on which no write is under way. True if all are out;
 * false if `onDone` will be called, until when they have to stay; undefined if they
 * are to be written by the stream. Throws what the system says.
 */
export function writeDirectly(
  handle: WriteHandle,
  bytes: Uint8Array,
  onDone: (status: number) => void,
): boolean | undefined {
  const request = spare;
  if (request === undefined) return void learnFrom(handle);
  if (request === null) return undefined;
  const status = handle.writeBuffer(request, bytes);
  // The queue of the handle does not tell: it is empty before the request is done.
  if (request.getAsyncId() === UNUSED && status === 0) return true;
  spare = anotherOf(request);
  if (status !== 0) throw writeError(status);
  request.oncomplete = onDone;
  request.buffer = bytes;
  return false;
}

/** The error that Node makes of a `status` other than 0. */
export function writeError(status: number): Error {
  const code = systemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, syscall: "write" });
}

/** Has the next write by the stream show what a request is. */
function learnFrom(handle: WriteHandle): void {
  const { writeBuffer } = handle;
  handle.writeBuffer = (request, bytes) => {
    handle.writeBuffer = writeBuffer;
    spare ??= usable(request);
    return handle.writeBuffer(request, bytes);
  };
}

/** Another one as `request`, which the stream has made; null if it does not count as Node's do: on Deno it throws. */
function usable(request: WriteRequest): WriteRequest | null {
  try {
    const another = anotherOf(request);
    return another.getAsyncId() === UNUSED ? another : null;
  } catch {
    return null;
  }
}

/** A request for a write by `handle`; undefined if its class is not known, or is another than Node's. */
export function newRequest(handle: WriteHandle): WriteRequest | undefined {
  if (spare === undefined) learnFrom(handle);
  return spare ? anotherOf(spare) : undefined;
}

function anotherOf(request: WriteRequest): WriteRequest {
  return new (request.constructor as new () => WriteRequest)();
}
