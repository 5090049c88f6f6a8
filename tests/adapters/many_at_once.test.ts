import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { test } from "node:test";
import { hostAdapter } from "../../mod.ts";
import { childUrl } from "../conformance/children.ts";
import { eventually } from "../conformance/support.ts";
import { asTcp, tcp } from "../support/tcp.ts";

const PEERS = 500;

test("afterPoll calls back when all sockets that were ready have been served, however many", async () => {
  const adapter = hostAdapter();
  let served = 0;
  let accepted = 0;
  const listener = await adapter.listen({
    address: tcp("127.0.0.1", 0),
    backlog: PEERS,
    reusePort: false,
  }, {
    onAccept(socket) {
      accepted++;
      socket.start({
        readBuffer: () => new Uint8Array(16),
        onData: () => void served++,
        onWritable() {},
        onEnd: () => socket.destroy(),
        onClose() {},
      });
    },
    onAcceptError: assert.ifError,
  });
  // The peers write when the first number is set, and then count up the second.
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(childUrl("many_peers"), {
    workerData: { port: asTcp(listener.address).port, count: PEERS, shared },
  });
  await eventually(() => accepted === PEERS, "all are accepted");
  const servedInTime = await new Promise<number>((resolve) => {
    adapter.clock.setTimer(() => {
      Atomics.store(shared, 0, 1);
      Atomics.notify(shared, 0);
      while (Atomics.load(shared, 1) < PEERS);
      adapter.afterPoll(() => resolve(served));
    }, 1);
  });
  assert.equal(servedInTime, PEERS);
  await Promise.all([worker.terminate(), listener.close()]);
});
