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

import { inNobodysContext } from "./async_context.ts";
import type { WriteHandle, WriteRequest } from "./node_handles.ts";
import { systemErrorName } from "./node_net.ts";

/** The `asyncId` of a request that Node has not used. */
const UNUSED = -1;

/** That of the next write; made when its class is known, and null if that is another than Node's. */
let spare: WriteRequest | null | undefined;

/** Who hears of a write that was under way. */
export interface Writer {
  /** All is out, or failed with the number of an error. */
  onWritten(status: number): void;
}

/**
 * Writes `bytes` to `handle`, on which no write is under way. True if all are out;
 * false if `writer` will hear of it, until when they have to stay; undefined if they
 * are to be written by the stream. Throws what the system says.
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
  // The queue of the handle does not tell: it is empty before the request is done.
  if (isUnused(request) && status === 0) return true;
  spare = anotherOf(request);
  if (status !== 0) throw errorOfWrite(status);
  // It comes in the context of this call, which most writes have no use for.
  request.oncomplete = (status) =>
    inNobodysContext(queueMicrotask, () => writer.onWritten(status));
  request.buffer = bytes;
  return false;
}

/** True if Node does not use `request`: not yet, or no more. */
export function isUnused(request: WriteRequest): boolean {
  return request.getAsyncId() === UNUSED;
}

/** The error that Node makes of a write that ended with a `status` other than 0. */
export function errorOfWrite(status: number): Error {
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
    return isUnused(another) ? another : null;
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
