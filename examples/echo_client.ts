// Plays ping-pong with examples/echo_server.ts and prints how long round trips take.

import { ReactRuntime } from "../mod.ts";
import { fail, hostname, integer, readFlags } from "./flags.ts";
import { LatencyTable } from "./latency.ts";
import { PingpongClient } from "./pingpong.ts";

const { host, port, count, batch } = readFlags("Plays ping-pong.", {
  host: hostname("127.0.0.1", "where the server is"),
  port: integer(10254, 1, 65535, "its port"),
  count: integer(100_000, 1, 1_000_000_000, "round trips in all"),
  batch: integer(10_000, 1, 1_000_000, "round trips per row of the table"),
});

const runtime = new ReactRuntime();
const client = new PingpongClient(count, new LatencyTable(batch));
await runtime.connect({ hostname: host, port }, client).catch(fail);
await runtime.run();
if (client.roundTrips < count) {
  fail(new Error(`The server left after ${client.roundTrips} round trips`));
}
