// Measures sending one message to many connections:
//
//   deno run -A bench/broadcast.ts            the time of a send, by its size
//   deno run -A bench/broadcast.ts memory     the memory held for members that do not read
//   bun bench/broadcast.ts
//   npm run build:node, then node .node/bench/broadcast.js
//
// Compares a `ReactorGroup` with one send to each connection.

import { connect, type Socket } from "node:net";
import process from "node:process";
import {
  DefaultTcpListenerHandler,
  type DispatchContext,
  MessageResult,
  ReactorGroup,
  ReactRuntime,
} from "../mod.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

const MEMBERS = 50;
/**
 * How much is sent to members that do not read: twice what the systems buffer.
 */
const STALLED = 24 * MiB;
const PIECE = 64 * KiB;

const [what = "time", way = "group"] = process.argv.slice(2);

const runtime = new ReactRuntime();
const members: DispatchContext[] = [];
const group = new ReactorGroup({ highWaterMark: 2 ** 30 });
const listener = await runtime.listen(
  "127.0.0.1:0",
  new DefaultTcpListenerHandler(() => ({
    onConnected(ctx) {
      members.push(ctx);
      group.add(ctx);
    },
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  })),
);

const WAYS: Record<string, (bytes: Uint8Array) => void> = {
  group: (bytes) => void group.send(bytes),
  each: (bytes) => members.forEach((ctx) => void ctx.sendOrQueue(bytes)),
};

if (what === "memory") await hold(WAYS[way]);
else await time();
await runtime.stop({ graceMs: 0 });
process.exit(0);

/** Opens peers of all members. */
async function open(reads: boolean): Promise<Socket[]> {
  const { port } = listener.address;
  const sockets = Array.from(
    { length: MEMBERS },
    () => connect(port, "127.0.0.1"),
  );
  for (const socket of sockets) {
    socket.on("error", () => {});
    if (reads) socket.on("data", () => {});
    else socket.pause();
  }
  while (members.length < MEMBERS) await turn();
  return sockets;
}

async function hold(send: (bytes: Uint8Array) => void): Promise<void> {
  await open(false);
  const bytes = new Uint8Array(PIECE);
  const before = process.memoryUsage().rss;
  for (let sent = 0; sent < STALLED; sent += PIECE) {
    send(bytes);
    await turn();
  }
  const grown = process.memoryUsage().rss - before;
  const queued = members.reduce(
    (sum, { sender }) => sum + sender.bytesQueued,
    0,
  );
  console.log(
    `${MEMBERS} members that do not read, by ${way}: ${inMiB(queued)} queued, ${
      inMiB(runtime.bufferedBytes)
    } in buffers, ${inMiB(grown)} more in memory`,
  );
}

async function time(): Promise<void> {
  await open(true);
  for (const size of [16, 128, KiB, 4 * KiB, 16 * KiB, 64 * KiB]) {
    const bytes = new Uint8Array(size);
    const line = [`${size} bytes, ns a member:`];
    for (const [name, send] of Object.entries(WAYS)) {
      for (const perTurn of [1, 16]) {
        const count = Math.min(2000, Math.max(40, 8 * MiB / size / perTurn));
        await run(send, bytes, perTurn, count / 4);
        const { spent, all } = await run(send, bytes, perTurn, count);
        line.push(
          `${name} ${spent.toFixed(0)} (${
            all.toFixed(0)
          } with the writes) at ${perTurn} a turn;`,
        );
      }
    }
    console.log(line.join(" "));
  }
}

/**
 * Nanoseconds per message and member: for the call alone, and including the
 * writes at the end of the turn.
 */
async function run(
  send: (bytes: Uint8Array) => void,
  bytes: Uint8Array,
  perTurn: number,
  turns: number,
): Promise<{ spent: number; all: number }> {
  let spent = 0;
  const begin = performance.now();
  for (let i = 0; i < turns; i++) {
    const start = performance.now();
    for (let j = 0; j < perTurn; j++) send(bytes);
    spent += performance.now() - start;
    while (members.some(({ sender }) => sender.bytesQueued > 0)) await turn();
  }
  const count = Math.ceil(turns) * perTurn * MEMBERS;
  const all = performance.now() - begin;
  return { spent: spent * 1e6 / count, all: all * 1e6 / count };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`;
}
