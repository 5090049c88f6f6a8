import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConnectOptions,
  type DispatchContext,
  INVALID_REACTOR_ID,
  MessageResult,
  type Reactor,
  ReactRuntime,
  SimNetwork,
} from "../../mod.ts";

// What docs/options.md says of two ends that wait for each other.

const FIRST = 300_000;
const TOTAL = 3_000_000;

/** How an end sends an answer. */
type Send = (ctx: DispatchContext, size: number) => unknown;

const fromHandler: Send = (ctx, size) => ctx.sendOrQueue(new Uint8Array(size));
const fromPromise: Send = (ctx, size) =>
  Promise.resolve().then(() => fromHandler(ctx, size));

/** Answers every byte by two, until it has received so many. */
class Answering implements Reactor {
  countReceived = 0;
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  onConnected: Reactor["onConnected"] = (ctx) =>
    void ctx.sendOrQueue(new Uint8Array(FIRST));

  onInboundMessage: Reactor["onInboundMessage"] = (buf, ctx) => {
    this.countReceived += buf.length;
    if (this.countReceived < TOTAL) this.#send(ctx, 2 * buf.length);
    return MessageResult.dropMsgSize(buf.length);
  };
}

/** Sends pieces, each when the last one is out, whatever it receives. */
class Pumping implements Reactor {
  countReceived = 0;
  #countSent = 0;

  onConnected: Reactor["onConnected"] = (ctx) => {
    if (this.#countSent >= TOTAL) return;
    this.#countSent += FIRST;
    ctx.sendOrQueue(
      new Uint8Array(FIRST),
      () => this.onConnected?.(ctx, INVALID_REACTOR_ID),
    );
  };

  onInboundMessage: Reactor["onInboundMessage"] = (buf) => {
    this.countReceived += buf.length;
    return MessageResult.dropMsgSize(buf.length);
  };
}

/** Has two ends answer each other for a minute; resolves to what each has received. */
async function play(
  one: ConnectOptions,
  other: ConnectOptions,
  newReactor: () => Answering | Pumping = () => new Answering(fromHandler),
) {
  const network = new SimNetwork();
  const runtimes = [one, other].map((options, i) =>
    new ReactRuntime({ ...options, adapter: network.host("ab"[i]).adapter })
  );
  const [server, client] = runtimes;
  const reactors = [newReactor(), newReactor()];
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

for (
  const [who, send] of [["a handler", fromHandler], [
    "a promise",
    fromPromise,
  ]] as const
) {
  test(`two ends that both pause wait for each other, when ${who} answers`, async () => {
    const { counts, open } = await play(
      pausing,
      pausing,
      () => new Answering(send),
    );
    assert.ok(counts.every((count) => count < TOTAL), String(counts));
    assert.deepEqual(open, [1, 1]);
  });
}

test("they do not if each sends the next piece when the last one is out", async () => {
  const { counts } = await play(pausing, pausing, () => new Pumping());
  assert.ok(counts.every((count) => count >= TOTAL), String(counts));
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
