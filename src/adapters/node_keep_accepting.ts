import { attempt } from "./host_calls.ts";
import { hostClock } from "./host_clock.ts";

/** The part of the handle of a `net.Server` that is used. */
interface ListeningServer {
  readonly _handle?: { listen?(backlog: number): number } | null;
}

/** Milliseconds between two calls that resume accepting. */
const RESUME_MS = 1000;

/**
 * Keeps `server` accepting on Deno, whose `node:net` stops accepting for good
 * after an error, such as a lack of file descriptors, without reporting it.
 * Returns a function that ends this.
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
