import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { EndReport } from "./connection_ledger.ts";
import type { Counts } from "./soak_tally.ts";

/** A message to the process of the plain sockets. */
export interface ToPeers {
  /** Where to connect to from now on; if left out, rest. */
  readonly port?: number;
}

/** A message from the process of the plain sockets: one of these. */
export interface FromPeers {
  /** Where its server listens: the first message. */
  readonly port?: number;
  /** A connection is over at its end. */
  readonly end?: EndReport;
  /** It has come to rest, with all connections over; these are the counts since the last rest. */
  readonly rested?: Counts;
}

/** Writes a message as one line of JSON; resolves when it is written. */
export function say(stream: Writable, message: unknown): Promise<void> {
  return new Promise((resolve) => {
    stream.write(JSON.stringify(message) + "\n", () => resolve());
  });
}

/** Reads messages, one a line; calls `onEnd` when there are no more. */
export function hear<T>(
  stream: Readable,
  onMessage: (message: T) => void,
  onEnd: () => void,
): void {
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => onMessage(JSON.parse(line)));
  lines.on("close", onEnd);
}
