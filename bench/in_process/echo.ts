/**
 * Measures the library alone in an echo, on sockets that do nothing: with
 * `echo.ts 16`, each read contains 16 messages of 128 bytes, on 50 connections
 * by turns. `echo.ts 16 queue` answers by `sendOrQueue` with a view, `view`
 * creates that view but sends the slice, `encoded` encodes the answer, and
 * `none` does not answer. `echo.ts 16 hand` does without the library, as the
 * bench's "careful" server, and `hand --encoded` encodes. Prints a line of JSON:
 * nanoseconds of processor time per message in the fastest of several rounds,
 * and how many messages were counted for each that was sent.
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { type Reactor, ReactRuntime, type SocketEvents } from "../../mod.ts";
import { message } from "../framing.ts";
import { Framer, newAnswers } from "../servers/framer.ts";
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
const messages = new Uint8Array(inRead * SIZE);
for (let i = 0; i < inRead; i++) messages.set(message(SIZE), i * SIZE);

/** An echo with all its connections. */
interface Echoes {
  /** Passes `messages` to each connection. */
  read(connection: number): void;
  /** How many messages came in, according to the stats, or were answered by hand. */
  count(): number;
}

const echoes = way === "hand" ? echoByHand() : await echoByLibrary(WAYS[way]);

async function echoByLibrary(Echo: new () => Reactor): Promise<Echoes> {
  const adapter = new SilentAdapter();
  const runtime = new ReactRuntime({ adapter });
  await runtime.listen(HERE, {
    onNewConnection: () => ({ reactor: new Echo() }),
  });
  const connections: SocketEvents[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    adapter.accept((events) => connections.push(events));
  }
  return {
    read: (at) => connections[at].onData(messages, messages.length),
    count: () => runtime.stats().bytesIn / SIZE,
  };
}

function echoByHand(): Echoes {
  let bytesOut = 0;
  const read = Buffer.from(messages);
  const connections = Array.from({ length: CONNECTIONS }, () => {
    const answers = newAnswers();
    return { answers, framer: new Framer(answers.add) };
  });
  return {
    read(at) {
      const { answers, framer } = connections[at];
      framer.feed(read, read.length);
      bytesOut += answers.length;
      answers.length = 0;
    },
    count: () => bytesOut / SIZE,
  };
}

function read(count: number): void {
  for (let i = 0; i < count; i++) echoes.read(i % CONNECTIONS);
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
const counted = echoes.count() / sent;
console.log(JSON.stringify({ cpuNs, counted }));
process.exit(0);
