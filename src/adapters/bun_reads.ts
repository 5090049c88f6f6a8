import type { SocketEvents } from "../contract/socket.ts";

/** Bun lays out shorter reads so cheaply that nothing is won by it. */
const LARGE_READ = 16 * 1024;

/**
 * Tells `events` of `chunk`, which Bun has read. Of a long one the memory is
 * free as soon as that is done, and not only when garbage is collected: then
 * the next read goes to where the last one was, which the processor has at hand.
 */
export function tellRead(events: SocketEvents, chunk: Uint8Array): void {
  const { length } = chunk;
  if (length < LARGE_READ) return events.onData(chunk, length);
  const memory = chunk.buffer as ArrayBuffer;
  events.onData(chunk, length);
  const isOurs = memory.byteLength === length; // nobody else's, nor sent away
  if (isOurs) memory.transfer(0);
}
