import type { SocketEvents } from "../contract/socket.ts";
import { FREED_READ_SIZE } from "../tuning.ts";

/**
 * Delivers `chunk`, which Bun has read, to `events`. The memory of a long chunk
 * is freed right after the call, not by the garbage collector: the next read
 * then gets the same memory, which is still in the processor's cache.
 */
export function deliverRead(events: SocketEvents, chunk: Uint8Array): void {
  const { length } = chunk;
  if (length < FREED_READ_SIZE) return events.onData(chunk, length);
  const memory = chunk.buffer as ArrayBuffer;
  events.onData(chunk, length);
  const isOurs = memory.byteLength === length; // false if the memory is shared, or was transferred
  if (isOurs) memory.transfer(0);
}
