/**
 * Sockets that the process was given by whoever started it.
 *
 * @module
 */

import type { Transport } from "../contract/address.ts";
import { attempt } from "./host_calls.ts";
import { hostClock } from "./host_clock.ts";

interface Host {
  readonly process?: { readonly platform?: string };
}

/** What is used of the handle of a server of `node:net`. */
interface NativeServer {
  readonly _handle?: { listen?(backlog: number): number } | null;
}

/** So often is a server that may have stopped to accept asked to go on, milliseconds. */
const RESUME_MS = 1000;

/** What sockets are of on this system: Windows hands over none by a number. */
export function systemTransports(): readonly Transport[] {
  const { process } = globalThis as unknown as Host;
  return process?.platform === "win32"
    ? ["tcp", "unix"]
    : ["tcp", "unix", "fd"];
}

/**
 * Has `server`, whose socket was handed over, accept for ever. Deno's `node:net`
 * accepts nothing more once it has failed to, as it does when the process is out
 * of file descriptors, and tells nobody; Deno's own listeners take no such socket.
 * Returns what ends that.
 */
export function keepAccepting(server: object, backlog: number): () => void {
  if (!("Deno" in globalThis)) return () => {};
  const resume = () => {
    attempt(() => (server as NativeServer)._handle?.listen?.(backlog));
    timer = hostClock.setTimer(resume, RESUME_MS);
  };
  let timer = hostClock.setTimer(resume, RESUME_MS);
  return () => hostClock.clearTimer(timer);
}
