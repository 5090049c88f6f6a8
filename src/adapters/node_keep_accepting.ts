import { attempt } from "./host_calls.ts";
import { hostClock } from "./host_clock.ts";
import { ACCEPT_AGAIN_MS } from "../tuning.ts";

/** The part of the handle of a `net.Server` that is used. */
interface ListeningServer {
  readonly _handle?: { listen?(backlog: number): number } | null;
}

/**
 * Keeps `server` accepting on Deno, whose `node:net` stops accepting for good
 * after an error, such as a lack of file descriptors, without reporting it.
 * Returns a function that ends this.
 */
export function keepAccepting(server: object, backlog: number): () => void {
  if (!("Deno" in globalThis)) return () => {};
  const resume = () => {
    attempt(() => (server as ListeningServer)._handle?.listen?.(backlog));
    timer = hostClock.setTimer(resume, ACCEPT_AGAIN_MS);
  };
  let timer = hostClock.setTimer(resume, ACCEPT_AGAIN_MS);
  return () => hostClock.clearTimer(timer);
}
