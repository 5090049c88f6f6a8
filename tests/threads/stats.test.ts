import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidOptionError,
  type ListenerStats,
  type RuntimeStats,
  type SharedListener,
  ThreadedReactorMgr,
  type ThreadedReactorOptions,
  type ThreadsStats,
  type WorkerExit,
} from "../../mod.ts";
import { eventually, quietly, signal } from "../conformance/support.ts";
import { userAdapter } from "./user_adapter.ts";
import {
  type AgentHandle,
  keepBusy,
  moduleUrl,
  openPeers,
  STEADY,
  type Threads,
  withAgents,
} from "./agents.ts";

/** Each peer of `openPeers` sends this many bytes, which come back. */
const GREETING = 3;

/** Fails unless the total is the sum of the threads and the main thread. */
function addsUp({ threads, main, total }: ThreadsStats): void {
  const all = [...threads.map(({ stats }) => stats), main];
  const names = [
    "accepted",
    "open",
    "bytesIn",
    "bytesOut",
    "messagesIn",
    "messagesOut",
  ] as const;
  for (const name of names) {
    const sum = all.reduce((sum, stats) => sum + stats[name], 0);
    assert.equal(total[name], sum, name);
  }
  const count = (pick: (stats: RuntimeStats) => number) =>
    all.reduce((sum, stats) => sum + pick(stats), 0);
  assert.equal(total.connects.tried, count(({ connects }) => connects.tried));
  assert.equal(
    total.handlerTime.count,
    count(({ handlerTime }) => handlerTime.count),
  );
}

/** The traffic of the peers is counted by the threads that serve them. */
async function servesPeers(
  agents: readonly AgentHandle[],
  threads: Threads,
  listener: SharedListener,
): Promise<void> {
  const before = await threads.stats();
  const peers = await openPeers(listener, 8);
  const stats = await threads.stats();
  addsUp(stats);
  const added = (name: "accepted" | "bytesIn") =>
    stats.total[name] - before.total[name];
  assert.equal(added("accepted"), 8);
  assert.equal(added("bytesIn"), 8 * GREETING);
  for (const peer of peers) peer.destroy();
  assert.equal(stats.threads.length, agents.length);
  for (const [runtimeId, thread] of stats.threads.entries()) {
    assert.equal(thread.runtimeId, runtimeId);
    assert.equal(thread.isCurrent, true);
    assert.equal(thread.lostWorkers, 0);
    assert.equal(thread.stats.accepted, listener.spread[runtimeId]);
  }
  assert.deepEqual(structuredClone(stats), stats);
  assert.deepEqual(JSON.parse(JSON.stringify(stats)), stats);
  await eventually(
    () => peers.every(({ received }) => received === GREETING),
    "each has got what it sent",
  );
}

/** Runs `body` with two threads, each with an agent, and a listener of both; also with a relayed one. */
async function withListeners(
  body: (
    listener: SharedListener,
    agents: readonly AgentHandle[],
    threads: Threads,
  ) => Promise<void>,
  options: Partial<ThreadedReactorOptions> = {},
): Promise<void> {
  const relaying = {
    module: moduleUrl("modules/own_adapter"),
    adapter: userAdapter,
  };
  for (const more of [{}, relaying]) {
    await withAgents(2, async (agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      await body(listener, agents, threads);
    }, { ...options, ...more });
  }
}

function closedCount({ closed }: ListenerStats): number {
  return Object.values(closed).reduce((sum, count) => sum + count, 0);
}

/** Resolves when `listener` reports `count` closed connections. */
async function closed(
  listener: SharedListener,
  count: number,
): Promise<ThreadsStats<ListenerStats>> {
  let told = await listener.stats();
  await eventually(() => {
    void listener.stats().then((stats) => told = stats);
    return closedCount(told.total) === count;
  }, `${count} are closed`);
  return told;
}

describe("stats of a listener of all threads", () => {
  it("are those of each thread, and of all together, and of no other listener", () =>
    withListeners(async (listener, _, threads) => {
      const other = await threads.listenAll("127.0.0.1:0", "echo");
      const peers = await openPeers(listener, 8);
      await openPeers(other, 1);
      const { threads: each, main, total } = await listener.stats();
      assert.deepEqual(
        each.map(({ stats }) => stats.accepted),
        listener.spread,
      );
      for (const { isCurrent, lostWorkers } of each) {
        assert.deepEqual([isCurrent, lostWorkers], [true, 0]);
      }
      assert.equal(main.accepted, 0);
      const { accepted, open, bytesIn } = total;
      assert.deepEqual([accepted, open, bytesIn], [8, 8, 8 * GREETING]);
      assert.deepEqual(structuredClone(total), total);
      for (const peer of peers) peer.end();
      const { total: after } = await closed(listener, 8);
      assert.deepEqual([after.open, after.closed], [0, { ok: 8 }]);
      await assert.rejects(
        listener.stats({ timeoutMs: 0 }),
        InvalidOptionError,
      );
    }));

  it("go on for open connections when it is closed, and are complete when the threads are stopped", () =>
    withListeners(async (listener, _, threads) => {
      const peers = await openPeers(listener, 4);
      await listener.close();
      const during = await listener.stats();
      assert.deepEqual([during.total.open, during.total.accepted], [4, 4]);
      peers[0].send(new Uint8Array(5));
      await eventually(
        () => peers[0].received === GREETING + 5,
        "it is served",
      );
      for (const peer of peers.slice(0, 2)) peer.end();
      assert.equal((await closed(listener, 2)).total.open, 2);
      for (const peer of peers.slice(2)) peer.end();
      const ended = await closed(listener, 4);
      assert.deepEqual(ended.total.closed, { ok: 4 });
      assert.equal(ended.total.bytesIn, 4 * GREETING + 5);
      await threads.stop();
      assert.deepEqual(await listener.stats(), ended);
      for (const { isCurrent, lostWorkers } of ended.threads) {
        assert.deepEqual([isCurrent, lostWorkers], [true, 0]);
      }
    }));

  it("of threads that are stopped with open connections are complete", () =>
    withListeners(async (listener, _, threads) => {
      const peers = await openPeers(listener, 4);
      const stopped = threads.stop();
      for (const peer of peers) peer.end();
      await stopped;
      const { total, threads: each } = await listener.stats();
      assert.equal(total.open, 0);
      assert.equal(closedCount(total), 4);
      assert.ok(each.every(({ lostWorkers }) => lostWorkers === 0));
    }));

  it("of a worker that has ended by itself keep its last report, and go on in its replacement", () =>
    quietly(() =>
      withListeners(async (listener, [a], threads) => {
        const peers = await openPeers(listener, 8);
        const before = await listener.stats();
        const { open } = before.threads[0].stats;
        await a.run(() =>
          void setTimeout(() => {
            throw new Error("ended");
          }, 1)
        );
        let isBack = false;
        await eventually(() => {
          void listener.stats().then(({ threads: [first] }) =>
            isBack = first.isCurrent && first.lostWorkers === 1
          );
          return isBack;
        }, "another one listens");
        const { threads: [first], total } = await listener.stats();
        assert.equal(first.lostWorkers, 1);
        assert.equal(first.stats.closed.WorkerExitedError ?? 0, open);
        assert.equal(total.open, 8 - open);
        for (const peer of peers) peer.destroy();
        const again = await openPeers(listener, 8);
        const after = await listener.stats();
        assert.equal(after.total.accepted, 16);
        for (const peer of again) peer.destroy();
        await threads.stop();
      }, { restart: true })
    ));
});

describe("stats of threads", () => {
  it("are those of each, and of all together", () =>
    withAgents(2, async (agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      await servesPeers(agents, threads, listener);
    }));

  it("count what is relayed in the thread that serves it", () =>
    withAgents(2, async (agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      assert.equal(listener.mode, "relay");
      await servesPeers(agents, threads, listener);
    }, { module: moduleUrl("modules/own_adapter"), adapter: userAdapter }));

  it("of a busy thread are its last report, and stats waits no longer than timeoutMs", () =>
    withAgents(2, async ([a], threads) => {
      const before = await threads.stats();
      const busy = await keepBusy(a);
      const { threads: [first, second], total } = await threads.stats({
        timeoutMs: 300,
      });
      assert.equal(first.isCurrent, false);
      assert.equal(second.isCurrent, true);
      assert.deepEqual(first.stats, before.threads[0].stats);
      assert.ok(total.messagesIn >= before.total.messagesIn);
      busy.release();
      assert.equal((await threads.stats()).threads[0].isCurrent, true);
      await assert.rejects(threads.stats({ timeoutMs: 0 }), InvalidOptionError);
    }, STEADY));

  it("of a worker that has ended by itself keep its last report: open connections count as closed, and what is missing is reported", () =>
    quietly(async () => {
      const exited = signal<WorkerExit>();
      await withAgents(2, async ([a], threads) => {
        const before = await threads.stats();
        const [{ stats: own }] = before.threads;
        assert.ok(own.open > 0 && own.bytesOut > 0);
        await a.run(() =>
          void setTimeout(() => {
            throw new Error("ended");
          }, 1)
        );
        await exited.promise;
        const { threads: [first], total } = await threads.stats();
        assert.equal(first.isCurrent, false);
        assert.equal(first.lostWorkers, 1);
        assert.equal(first.stats.open, 0);
        assert.equal(first.stats.bytesOut, own.bytesOut);
        assert.equal(first.stats.closed.WorkerExitedError, own.open);
        assert.ok(total.bytesOut >= before.total.bytesOut);
      }, { onWorkerExit: exited.resolve });
    }));

  it("of a thread that was restarted go on from there", () =>
    quietly(async () => {
      const exited = signal<WorkerExit>();
      await withAgents(1, async ([a], threads) => {
        const [{ stats: before }] = (await threads.stats()).threads;
        await a.run(() =>
          void setTimeout(() => {
            throw new Error("ended");
          }, 1)
        );
        await exited.promise;
        const { threads: [first] } = await threads.stats({ timeoutMs: 60_000 });
        assert.equal(first.isCurrent, true);
        assert.equal(first.lostWorkers, 1);
        assert.ok(first.stats.bytesOut >= before.bytesOut);
        assert.equal(first.stats.connects.tried, before.connects.tried);
      }, { restart: true, onWorkerExit: exited.resolve });
    }));

  it("of threads that were stopped are complete", async () => {
    const threads = await ThreadedReactorMgr.start<
      typeof import("./agent_module.ts").default
    >({ threads: 2, module: moduleUrl("agent_module") });
    const listener = await threads.listenAll("127.0.0.1:0", "echo");
    const peers = await openPeers(listener, 6);
    for (const peer of peers) peer.end();
    await Promise.all(peers.map(({ closed }) => closed));
    await threads.stop();
    const stats = await threads.stats();
    addsUp(stats);
    assert.equal(stats.total.accepted, 6);
    assert.equal(stats.total.open, 0);
    assert.equal(stats.total.bytesIn, 6 * GREETING);
    assert.equal(stats.total.bytesOut, 6 * GREETING);
    assert.deepEqual(stats.total.closed, { ok: 6 });
    for (const { isCurrent, lostWorkers } of stats.threads) {
      assert.equal(isCurrent, true);
      assert.equal(lostWorkers, 0);
    }
  });
});
