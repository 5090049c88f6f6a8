import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandResult,
  LogLevel,
  type ReactorUID,
  setLogLevel,
  setLogSink,
  type ThreadedReactorOptions,
  type WorkerExit,
  WorkerExitedError,
} from "../../mod.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { type Agent, outcome } from "./agent_module.ts";
import {
  type AgentHandle,
  endSoon,
  type Threads,
  withAgents,
} from "./agents.ts";

/** The ways in which a worker ends on its own. */
const ends: Record<string, (agent: AgentHandle) => Promise<unknown>> = {
  "throws outside of a reactor": (agent) =>
    agent.run(() =>
      void setTimeout(() => {
        throw new RangeError("thrown");
      }, 10)
    ),
  "lets a promise reject": (agent) =>
    agent.run(() =>
      void setTimeout(() => Promise.reject(new RangeError("thrown")), 10)
    ),
  "exits": (agent) =>
    agent.run(() => {
      const { process } = globalThis as unknown as {
        process: { exit(code: number): void };
      };
      setTimeout(() => process.exit(7), 10);
    }),
};

describe("a worker that ends by itself", () => {
  for (const [what, end] of Object.entries(ends)) {
    it(`${what}: onWorkerExit is called with what it threw`, async () => {
      const exits: WorkerExit[] = [];
      await withAgents(2, async ([a]) => {
        await end(a);
        await eventually(() => exits.length === 1, "it is told");
        const [{ runtimeId, error, willRestart }] = exits;
        assert.equal(runtimeId, 0);
        assert.equal(willRestart, false);
        assert.ok(error instanceof WorkerExitedError);
        if (what === "exits") {
          assert.match(error.message, /runtime 0 ended with code 7/);
        } else {
          assert.ok(error.cause instanceof RangeError);
          assert.match(error.message, /runtime 0 ended by RangeError: thrown/);
          assert.match(error.cause.stack ?? "", /agent/);
        }
      }, { onWorkerExit: (exit) => void exits.push(exit) });
    });
  }

  it("throws and exits while it starts: it is gone, and is replaced", async () => {
    const exits: WorkerExit[] = [];
    const onWorkerExit = (exit: WorkerExit) => void exits.push(exit);
    await withAgents(1, async ([a], threads) => {
      await endSoon(a);
      await eventually(() => exits.length === 1, "it is restarted");
      await sleep(1);
      for (const service of ["crash", "end"] as const) {
        threads.tell(0, service);
      }
      await eventually(() => exits.length === 2, "that one has ended");
      assert.equal(await threads.ask(0, "double", 4), 8);
    }, { restart: true, startTimeoutMs: 60_000, onWorkerExit });
  });

  for (const what of ["a revoked proxy", "no text", "null", "a symbol"]) {
    it(`throws what cannot be read, ${what}: onWorkerExit gets an Error`, async () => {
      const exits: WorkerExit[] = [];
      await withAgents(1, async ([a]) => {
        await a.run((_agent, what) => {
          const { proxy, revoke } = Proxy.revocable({}, {});
          revoke();
          const thrown = {
            "a revoked proxy": proxy,
            "no text": Object.create(null),
            "null": null,
            "a symbol": Symbol("s"),
          }[what];
          setTimeout(() => {
            throw thrown;
          }, 1);
        }, what);
        await eventually(() => exits.length === 1, "it is told");
        assert.match(exits[0].error.message, /runtime 0 ended/);
      }, { onWorkerExit: (exit) => void exits.push(exit) });
    });
  }

  it("fails commands that wait for its answer, in the main thread and in others, and later ones", () =>
    withAgents(3, async ([a, b], threads) => {
      const stuck = () => {
        const { process } = globalThis as unknown as {
          process: { exit(code: number): void };
        };
        const end = performance.now() + 100;
        while (performance.now() < end);
        process.exit(1);
      };
      const fromWorker = b.run(async (agent, to) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        const waiting = [1, 2, 3].map((item) => agent.ask(to, { item }));
        const results = await Promise.all(waiting);
        return [...results, await agent.ask(to, { item: "later" })];
      }, a.uid);
      void a.ask({ run: stuck.toString(), id: 0, args: [] });
      await sleep(30);
      const fromMain = await a.ask({ item: "waiting" });
      for (const result of [fromMain, ...await fromWorker]) {
        assert.ok(!result.ok);
        assert.equal(result.error, "WorkerExitedError");
        assert.match(result.message, /Cannot give a command.*runtime 0/);
      }
      const later = await outcome((completion) =>
        threads.getCmdSender(0).sendListen("127.0.0.1:0", "echo", undefined, {
          completion,
        })
      );
      assert.ok(!later.ok);
      assert.equal(later.error, "WorkerExitedError");
    }));

  it("under load: every completion is called once, and the other threads go on", () =>
    withAgents(3, async ([a, b, c], threads) => {
      const counts = b.run(
        async (agent, to, other) => {
          const sender = agent.thread.getCmdSender(to.runtimeId);
          const counts = { sent: 0, ok: 0, failed: 0, calls: 0 };
          let isOver = false;
          let isKilled = false;
          while (!isOver) {
            for (let n = 0; n < 100; n++) {
              counts.sent++;
              sender.sendUserCmd(to.reactorId, { item: n }, {
                completion(result) {
                  counts.calls++;
                  if (result.ok) counts.ok++;
                  else {
                    counts.failed++;
                    isOver = true;
                  }
                },
              });
            }
            if (counts.ok > 1000 && !isKilled) {
              isKilled = true;
              const kill = () => {
                setTimeout(() => {
                  throw new Error("killed");
                }, 1);
              };
              void agent.ask(to, { run: kill.toString(), id: 0, args: [] });
            }
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          while (counts.calls < counts.sent) {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          // Everything still to be called has been called before another thread answers.
          await agent.ask(other, { item: "last" });
          return counts;
        },
        a.uid,
        c.uid,
      );
      const { sent, ok, failed, calls } = await counts;
      assert.ok(ok > 0 && failed > 0);
      assert.equal(ok + failed, calls);
      assert.equal(calls, sent, "every completion is called once");
      await b.run((agent, to) => agent.flood(to, 1000), c.uid);
      assert.equal(await c.counted.promise, 1000);
      assert.equal(threads.nameCount, 0);
    }));

  it("its names vanish in all threads", () =>
    withAgents(3, async ([a, b, c], threads) => {
      await threads.addName("gone", a.uid);
      await threads.addName("stays", b.uid);
      await ends["throws outside of a reactor"](a);
      await eventually(() => threads.nameCount === 1, "it is gone");
      for (const agent of [b, c]) {
        const names = await agent.run(async (agent) => {
          while (agent.thread.findByName("gone") !== undefined) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          return agent.thread.nameCount;
        });
        assert.equal(names, 1);
      }
    }));

  it("wait resolves when none is left", () =>
    withAgents(1, async ([a], threads) => {
      await ends["throws outside of a reactor"](a);
      await threads.wait();
    }));
});

/** Ends the agent's worker; resolves when the main thread knows. */
async function endAndHear(
  agent: AgentHandle,
  exits: WorkerExit[],
): Promise<WorkerExit> {
  const before = exits.length;
  await ends["throws outside of a reactor"](agent);
  await eventually(() => exits.length > before, "it is told");
  return exits[before];
}

describe("a worker that is restarted", () => {
  /** Like `withAgents` for two, with restarts. */
  const withRestarts = async (
    body: (
      exits: WorkerExit[],
      ...args: Parameters<Parameters<typeof withAgents>[1]>
    ) => Promise<void>,
    options: Partial<ThreadedReactorOptions> = {},
  ) => {
    const exits: WorkerExit[] = [];
    await withAgents(2, (...args) => body(exits, ...args), {
      restart: true,
      onWorkerExit: (exit) => void exits.push(exit),
      ...options,
    });
  };

  it("serves again, reached by the same senders, from the main thread and from others", () =>
    withRestarts(async (exits, [a, b], _threads, home) => {
      const { willRestart } = await endAndHear(a, exits);
      assert.equal(willRestart, true);
      const again = await home.add(0);
      const result = await b.run(
        (agent, to) => agent.ask(to, { item: "again" }),
        again.uid,
      );
      assert.ok(result.ok);
      assert.deepEqual(await again.run((agent) => agent.items), ["again"]);
      await again.run((agent, to) => agent.flood(to, 100), b.uid);
      assert.equal(await b.counted.promise, 100);
    }));

  it("never reuses the id of an earlier reactor", () =>
    withRestarts(async (exits, [a, b], threads, home) => {
      await endAndHear(a, exits);
      const again = await home.add(0);
      assert.notEqual(again.uid.reactorId, a.uid.reactorId);
      const stale = await b.run(
        (agent, to) => agent.ask(to, { item: "stale" }),
        a.uid,
      );
      assert.ok(!stale.ok);
      assert.equal(stale.error, "ReactorNotFoundError");
      await assert.rejects(threads.addName("stale", a.uid));
      assert.deepEqual(await again.run((agent) => agent.items), []);
    }));

  it("knows the names there are", () =>
    withRestarts(async (exits, [a, b], threads, home) => {
      await threads.addName("name", b.uid);
      await endAndHear(a, exits);
      const again = await home.add(0);
      const found = await again.run((agent) => agent.thread.findByName("name"));
      assert.deepEqual(found, b.uid);
    }));

  it("listens again where all threads listen", () =>
    withRestarts(async (exits, [a], threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      await endAndHear(a, exits);
      const before = listener.spread[0];
      await eventually(() => {
        threads.getCmdSender(1).sendConnect(listener.address, "sink");
        return listener.spread[0] > before;
      }, "the restarted thread has a connection");
    }));

  it("that fails to start is reported and retried until it is given up; from then on everything sent to it is completed, in every thread", () =>
    withRestarts(async (exits, [a, b], threads, home) => {
      await threads.addName("onStart fails", b.uid);
      await ends["throws outside of a reactor"](a);
      await eventually(() => exits.length === 3, "it is given up");
      assert.deepEqual(
        exits.map(({ runtimeId, willRestart }) => [runtimeId, willRestart]),
        [[0, true], [0, true], [0, false]],
      );
      const send = async (agent: Agent, to: ReactorUID) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const results: string[] = [];
        const completion = (result: CommandResult) =>
          void results.push(result.ok ? "ok" : result.error.name);
        sender.sendUserCmd(to.reactorId, { item: 1 }, { completion });
        sender.sendUserCmd(to.reactorId, { item: 2 });
        sender.sendUserCmd(to.reactorId, { item: 3 }, {
          deferred: { kind: "after", ms: 5 },
          completion,
        });
        sender.sendUserCmd(to.reactorId, { item: 4 }, {
          deferred: { kind: "after", ms: 5 },
        });
        sender.sendClose(to.reactorId, { completion });
        sender.sendClose(to.reactorId);
        sender.sendListen("127.0.0.1:0", "echo", undefined, { completion });
        const id = sender.sendConnect("127.0.0.1:1", "sink", undefined, {
          completion,
        });
        const wasCancelled = sender.cancel(id);
        while (results.length < 5) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return { results, wasCancelled };
      };
      const expected = {
        results: Array(5).fill("WorkerExitedError"),
        wasCancelled: false,
      };
      assert.deepEqual(await b.run(send, a.uid), expected);
      const main = { thread: threads } as unknown as Agent;
      assert.deepEqual(await send(main, a.uid), expected);
      // A worker started now has never known it.
      await ends["throws outside of a reactor"](b);
      await eventually(() => exits.length === 4, "the other one has ended");
      const again = await home.add(1);
      assert.deepEqual(await again.run(send, a.uid), expected);
      const lost = await again.run(
        (agent, to) => agent.ask(to, { item: 1 }),
        a.uid,
      );
      assert.ok(!lost.ok);
      assert.match(lost.message, /the thread of runtime 0 ended/);
      const named = await again.run(
        (agent, uid) =>
          agent.thread.addName("name", uid).catch((error: Error) => error.name),
        a.uid,
      );
      assert.equal(named, "WorkerExitedError");
    }, { maxRestarts: 2 }));

  it("while another is being restarted: both reach each other once they are ready", () =>
    withRestarts(async (exits, [a, b], _threads, home) => {
      await Promise.all([a, b].map(ends["throws outside of a reactor"]));
      await eventually(() => exits.length === 2, "both have ended");
      const [c, d] = [await home.add(0), await home.add(1)];
      for (const [from, to] of [[c, d], [d, c]]) {
        const result = await from.run(
          (agent, to) => agent.ask(to, { item: 1 }),
          to.uid,
        );
        assert.ok(result.ok, JSON.stringify(result));
      }
    }));

  it("is not restarted if onWorkerExit stops everything", () => {
    let threads: Threads | undefined;
    let stopped: Promise<void> | undefined;
    return withRestarts(async (_exits, [a], mgr) => {
      threads = mgr;
      await ends["throws outside of a reactor"](a);
      await mgr.wait();
      await stopped;
      const later = await a.ask({ item: "later" });
      assert.ok(!later.ok);
      assert.equal(later.error, "RuntimeStoppedError");
    }, { onWorkerExit: () => void (stopped = threads!.stop({ graceMs: 0 })) });
  });

  for (
    const [what, onWorkerExit] of Object.entries({
      throws: () => {
        throw new Error("alerting is down");
      },
      "throws what has no text": () => {
        throw Object.create(null);
      },
      rejects: () => Promise.reject(new Error("alerting is down")),
    })
  ) {
    it(`an onWorkerExit that ${what} is logged in one line, and everything goes on`, () => {
      const lines: unknown[][] = [];
      const before = setLogSink(({ parts }) => void lines.push([...parts]));
      return withRestarts(async (_exits, [a, b], _threads, home) => {
        setLogLevel(LogLevel.Error);
        await ends["throws outside of a reactor"](a);
        const told = () =>
          lines.filter((parts) => /onWorkerExit threw/.test(String(parts)));
        await eventually(() => told().length === 1, "it is logged");
        assert.equal(told()[0].length, 1);
        assert.doesNotMatch(String(told()[0]), /\n/);
        const again = await home.add(0);
        assert.ok(
          (await b.run(
            (agent, to) => agent.ask(to, { item: 1 }),
            again.uid,
          )).ok,
        );
      }, { onWorkerExit }).finally(() => setLogSink(before));
    });
  }

  it("is given up when it ends too often, and the log says why", () => {
    const lines: string[] = [];
    const before = setLogSink(({ parts }) => void lines.push(parts.join(" ")));
    return withRestarts(async (exits, [a], _threads, home) => {
      setLogLevel(LogLevel.Error);
      await endAndHear(a, exits);
      await endAndHear(await home.add(0), exits);
      await endAndHear(await home.add(0), exits);
      assert.deepEqual(
        exits.map(({ willRestart }) => willRestart),
        [true, true, false],
      );
      assert.deepEqual(
        lines.map((line) => line.replace(/^.*, and /, "")),
        [
          "is restarted",
          "is restarted",
          "is not restarted: maxRestarts (2 within 60000 ms) is reached",
        ],
      );
    }, { maxRestarts: 2 }).finally(() => setLogSink(before));
  });
});
