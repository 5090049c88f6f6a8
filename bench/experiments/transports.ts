/** What carries the bytes: TLS, against `node:tls` by hand and against that of the runtime, and Unix sockets, against TCP. */

import type { Experiment } from "./experiment.ts";
import { traffic } from "./traffic.ts";

const KIB = 1024;

function inTls(
  shape: string,
  connections: number,
  inFlight: number,
  size: number,
): Experiment {
  return traffic(
    `tls-${shape}`,
    `TLS echo, ${connections} connections × ${inFlight} × ${size} B`,
    { mode: "echo", connections, inFlight, size },
    (runtime) => [
      "node:tls",
      ...(runtime === "node" ? [] : ["its own TLS"]),
      "Reactio, TLS",
    ],
  );
}

function onUnix(
  shape: string,
  connections: number,
  inFlight: number,
  size: number,
): Experiment {
  return traffic(
    `unix-${shape}`,
    `Echo over a Unix socket, and over TCP: ${connections} connections × ${inFlight} × ${size} B`,
    { mode: "echo", connections, inFlight, size },
    () => ["raw", "raw, Unix", "Reactio", "Reactio, Unix"],
  );
}

/** The transports other than TCP. */
export const TRANSPORTS: readonly Experiment[] = [
  inTls("1x1x32", 1, 1, 32),
  inTls("50x16x128", 50, 16, 128),
  inTls("4x1x64K", 4, 1, 64 * KIB),
  onUnix("1x1x32", 1, 1, 32),
  onUnix("50x16x128", 50, 16, 128),
  onUnix("4x1x64K", 4, 1, 64 * KIB),
];
