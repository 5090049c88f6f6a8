/**
 * Transports: TLS, compared with hand-written `node:tls` and with the runtime's
 * own, and Unix sockets, compared with TCP.
 */

import type { Experiment } from "./experiment.ts";
import { traffic } from "./traffic.ts";

const KIB = 1024;

/** An echo under a load, called `name` followed by the shape of the load. */
function echo(
  name: string,
  title: string,
  [connections, inFlight, size]: readonly [number, number, number],
  subjects: Experiment["subjects"],
): Experiment {
  const shape = `${connections}x${inFlight}x${size < KIB ? size : "64K"}`;
  return traffic(
    `${name}-${shape}`,
    `${title}: ${connections} connections × ${inFlight} × ${size} B`,
    { mode: "echo", connections, inFlight, size },
    subjects,
  );
}

const SHAPES = [[1, 1, 32], [50, 16, 128], [4, 1, 64 * KIB]] as const;

/** The transports other than TCP. */
export const TRANSPORTS: readonly Experiment[] = [
  ...SHAPES.map((shape) =>
    echo("tls", "Echo in TLS", shape, (runtime) => [
      "node:tls",
      "node:tls, framed",
      ...(runtime === "deno" ? ["node:tls over Deno.Conn"] : []),
      ...(runtime === "node" ? [] : ["its own TLS"]),
      "Reactio, TLS",
      "Reactio, TLS, framed",
      ...(runtime === "deno" ? ["Reactio, TLS, nodeAdapter"] : []),
    ])
  ),
  ...SHAPES.map((shape) =>
    echo(
      "unix",
      "Echo over a Unix socket, and over TCP",
      shape,
      () => ["raw", "raw, Unix", "Reactio", "Reactio, Unix"],
    )
  ),
];
