import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { EndReport } from "./connection_ledger.ts";
import type { Counts } from "./soak_tally.ts";

/** A message to the process of the plain sockets. */
export interface ToPeers {
  /** The port to connect to from now on; if left out, rest. */
  readonly port?: number;
}

/** A message from the process of the plain sockets: one of these. */
export interface FromPeers {
  /** The port of its server; in the first message. */
  readonly port?: number;
  /** The report of a finished connection. */
  readonly end?: EndReport;
  /**
   * Sent when it rests and all connections are over: the counts since the last
   * rest.
   */
  readonly rested?: Counts;
}

/** Writes a message as one line of JSON. Resolves once it is written. */
export function say(stream: Writable, message: unknown): Promise<void> {
  return new Promise((resolve) => {
    stream.write(JSON.stringify(message) + "\n", () => resolve());
  });
}

/** Reads one message per line. Calls `onEnd` at the end of the stream. */
export function hear<T>(
  stream: Readable,
  onMessage: (message: T) => void,
  onEnd: () => void,
): void {
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => onMessage(JSON.parse(line)));
  lines.on("close", onEnd);
}
