/**
 * What an echo takes of the library alone, on sockets that do nothing: `echo.ts
 * 16` has each read hold 16 messages of 128 bytes, on 50 connections in turn.
 * `echo.ts 16 queue` answers by `sendOrQueue` of a view, `view` makes that view
 * and sends the slice, `encoded` encodes the answer, and `none` gives none.
 * Prints a line of JSON: nanoseconds of processor time for each message, of the
 * shortest of some rounds, and how many of the messages the stats have counted.
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

/** Nanoseconds of processor time for each message. */
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
