import { attempt } from "./host_calls.ts";
import { hostClock } from "./host_clock.ts";

/** What is used of the handle of a server of `node:net`. */
interface ListeningServer {
  readonly _handle?: { listen?(backlog: number): number } | null;
}

/** So often is a server that may have stopped to accept asked to go on, milliseconds. */
const RESUME_MS = 1000;

/**
 * Has `server` accept for ever. Deno's `node:net` accepts nothing more once it has
 * failed to, as it does when the process is out of file descriptors, and tells
 * nobody. Returns what ends that.
 */
export function keepAccepting(server: object, backlog: number): () => void {
  if (!("Deno" in globalThis)) return () => {};
  const resume = () => {
    attempt(() => (server as ListeningServer)._handle?.listen?.(backlog));
    timer = hostClock.setTimer(resume, RESUME_MS);
  };
  let timer = hostClock.setTimer(resume, RESUME_MS);
  return () => hostClock.clearTimer(timer);
}
