import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConnectOptions,
  MessageResult,
  type Reactor,
  ReactRuntime,
  SimNetwork,
} from "../../mod.ts";

// What docs/options.md says of two ends that wait for each other.

const FIRST = 300_000;
const TOTAL = 3_000_000;

/** Answers every byte by two, until it has received so many. */
class Answering implements Reactor {
  countReceived = 0;

  onConnected: Reactor["onConnected"] = (ctx) =>
    void ctx.sendOrQueue(new Uint8Array(FIRST));

  onInboundMessage: Reactor["onInboundMessage"] = (buf, ctx) => {
    this.countReceived += buf.length;
    if (this.countReceived < TOTAL) {
      ctx.sendOrQueue(new Uint8Array(2 * buf.length));
    }
    return MessageResult.dropMsgSize(buf.length);
  };
}

/** Has two ends answer each other for a minute; resolves to what each has received. */
async function play(one: ConnectOptions, other: ConnectOptions) {
  const network = new SimNetwork();
  const runtimes = [one, other].map((options, i) =>
    new ReactRuntime({ ...options, adapter: network.host("ab"[i]).adapter })
  );
  const [server, client] = runtimes;
  const reactors = [new Answering(), new Answering()];
  await server.listen("a:80", {
    onNewConnection: () => ({ reactor: reactors[0] }),
  });
  await client.connect("a:80", reactors[1]);
  await network.sleep(60_000);
  const counts = reactors.map(({ countReceived }) => countReceived);
  const open = runtimes.map((runtime) => runtime.connectionCount);
  await Promise.all(runtimes.map((runtime) => runtime.stop({ graceMs: 0 })));
  return { counts, open };
}

const pausing = { sendHighWaterMark: 10_000 };

test("two ends that both pause wait for each other", async () => {
  const { counts, open } = await play(pausing, pausing);
  assert.ok(counts.every((count) => count < TOTAL), String(counts));
  assert.deepEqual(open, [1, 1]);
});

test("idleTimeoutMs of one of them ends that", async () => {
  const impatient = { ...pausing, idleTimeoutMs: 1000 };
  const { open } = await play(impatient, pausing);
  assert.deepEqual(open, [0, 0]);
});

test("they go on if one of them never pauses", async () => {
  const never = { sendHighWaterMark: 2 ** 26, maxSendQueue: 2 ** 26 };
  const { counts } = await play({ sendHighWaterMark: 10_000 }, never);
  assert.ok(counts.every((count) => count >= TOTAL), String(counts));
});
