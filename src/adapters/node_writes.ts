/**
 * Writes on Node that go directly to the handle of a socket.
 *
 * The stream of a socket creates a request and a tick for each write, which is
 * most of the cost of a small write. Usually the system takes all bytes
 * synchronously, and Node leaves the request unused, so one request serves all
 * such writes. The class of requests is not public; the first write through a
 * stream reveals it. If handles do not look as expected, the streams are used.
 *
 * @module
 */

import { outsideAsyncContext } from "./async_context.ts";
import type { WriteHandle, WriteRequest } from "./node_handles.ts";
import { systemErrorName } from "./node_net.ts";

/** The async id of a request that Node has not used. */
const UNUSED = -1;

/**
 * The request for the next write; undefined until its class is known, null if
 * that cannot be used.
 */
let spare: WriteRequest | null | undefined;

/** The callback of a write. */
export interface Writer {
  /** The write is complete: `status` is 0, or an error number. */
  onWritten(status: number): void;
}

/**
 * Writes `bytes` to `handle`, on which no write may be under way. Returns true
 * if all bytes are out; false if they are borrowed until `writer.onWritten`;
 * undefined if the caller has to use the stream. Throws the error of the
 * system.
 */
export function writeDirectly(
  handle: WriteHandle,
  bytes: Uint8Array,
  writer: Writer,
): boolean | undefined {
  const request = spare;
  if (request === undefined) return void learnFrom(handle);
  if (request === null) return undefined;
  const status = handle.writeBuffer(request, bytes);
  // The handle's `writeQueueSize` does not tell: it is 0 before the request
  // completes.
  if (isUnused(request) && status === 0) return true;
  spare = anotherOf(request);
  if (status !== 0) throw errorOfWrite(status);
  // Node calls this in the asynchronous context of the writer. Most writes
  // complete synchronously, and need no callback.
  request.oncomplete = (status) =>
    outsideAsyncContext(queueMicrotask, () => writer.onWritten(status));
  request.buffer = bytes;
  return false;
}

/** True if Node is not using `request`: not yet, or no longer. */
export function isUnused(request: WriteRequest): boolean {
  return request.getAsyncId() === UNUSED;
}

/**
 * The error that Node itself would create for a write with this `status`, which
 * is not 0.
 */
export function errorOfWrite(status: number): Error {
  const code = systemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, syscall: "write" });
}

/** Captures a request from the next write through the stream. */
function learnFrom(handle: WriteHandle): void {
  const { writeBuffer } = handle;
  handle.writeBuffer = (request, bytes) => {
    handle.writeBuffer = writeBuffer;
    spare ??= usableRequest(request);
    return handle.writeBuffer(request, bytes);
  };
}

/**
 * A new request of the class of `request`; null if the class does not track its
 * use as on Node. On Deno it throws.
 */
function usableRequest(request: WriteRequest): WriteRequest | null {
  try {
    const another = anotherOf(request);
    return isUnused(another) ? another : null;
  } catch {
    return null;
  }
}

/**
 * A new request for a write to `handle`; undefined if its class is not known
 * yet, or cannot be used.
 */
export function newRequest(handle: WriteHandle): WriteRequest | undefined {
  if (spare === undefined) learnFrom(handle);
  return spare ? anotherOf(spare) : undefined;
}

function anotherOf(request: WriteRequest): WriteRequest {
  return new (request.constructor as new () => WriteRequest)();
}
