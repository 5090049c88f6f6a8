import type { SocketEvents } from "../contract/socket.ts";
import { FREED_READ_SIZE } from "../tuning.ts";

/**
 * Tells `events` of `chunk`, which Bun has read. Of a long one the memory is
 * free as soon as that is done, and not only when garbage is collected: then
 * the next read goes to where the last one was, which the processor has at hand.
 */
export function tellRead(events: SocketEvents, chunk: Uint8Array): void {
  const { length } = chunk;
  if (length < FREED_READ_SIZE) return events.onData(chunk, length);
  const memory = chunk.buffer as ArrayBuffer;
  events.onData(chunk, length);
  const isOurs = memory.byteLength === length; // nobody else's, nor sent away
  if (isOurs) memory.transfer(0);
}
