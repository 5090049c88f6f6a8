import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  InvalidOptionError,
  RuntimeStoppedError,
  ThreadedReactorMgr,
  type ThreadedReactorOptions,
  type WorkerExit,
} from "../../mod.ts";
import { STOP_MARGIN_MS } from "../../src/tuning.ts";
import { OrderedStop } from "../../src/threads/manager/ordered_stop.ts";
import {
  checkedOrder,
  stopGroups,
} from "../../src/threads/manager/stop_order.ts";
import { RawPeer } from "../conformance/peers.ts";
import { eventually, quietly, signal } from "../conformance/support.ts";
import { inTime } from "../support/in_time.ts";
import { moduleUrl } from "./agents.ts";

type Module = typeof import("./modules/drains.ts").default;

/** Longer than any test takes. */
const LONG_MS = 60_000;

/** Runs `body` with threads that drain; `written` reads the lines they have written so far. */
async function withThreads(
  options: Partial<ThreadedReactorOptions>,
  body: (
    threads: ThreadedReactorMgr<Module>,
    written: () => string[],
  ) => Promise<void>,
  how = "waits",
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "reactio-"));
  const file = join(folder, "written");
  process.env.REACTIO_TEST_LINES = file;
  process.env.REACTIO_TEST_STOP = how;
  const written = () =>
    existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  try {
    await quietly(async () => {
      const threads = await ThreadedReactorMgr.start<Module>({
        threads: 2,
        module: moduleUrl("modules/drains"),
        ...options,
      });
      try {
        await body(threads, written);
      } finally {
        await threads.stop({ graceMs: 0 });
      }
    });
  } finally {
    delete process.env.REACTIO_TEST_LINES;
    delete process.env.REACTIO_TEST_STOP;
    rmSync(folder, { recursive: true });
  }
}

/** Peers that have each sent a request, and answer a FIN. */
async function askingPeers(
  threads: ThreadedReactorMgr<Module>,
  delayMs: number,
  count: number,
) {
  const listener = await threads.listenAll("127.0.0.1:0", "slow", { delayMs });
  const peers: RawPeer[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await RawPeer.connect(listener.address);
    peer.write(1);
    void peer.ended.then(() => peer.end());
    peers.push(peer);
  }
  await Promise.all(peers.map((peer) => peer.has(1))); // the request is being handled
  return { listener, peers };
}

describe("threads that stop", () => {
  it("finish what is under way, and end cleanly; no new connection is accepted", () =>
    withThreads({}, async (threads, written) => {
      const { listener, peers } = await askingPeers(threads, 300, 32);
      const stopping = threads.stop({ drainMs: LONG_MS });
      await RawPeer.dropped(listener.address);
      await stopping;
      await Promise.all(peers.map(({ ended }) => ended));
      assert.equal(peers.filter(({ received }) => received === 2).length, 32);
      const lines = written();
      // The connections that tested for drops may have been accepted before.
      const drains = lines.filter((line) => / drains$/.test(line));
      assert.ok(drains.length >= 32, `${drains.length} drain`);
      assert.deepEqual(
        lines.slice(-4).sort(),
        ["0 stopped", "0 stops", "1 stopped", "1 stops"],
        "onStop comes last, and is awaited",
      );
    }));

  it("stop in the given order: a thread that serves others drains when they have stopped", () =>
    withThreads(
      { threads: 3, stopOrder: [[2], [0]] },
      async (threads, written) => {
        await askingPeers(threads, 50, 48);
        await threads.stop({ drainMs: LONG_MS });
        const lines = written();
        const first = (line: string) => lines.indexOf(line);
        for (const [one, other] of [[1, 2], [2, 0]]) {
          assert.ok(first(`${one} stopped`) >= 0);
          assert.ok(
            first(`${one} stopped`) < first(`${other} drains`),
            lines.join(),
          );
        }
      },
    ));

  it("execute commands of the main thread until they have stopped, unless there is no time to drain", () =>
    withThreads({ threads: 1 }, async (threads) => {
      await askingPeers(threads, 200, 1);
      const sender = threads.getCmdSender(0);
      const listen = () =>
        new Promise<Error | undefined>((resolve) =>
          sender.sendListen("127.0.0.1:0", "slow", { delayMs: 1 }, {
            completion: (result) =>
              resolve(result.ok ? undefined : result.error),
          })
        );
      const stopping = threads.stop({ drainMs: LONG_MS });
      const close = new Promise<string>((resolve) =>
        sender.sendClose(1 as never, {
          completion: (result) => resolve(result.ok ? "" : result.error.name),
        })
      );
      assert.equal(await close, "ReactorNotFoundError", "it is carried out");
      assert.ok(await listen() instanceof RuntimeStoppedError);
      const ending = threads.stop({ drainMs: 0 });
      assert.ok(await listen() instanceof RuntimeStoppedError);
      await Promise.all([stopping, ending]);
    }));

  it("are cut short by another stop", () =>
    withThreads({ stopOrder: [[0]] }, async (threads, written) => {
      const { peers } = await askingPeers(threads, LONG_MS, 8);
      const stopping = threads.stop({ drainMs: LONG_MS });
      await eventually(() => written().includes("1 drains"), "one drains");
      await inTime(async () => {
        await Promise.all([threads.stop({ drainMs: 0 }), stopping]);
      }, LONG_MS / 2);
      await Promise.all(peers.map(({ closed }) => closed));
    }));

  it("report one that crashes while it drains, and do not restart it", async () => {
    const exit = signal<WorkerExit>();
    await withThreads({
      threads: 1,
      restart: true,
      onWorkerExit: exit.resolve,
    }, async (threads) => {
      const listener = await threads.listenAll(
        "127.0.0.1:0",
        "crashing",
        { delayMs: 1 },
      );
      const peer = await RawPeer.connect(listener.address);
      await eventually(() => listener.spread[0] === 1, "it is served");
      await threads.stop({ drainMs: LONG_MS });
      const { error, willRestart } = await exit.promise;
      assert.match(error.message, /crashed as it drained/);
      assert.equal(willRestart, false);
      peer.destroy();
    });
  });

  it("log an onStop that fails, and end anyway", () =>
    withThreads({}, async (threads, written) => {
      await threads.stop();
      assert.deepEqual(written().sort(), ["0 stops", "1 stops"]);
      await threads.wait();
    }, "fails"));

  it("end by force an onStop that hangs", () =>
    withThreads({ threads: 1 }, async (threads, written) => {
      await threads.stop({ graceMs: 10 });
      assert.deepEqual(written(), ["0 stops"]);
    }, "hangs"));
});

describe("the order of a stop", () => {
  it("begins with the runtimes that it does not name, and skips those that do not exist", () => {
    assert.deepEqual(stopGroups([0, 1, 2, 3], []), [[0, 1, 2, 3]]);
    assert.deepEqual(stopGroups([0, 1, 2, 3], [[2], [0, 1]]), [[3], [2], [
      0,
      1,
    ]]);
    assert.deepEqual(stopGroups([1, 0], [[0], [1]]), [[0], [1]]);
    assert.deepEqual(stopGroups([1, 3], [[0, 1], [2]]), [[3], [1]]);
  });

  it("lists ids of runtimes, each once", () => {
    const bad: [order: unknown, reason: RegExp][] = [
      [[0], /it has to be of arrays/],
      [[["0"]], /0 is not one of 0 to 2/],
      [[[3]], /3 is not one of 0 to 2/],
      [[[-1]], /-1 is not one of 0 to 2/],
      [[[0.5]], /0.5 is not one of 0 to 2/],
      [[[0], [1, 0]], /0 is there twice/],
      [[[Symbol("s")]], /is not one of 0 to 2/],
    ];
    for (const [order, reason] of bad) {
      assert.throws(
        () => checkedOrder(order as number[][], 3),
        (error: Error) =>
          error instanceof InvalidOptionError && reason.test(error.message),
      );
    }
    assert.deepEqual(checkedOrder([[2, 0], [], [1]], 3), [[2, 0], [], [1]]);
  });

  /** Creates a signal for each name. */
  function signals() {
    const all = new Map<string, ReturnType<typeof signal<void>>>();
    return (name: string) => {
      const found = all.get(name) ?? signal();
      all.set(name, found);
      return found;
    };
  }

  /** Workers that stop when the test says so, on a clock that the test sets. */
  function fixture(groups: readonly (readonly string[])[]) {
    const it = {
      now: 1000,
      log: [] as [string, number, number][],
      limitMs: 0,
      onTimeout: () => {},
      stopped: signals(),
    };
    const workerOf = (name: string) => ({
      stop({ drainMs, graceMs }: { drainMs: number; graceMs: number }) {
        it.log.push([name, drainMs, graceMs]);
        return it.stopped(name).promise;
      },
    });
    const stop = new OrderedStop(
      {
        now: () => it.now,
        arm(timeout, delayMs) {
          it.limitMs = delayMs;
          it.onTimeout = () => timeout.onTimeout();
        },
        disarm() {},
      },
      groups.map((group) => group.map(workerOf)),
    );
    return { it, stop };
  }

  /** Lets all resolved promises continue. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

  it("gives each group what is left of the time limits", async () => {
    const { it, stop } = fixture([["a", "b"], ["c"], ["d"]]);
    const over = stop.within({ drainMs: 100, graceMs: 50 });
    assert.deepEqual(it.log, [["a", 100, 50], ["b", 100, 50]]);
    assert.equal(it.limitMs, 150 + STOP_MARGIN_MS);
    it.stopped("a").resolve();
    await settle();
    assert.equal(it.log.length, 2, "b has not stopped");
    it.now += 40.5;
    it.stopped("b").resolve();
    await settle();
    assert.deepEqual(it.log.slice(2), [["c", 60, 50]]);
    it.now += 80;
    it.stopped("c").resolve();
    await settle();
    assert.deepEqual(it.log.slice(3), [["d", 0, 30]]);
    it.now += 1000;
    it.stopped("d").resolve();
    await over;
  });

  it("applies new time limits at once, to the groups that are stopping and to later ones", async () => {
    const { it, stop } = fixture([["a"], ["b"]]);
    const over = stop.within({ drainMs: 100, graceMs: 50 });
    it.now += 60;
    void stop.within({ drainMs: 0, graceMs: 10 });
    assert.deepEqual(it.log, [["a", 100, 50], ["a", 0, 10]]);
    assert.equal(it.limitMs, 10 + STOP_MARGIN_MS);
    it.now += 4;
    it.stopped("a").resolve();
    await settle();
    assert.deepEqual(it.log.slice(2), [["b", 0, 6]]);
    it.onTimeout();
    await over;
  });
});
