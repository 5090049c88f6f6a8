// Plays ping-pong with echo_server.ts, and prints how long round trips take.
//
// Run:  deno run --allow-net examples/echo_client.ts
// Read: pingpong.ts has the reactors of both.

import { ReactRuntime } from "../mod.ts";
import { connectFlags, fail, integer, readFlags } from "./flags.ts";
import { LatencyTable } from "./latency.ts";
import { PingpongClient } from "./pingpong.ts";

const flags = readFlags("Plays ping-pong.", {
  ...connectFlags(10254),
  count: integer(100_000, 1, 1_000_000_000, "round trips in all"),
  batch: integer(10_000, 1, 1_000_000, "round trips per row of the table"),
});

const { count } = flags;
const runtime = new ReactRuntime();
const client = new PingpongClient(count, new LatencyTable(flags.batch));
await runtime.connect(flags, client).catch(fail);
await runtime.run();
if (client.roundTrips < count) {
  fail(new Error(`The server left after ${client.roundTrips} round trips`));
}
