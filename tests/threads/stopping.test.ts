import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import type {
  CommandResult,
  ThreadedReactorOptions,
  WorkerExit,
} from "../../mod.ts";
import { END_MARGIN_MS, STOP_MARGIN_MS } from "../../src/tuning.ts";
import { eventually, sleep } from "../conformance/support.ts";
import {
  type AgentHandle,
  endSoon,
  moduleUrl,
  type Threads,
  withAgents,
} from "./agents.ts";
import { inTime } from "../support/in_time.ts";

const GRACE_MS = 200;

/** Generous, since the machine may be busy: the promised 2 s are tested with the margins. The bugs this looks for take 15 s and longer. */
const LIMIT_MS = GRACE_MS + 2000 + 4000;

/** Gives the other agent a name that decides how restarted workers start. */
const named = (name: string) => (threads: Threads, b: AgentHandle) =>
  threads.addName(name, b.uid);

const imported = (how: string) => () => {
  process.env.REACTIO_TEST_IMPORT = how;
};

/** What a worker may do when it is restarted, and how to make it do that. */
const states: Record<
  string,
  (threads: Threads, b: AgentHandle) => Promise<void> | void
> = {
  "hangs as it loads its module": imported("hangs"),
  "loops as it loads its module": imported("loops"),
  "hangs in onStart": named("onStart hangs"),
  "loops in onStart": named("onStart loops"),
};

/** Runs `body` with two agents, the first of which may be restarted. */
async function withRestarts(
  body: (
    exits: WorkerExit[],
    ...args: Parameters<Parameters<typeof withAgents>[1]>
  ) => Promise<void>,
): Promise<void> {
  const exits: WorkerExit[] = [];
  const options: Partial<ThreadedReactorOptions> = {
    module: moduleUrl("modules/imports"),
    restart: true,
    startTimeoutMs: 60_000,
    onWorkerExit: (exit) => void exits.push(exit),
  };
  try {
    await withAgents(2, (...args) => body(exits, ...args), options);
  } finally {
    delete process.env.REACTIO_TEST_IMPORT;
  }
}

/** Stops the threads; fails if that takes too long. */
async function stopInTime(threads: Threads): Promise<void> {
  await inTime(() => threads.stop({ graceMs: GRACE_MS }), LIMIT_MS);
}

describe("stop ends within 2 s of its grace", () => {
  for (const [what, bring] of Object.entries(states)) {
    it(`while a worker that is restarted ${what}`, () =>
      withRestarts(async (exits, [a, b], threads) => {
        await bring(threads, b);
        await endSoon(a);
        await eventually(() => exits.length === 1, "it has ended");
        await sleep(100);
        const results: CommandResult[] = [];
        threads.getCmdSender(0).sendUserCmd(a.uid.reactorId, { item: 1 }, {
          completion: (result) => void results.push(result),
        });
        await stopInTime(threads);
        assert.equal(results.length, 1, "what waits for it is completed");
        await threads.wait();
      }));
  }

  /** Makes an agent loop in a command; resolves when it has begun. */
  async function loop(agent: AgentHandle): Promise<void> {
    const begun = new Int32Array(new SharedArrayBuffer(4));
    void agent.ask({ item: begun });
    const stuck = agent.run((agent) => {
      Atomics.store(agent.items.pop() as Int32Array, 0, 1);
      // The loop ends, since not every runtime can terminate a looping thread.
      agent.block(15_000);
    });
    stuck.catch(() => {});
    await eventually(() => Atomics.load(begun, 0) === 1, "it has begun");
  }

  it("by what it waits for: for a graceful stop, and then for one by force", () => {
    assert.ok(STOP_MARGIN_MS + END_MARGIN_MS <= 1800, "and some is left");
  });

  it("while a worker loops in a command", () =>
    withRestarts(async (_exits, [a], threads) => {
      await loop(a);
      await stopInTime(threads);
    }));

  it("while a worker that loops in a command cannot be ended", () =>
    withRestarts(async (_exits, [a], threads) => {
      await loop(a);
      const naming = threads.addName("name", a.uid, {
        timeoutMs: 600_000,
      });
      naming.catch(() => {});
      const { terminate } = Worker.prototype;
      const kept: Worker[] = [];
      Worker.prototype.terminate = function () {
        kept.push(this);
        return new Promise<never>(() => {});
      };
      try {
        await stopInTime(threads);
        assert.equal(kept.length, 2);
        const later = await a.ask({ item: "later" });
        assert.ok(!later.ok);
        await assert.rejects(
          naming,
          /Cannot name reactor .* "name": the thread of runtime 0 did not end, and was given up/,
        );
      } finally {
        Worker.prototype.terminate = terminate;
        for (const worker of kept) await worker.terminate();
      }
    }));
});

describe("a start that fails", () => {
  it("ends at once although another worker still hangs", async () => {
    const start = () =>
      withAgents(2, () => Promise.resolve(), {
        module: moduleUrl("modules/never_ready"),
        startTimeoutMs: 100,
      });
    await inTime(
      () => assert.rejects(start, { name: "WorkerStartError" }),
      LIMIT_MS,
    );
  });
});
