/**
 * Measures the library alone in an echo, on sockets that do nothing: with
 * `echo.ts 16`, each read contains 16 messages of 128 bytes, on 50 connections
 * by turns. `echo.ts 16 queue` answers by `sendOrQueue` with a view, `view`
 * creates that view but sends the slice, `encoded` encodes the answer, and
 * `none` does not answer. Prints a line of JSON: nanoseconds of processor time
 * per message in the fastest of several rounds, and how many messages the stats
 * have counted.
 */

import process from "node:process";
import { type Reactor, ReactRuntime, type SocketEvents } from "../../mod.ts";
import { message } from "../framing.ts";
import {
  EncodedEcho,
  FramedEcho,
  QueuedEcho,
  Sink,
  ViewingEcho,
} from "../servers/reactors.ts";
import { HERE, SilentAdapter } from "./silent_adapter.ts";

const CONNECTIONS = 50;
const SIZE = 128;
const WARM_UP_READS = 200_000;
const READS = 100_000;
const ROUNDS = 9;

const WAYS: Readonly<Record<string, new () => Reactor>> = {
  slice: FramedEcho,
  queue: QueuedEcho,
  view: ViewingEcho,
  encoded: EncodedEcho,
  none: Sink,
};

const [, , count, way = "slice"] = process.argv;
const inRead = Number(count);
const Echo = WAYS[way];
const adapter = new SilentAdapter();
const runtime = new ReactRuntime({ adapter });
await runtime.listen(HERE, {
  onNewConnection: () => ({ reactor: new Echo() }),
});

const messages = new Uint8Array(inRead * SIZE);
for (let i = 0; i < inRead; i++) messages.set(message(SIZE), i * SIZE);

const connections: SocketEvents[] = [];
for (let i = 0; i < CONNECTIONS; i++) {
  adapter.accept((events) => connections.push(events));
}

function read(count: number): void {
  for (let i = 0; i < count; i++) {
    connections[i % CONNECTIONS].onData(messages, messages.length);
  }
}

/** Nanoseconds of processor time per message. */
function measure(): number {
  const before = process.cpuUsage();
  read(READS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000 / (READS * inRead);
}

read(WARM_UP_READS);
const cpuNs = Math.min(...Array.from({ length: ROUNDS }, measure));
const sent = (WARM_UP_READS + ROUNDS * READS) * inRead;
const counted = runtime.stats().messagesIn / sent;
console.log(JSON.stringify({ cpuNs, counted }));
process.exit(0);
