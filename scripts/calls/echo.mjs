// @ts-check
//
// Lists the functions of the library that one message enters, on the runtime
// that runs this: echo.mjs <folder>, after instrument.mjs <folder>
//
// A client sends 128 bytes, which the server sends back with `ctx.sendSlice`,
// one message at a time. It prints what most of the messages enter: now and
// then, the library also does what it does once for many.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const SIZE = 128;

/** As many messages make the buffers of the library as large as they get. */
const WARM_UP = 500;

const MEASURED = 40;

/** What a message causes is over after so many milliseconds. */
const SETTLED_MS = 2;

const entry = path.resolve(process.argv[2], "mod.js");
const { DefaultTcpListenerHandler, MessageResult, ReactRuntime } = await import(
  pathToFileURL(entry).href
);

/** Sends each message back. */
class Echo {
  onInboundMessage(
    /** @type {Uint8Array} */ buf,
    /** @type {{ sendSlice: Function }} */ ctx,
  ) {
    if (buf.length < SIZE) return MessageResult.expectMsgSize(SIZE);
    ctx.sendSlice(buf, 0, SIZE);
    return MessageResult.dropMsgSize(SIZE);
  }
}

const runtime = new ReactRuntime();
const { address } = await runtime.listen(
  "127.0.0.1:0",
  new DefaultTcpListenerHandler(() => new Echo()),
);
const client = net.connect(address.port, address.hostname);
client.setNoDelay(true);
await once(client, "connect");
for (let i = 0; i < WARM_UP; i++) await exchange();

/** How often each list of functions was entered. @type {Map<string, number>} */
const seen = new Map();
for (let i = 0; i < MEASURED; i++) {
  const calls = await callsOfOne();
  seen.set(calls, (seen.get(calls) ?? 0) + 1);
}
const [[usual, count]] = [...seen].sort(([, a], [, b]) => b - a);
console.log(usual);
console.log(
  `\n${
    usual.split("\n").length
  } calls, as for ${count} of ${MEASURED} messages`,
);
client.destroy();
await runtime.stop();

/** The functions that one message enters, a line for each, in order. */
async function callsOfOne() {
  /** @type {string[]} */
  const calls = [];
  const world = /** @type {{ onCall?: (name: string) => void }} */ (globalThis);
  world.onCall = (name) => calls.push(name);
  await exchange();
  await sleep(SETTLED_MS);
  delete world.onCall;
  return calls.join("\n");
}

/** Sends a message. Resolves when it has come back. */
async function exchange() {
  client.write(Buffer.alloc(SIZE));
  let left = SIZE;
  while (left > 0) left -= (await once(client, "data"))[0].length;
}
