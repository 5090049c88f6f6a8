// A server and a client of it play ping-pong in one program, in one thread.
//
// Run:  deno run --allow-net examples/demo.ts
// Read: pingpong.ts has the reactors of both.

import {
  formatAddress,
  ReactRuntime,
  type TcpListenerHandler,
} from "../mod.ts";
import { fail, integer, listenFlags, readFlags } from "./flags.ts";
import { LatencyTable } from "./latency.ts";
import { PingpongClient, PingpongReactor } from "./pingpong.ts";

const flags = readFlags("Plays ping-pong with itself.", {
  ...listenFlags(0),
  count: integer(100_000, 1, 1_000_000_000, "round trips in all"),
  batch: integer(10_000, 1, 1_000_000, "round trips per row of the table"),
});

const { count } = flags;
const runtime = new ReactRuntime();

const server: TcpListenerHandler = {
  onNewConnection(listener) {
    runtime.cmdSender.sendClose(listener.id); // one client is enough
    return { reactor: new PingpongReactor() };
  },
};
const client = new PingpongClient(count, new LatencyTable(flags.batch));

const listener = await runtime.listen(flags, server).catch(fail);
const address = listener.address;
console.log(`Ping-pong on ${formatAddress(address)}`);
await runtime.connect(address, client).catch(fail);
await runtime.run(); // returns when nothing is left to serve
if (client.roundTrips < count) {
  fail(new Error(`The game ended after ${client.roundTrips} round trips`));
}
