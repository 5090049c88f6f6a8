import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AnswerNotCloneableError,
  type AskOptions,
  AskOutcomeUnknownError,
  AskTimeoutError,
  InvalidModuleError,
  InvalidOptionError,
  NotCloneableError,
  RuntimeStoppedError,
  ThreadedReactorMgr,
  type ThreadId,
  TooManyQuestionsError,
  UnknownRuntimeError,
  UnknownServiceError,
  WorkerExitedError,
} from "../../mod.ts";
import { MAX_QUESTIONS } from "../../src/tuning.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { block } from "../support/block.ts";
import {
  becomesTrue,
  moduleUrl,
  openPeers,
  sharedThreads,
  withAgents,
} from "./agents.ts";
import type asksAtStart from "./modules/asks_at_start.ts";
import { services } from "./services.ts";

/** What an error says about itself and its cause. */
const described = (error: Error) => [
  error.constructor.name,
  error.message,
  (error.cause as Error | undefined)?.message,
];

describe("a question to a service", () => {
  const inThreads = sharedThreads(2, { services });

  it("is answered by the thread that it asks, each of which has its own service", () =>
    inThreads(async (_agents, threads) => {
      const counts = [];
      for (const thread of [0, 1, 0, "main"] as ThreadId[]) {
        counts.push(await threads.ask(thread, "counter.add", 5));
      }
      assert.deepEqual(counts, [
        { count: 5, from: "main" },
        { count: 5, from: "main" },
        { count: 10, from: "main" },
        { count: 5, from: "main" },
      ]);
    }));

  it("can be asked by a worker's reactors of another worker, of the main thread and of its own thread", () =>
    inThreads(async ([a]) => {
      const answers = await a.run(async (agent) => {
        const { thread } = agent;
        const answers: unknown[] = [];
        for (const place of [1, "main", 0] as const) {
          answers.push(await thread.ask(place, "echo", { n: [place] }));
        }
        return answers;
      });
      assert.deepEqual(
        answers,
        [1, "main", 0].map((place) => ({ param: { n: [place] }, from: 0 })),
      );
    }));

  it("is answered with what the service's promise resolves to", () =>
    inThreads(async (_agents, threads) => {
      const answers: number[] = await Promise.all([
        threads.ask(0, "double", 1),
        threads.ask(0, "double", 2),
      ]);
      assert.deepEqual(answers, [2, 4]);
    }));

  it("and its answer are copied, wherever the service is; so both may be changed at once", () =>
    inThreads(async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const map = new Map([["bytes", new Uint8Array(100).subarray(10, 12)]]);
        const params: unknown[] = [{ list: [1] }, map, "x".repeat(5000)];
        const asked = params.map((param) => threads.ask(thread, "echo", param));
        (params[0] as { list: number[] }).list[0] = 2;
        map.clear();
        const [list, copy, text] = (await Promise.all(asked)).map((it) =>
          it.param
        );
        assert.deepEqual(list, { list: [1] });
        assert.equal(text, params[2]);
        const bytes = (copy as typeof map).get("bytes")!;
        assert.deepEqual([...bytes], [0, 0]);
        assert.equal(bytes.buffer.byteLength, 2, "and none of its neighbours");
      }
    }));

  it("may hold shared memory, which stays shared", () =>
    inThreads(async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const { param } = await threads.ask(thread, "echo", shared);
        shared[0] = 7;
        assert.equal((param as typeof shared)[0], 7);
      }
    }));

  it("keeps its place among commands", () =>
    withAgents(2, async ([a, b]) => {
      const seen = await a.run(async (agent, to) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const answers: Promise<unknown>[] = [];
        for (let i = 0; i < 1000; i++) {
          sender.sendUserCmd(to.reactorId, { item: i });
          answers.push(agent.thread.ask(to.runtimeId, "noted", undefined));
        }
        return await Promise.all(answers);
      }, b.uid);
      assert.deepEqual(seen, Array.from({ length: 1000 }, (_, i) => i + 1));
    }));

  it("may be asked in a circle, and of the asking thread itself", () =>
    inThreads(async (_agents, threads) => {
      const path: ThreadId[] = [1, "main", 1, 1, 0, 0, "main", "main", 1];
      assert.equal(await threads.ask(0, "chain", path), path.length);
    }));

  it("10,000 at once are answered, each once", () =>
    inThreads(async ([a], threads) => {
      const asked = Array.from(
        { length: 10_000 },
        (_, i) => threads.ask(0, "double", i),
      );
      const answers = await Promise.all(asked);
      assert.deepEqual(answers, answers.map((_, i) => 2 * i));
      const sum = await a.run(async (agent) => {
        const asked = Array.from(
          { length: 10_000 },
          (_, i) => agent.thread.ask<number>(1, "double", i),
        );
        return (await Promise.all(asked)).reduce((a, b) => a + b);
      });
      assert.equal(sum, 9999 * 10_000);
    }));

  it("may be asked of the main thread before a thread is ready", async () => {
    const threads = await ThreadedReactorMgr.start<typeof asksAtStart>({
      threads: 2,
      module: moduleUrl("modules/asks_at_start"),
      services: { setting: () => (thread: number) => `setting ${thread}` },
    });
    try {
      assert.equal(await threads.ask(0, "told"), "setting 0");
      assert.equal(await threads.ask(1, "told"), "setting 1");
    } finally {
      await threads.stop({ graceMs: 0 });
    }
  });

  it("waits as commands do in a runtime that is polled, whoever asks", () =>
    withAgents(1, async ([a], threads) => {
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const own = a.run(async ({ thread }, flags) => {
        await thread.runtime.processEvents();
        let isAnswered = false;
        const asked = thread.ask<number>(0, "double", 4);
        void asked.then(() => isAnswered = true);
        Atomics.store(flags, 0, 1);
        while (Atomics.load(flags, 1) === 0) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const early = isAnswered;
        while (Atomics.load(flags, 1) < 2) {
          await thread.runtime.processEvents();
        }
        return [early, await asked];
      }, flags);
      await eventually(() => Atomics.load(flags, 0) === 1, "it is polled");
      let isAnswered = false;
      const asked = threads.ask(0, "double", 5);
      void asked.then(() => isAnswered = true);
      await sleep(30);
      assert.equal(isAnswered, false);
      Atomics.store(flags, 1, 1);
      assert.equal(await asked, 10);
      Atomics.store(flags, 1, 2);
      assert.deepEqual(await own, [false, 8]);
    }));
});

describe("a question that fails for certain", () => {
  const inThread = sharedThreads(1);
  const withServices = sharedThreads(1, { services });

  it("because the service throws or rejects fails with that class, message and cause", () =>
    withServices(async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const fails = (name: "throws" | "rejects" | "throwsText") =>
          threads.ask(thread, `fails.${name}`).then(
            () => [],
            (error) => described(error),
          );
        assert.deepEqual(await fails("throws"), [
          "RangeError",
          "thrown",
          "the cause",
        ]);
        assert.deepEqual(await fails("rejects"), [
          "SyntaxError",
          "rejected",
          undefined,
        ]);
        const [name, message] = await fails("throwsText");
        assert.equal(name, "HandlerError");
        assert.match(
          String(message),
          /the service "fails.throwsText" threw "text"/,
        );
        await assert.rejects(threads.ask(thread, "fails.throwsNothing"));
      }
    }));

  it("because its parameter or answer cannot be copied fails alone, with a class that says which", () =>
    withServices(async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const hostile = {
          get bad() {
            throw new Error("a getter");
          },
        };
        const before = threads.ask(thread, "double", 1);
        for (const param of [() => {}, hostile, new Map([[1, () => {}]])]) {
          await assert.rejects(
            threads.ask(thread, "echo", param),
            (error: Error) =>
              error instanceof NotCloneableError &&
              !(error instanceof AnswerNotCloneableError) &&
              /^Cannot ask "echo" of .*: what it carries cannot be copied/.test(
                error.message,
              ),
          );
        }
        for (
          const name of [
            "returnsFunction",
            "returnsGetter",
            "returnsMapOfFunctions",
          ] as const
        ) {
          await assert.rejects(
            threads.ask(thread, `fails.${name}`),
            AnswerNotCloneableError,
          );
        }
        assert.equal(await before, 2);
        assert.equal(await threads.ask(thread, "double", 2), 4);
      }
    }));

  it("because there is no such service fails with UnknownServiceError, which lists the services", () =>
    inThread(async (_agents, threads) => {
      const ask = (name: string) => threads.ask(0, name as "double", 1);
      const hasOf = (name: string) => {
        if (name.startsWith("counter")) return /it has "counter\.\w+", "/;
        if (name.startsWith("double")) return /it has "double"$/;
        return /the thread has "counter", "waiting"/;
      };
      for (
        const name of [
          "nothing",
          "counter",
          "counter.sub",
          "counter.notAFunction",
          "counter.constructor",
          "counter.toString",
          "counter.__proto__",
          "double.call",
          "toString",
          "__proto__",
          "constructor.name",
          "",
          ".",
        ]
      ) {
        await assert.rejects(
          ask(name),
          (error: Error) =>
            error instanceof UnknownServiceError &&
            error.message.includes(`"${name}"`) &&
            hasOf(name).test(error.message),
          name,
        );
      }
      await assert.rejects(ask(5 as never), UnknownServiceError);
      await assert.rejects(
        threads.ask("main", "double", 1),
        /there is no such service, the thread has none/,
      );
    }));

  it("because there is no such thread fails with UnknownRuntimeError", () =>
    inThread(async (_agents, threads) => {
      for (const thread of [1, -1, 0.5, NaN, "0", null, "length", {}]) {
        await assert.rejects(
          threads.ask(thread as ThreadId, "double", 1),
          (error: Error) =>
            error instanceof UnknownRuntimeError &&
            /there are "main" and 0 to 0/.test(error.message),
        );
      }
    }));

  it("because of its options fails at once", () =>
    inThread(async (_agents, threads) => {
      const ask = (options: AskOptions) => threads.ask(0, "double", 1, options);
      for (const timeoutMs of [-1, 1.5, 2 ** 31, Infinity, NaN, "1"]) {
        await assert.rejects(
          ask({ timeoutMs: timeoutMs as number }),
          InvalidOptionError,
        );
      }
      await assert.rejects(ask({ signal: {} as never }), InvalidOptionError);
      const reason = new Error("before");
      await assert.rejects(
        ask({ signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
    }));

  it("because the factory of the service throws fails with that error, and the next question calls the factory again", () =>
    inThread(async (_agents, threads) => {
      await assert.rejects(threads.ask(0, "broken"), RangeError);
      assert.equal(await threads.ask(0, "broken"), 2);
      assert.equal(await threads.ask(0, "broken"), 2);
      const ask = (name: string) => threads.ask(0, name as "double", 1);
      await assert.rejects(ask("notAService"), InvalidModuleError);
      await assert.rejects(ask("promised"), InvalidModuleError);
    }));

  it("because too many are unanswered fails with TooManyQuestionsError; cancelled ones count, too", () =>
    withAgents(2, async ([_a, b], threads) => {
      const results: string[] = [];
      const ask = () =>
        threads.ask(0, "waiting.start", undefined, { timeoutMs: 60_000 }).then(
          (answer) => results.push(answer),
          (error) => results.push(error.constructor.name),
        );
      const { signal, abort } = abortable();
      const given = threads.ask(0, "waiting.start", undefined, { signal });
      given.catch(() => {});
      const asked = Array.from({ length: MAX_QUESTIONS + 9 }, ask);
      await sleep(10);
      assert.deepEqual(results, Array(10).fill(TooManyQuestionsError.name));
      abort();
      await assert.rejects(given);
      await ask();
      assert.equal(results.length, 11);
      // The thread's own questions, and those of other threads, still have room.
      assert.equal(await threads.ask("main", "double", 1), 2);
      results.length = 0;
      const { count } = await b.run(async ({ thread }) => {
        // The withdrawal arrives there after all questions.
        while (await thread.ask<number>(0, "waiting.abortedCount") === 0);
        return await thread.ask<{ count: number }>(0, "waiting.answerAll");
      });
      assert.equal(count, MAX_QUESTIONS);
      await Promise.all(asked);
      assert.deepEqual(results, Array(MAX_QUESTIONS - 1).fill("answered"));
      assert.equal(await threads.ask(0, "double", 3), 6);
      assert.equal(threads.lateAnswerCount, 1);
    }, { services }));
});

/** The parts of an `AbortController`. */
function abortable(): { signal: AbortSignal; abort(reason?: unknown): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
  };
}

describe("a question whose outcome nobody knows", () => {
  it("fails with AskTimeoutError when its time is over; a late answer is dropped and counted", () =>
    withAgents(2, async ([a], threads) => {
      const begin = performance.now();
      await assert.rejects(
        threads.ask(0, "waiting.start", undefined, { timeoutMs: 30 }),
        (error: Error) =>
          error instanceof AskTimeoutError &&
          error instanceof AskOutcomeUnknownError &&
          /Cannot ask "waiting.start" of runtime 0: no answer within 30 ms/
            .test(error.message),
      );
      assert.ok(performance.now() - begin >= 29);
      assert.equal(threads.lateAnswerCount, 0);
      const { count, aborted } = await threads.ask(0, "waiting.answerAll");
      assert.deepEqual({ count, aborted }, { count: 1, aborted: 1 });
      await eventually(() => threads.lateAnswerCount === 1, "it is counted");
      const late = await a.run(async (agent) => {
        const { thread } = agent;
        const options = { timeoutMs: 20 };
        const error = await thread.ask(1, "waiting.start", undefined, options)
          .catch((error) => error.constructor.name);
        await thread.ask(1, "waiting.answerAll");
        while (thread.lateAnswerCount === 0) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return [error, thread.lateAnswerCount];
      });
      assert.deepEqual(late, ["AskTimeoutError", 1]);
    }));

  it("has no time limit if that is 0", () =>
    withAgents(1, async (_agents, threads) => {
      const outcome = threads.ask(0, "waiting.start", undefined, {
        timeoutMs: 0,
      }).catch((error: Error) => error);
      await assert.rejects(
        threads.ask(0, "waiting.start", undefined, { timeoutMs: 30 }),
        AskTimeoutError,
      );
      await threads.ask(0, "waiting.answerAll");
      assert.equal(await outcome, "answered");
    }));

  it("does not time out if the answer is there, but the asking thread was blocked", () =>
    withAgents(1, async (_agents, threads) => {
      const asked = threads.ask(0, "double", 2, { timeoutMs: 100 });
      const handled = new Int32Array(new SharedArrayBuffer(4));
      threads.tell(0, "marks", handled);
      block(300);
      while (Atomics.load(handled, 0) === 0) block(10);
      block(100); // the answer to what came before is out, too
      assert.equal(await asked, 4);
    }));

  it("fails with the signal's reason when that is aborted, which aborts the service's signal", () =>
    withAgents(1, async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const { signal, abort } = abortable();
        const asked = threads.ask(thread, "waiting.start", undefined, {
          signal,
        });
        await sleep(10);
        const reason = new Error("given up");
        abort(reason);
        await assert.rejects(asked, (error) => error === reason);
        await becomesTrue(async () => {
          return await threads.ask(thread, "waiting.abortedCount") === 1;
        });
        await threads.ask(thread, "waiting.answerAll");
      }
      assert.equal(threads.lateAnswerCount, 2);
    }, { services }));

  it("fails with the signal's reason, too, if that is aborted while the question is copied", () =>
    withAgents(1, async (_agents, threads) => {
      for (const thread of [0, "main"] as ThreadId[]) {
        const { signal, abort } = abortable();
        const reason = new Error("given up in the midst");
        const param = {
          get value() {
            abort(reason);
            return 1;
          },
        };
        const ask = (service: string) =>
          threads.ask(thread, service as "waiting.start", param as never, {
            signal,
          });
        await assert.rejects(
          ask("waiting.start"),
          (error) => error === reason,
        );
        await threads.ask(thread, "waiting.answerAll");
      }
    }, { services }));

  it("fails with AskOutcomeUnknownError when the asked thread ends; later questions, which never get there, fail with WorkerExitedError", () =>
    withAgents(2, async ([_a, b], threads) => {
      const waiting = [
        threads.ask(0, "waiting.start"),
        threads.ask(0, "end"),
        threads.ask(0, "double", 1),
      ];
      const fromB = b.run(async (agent) => {
        const asked = agent.thread.ask(0, "waiting.start");
        return await asked.then(
          () => "",
          (error) => String(error.constructor.name),
        );
      });
      for (const asked of waiting) {
        await assert.rejects(asked, (error: Error) => {
          assert.ok(error instanceof AskOutcomeUnknownError);
          assert.ok(!(error instanceof AskTimeoutError));
          assert.ok(error.cause instanceof WorkerExitedError);
          assert.match(error.message, /runtime 0 ended with code 3/);
          return true;
        });
      }
      const name = await fromB;
      assert.ok(["AskOutcomeUnknownError", "WorkerExitedError"].includes(name));
      for (
        const asked of [threads.ask(0, "double", 1), threads.ask(0, "end")]
      ) {
        await assert.rejects(asked, (error: Error) => {
          assert.ok(error instanceof WorkerExitedError);
          assert.match(error.message, /^Cannot ask "\w+" of runtime 0/);
          return true;
        });
      }
      const later = await b.run((agent) =>
        agent.thread.ask(0, "double", 1).catch((error) =>
          error.constructor.name
        )
      );
      assert.equal(later, "WorkerExitedError");
    }));

  it("is answered again once the thread is restarted, whose services are new", () =>
    withAgents(1, async (_agents, threads) => {
      await threads.ask(0, "counter.add", 5);
      await assert.rejects(threads.ask(0, "end"), AskOutcomeUnknownError);
      await becomesTrue(async () => {
        const answer = await threads.ask(0, "counter.add", 1).catch(() => null);
        return answer?.count === 1;
      });
    }, { restart: true }));

  it("is cancelled when the asking thread ends: the service's signal is aborted", () =>
    withAgents(2, async ([a], threads) => {
      await a.run((agent) => {
        agent.thread.ask(1, "waiting.start").catch(() => {});
        setTimeout(() => {
          throw new Error("ended");
        }, 5);
      });
      await becomesTrue(async () => {
        return await threads.ask(1, "waiting.abortedCount") === 1;
      });
    }));
});

describe("while the threads stop", () => {
  it("questions are answered as long as a connection of any thread is served", () =>
    withAgents(2, async ([a], threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      const peers = await openPeers(listener, 8);
      for (const peer of peers) peer.pause(); // so that they do not see the FIN
      const talking = setInterval(() => {
        for (const peer of peers) peer.write(1); // so that they are waited for
      }, 20);
      const counts = new Int32Array(new SharedArrayBuffer(8));
      await a.run(({ thread }, counts) => {
        const ask = async () => {
          for (const place of [0, 1, "main"] as const) {
            try {
              await thread.ask(place, "double", 1);
              Atomics.add(counts, 0, 1);
            } catch {
              Atomics.add(counts, 1, 1);
            }
          }
          setTimeout(ask, 1);
        };
        void ask();
      }, counts);
      await eventually(() => counts[0] > 2, "it asks");
      let hasStopped = false;
      const stopped = threads.stop({ graceMs: 60_000 })
        .then(() => hasStopped = true);
      await sleep(100);
      const before = counts[0];
      await eventually(() => counts[0] > before + 2, "it is answered");
      assert.equal(counts[1], 0);
      assert.equal(hasStopped, false);
      clearInterval(talking);
      for (const peer of peers) peer.destroy();
      await stopped;
      await assert.rejects(
        threads.ask(0, "double", 1),
        (error) =>
          error instanceof WorkerExitedError &&
          /the thread of runtime 0 was stopped/.test(error.message),
      );
    }, { services }));

  it("unanswered questions fail with AskOutcomeUnknownError before stop resolves, and later ones with WorkerExitedError", () =>
    withAgents(1, async (_agents, threads) => {
      const results: string[] = [];
      for (const thread of [0, "main"] as const) {
        threads.ask(thread, "waiting.start").catch((error) =>
          results.push(error.constructor.name)
        );
      }
      await threads.ask(0, "double", 1);
      await threads.stop({ graceMs: 0 });
      await Promise.resolve();
      assert.deepEqual(results, Array(2).fill("AskOutcomeUnknownError"));
      await assert.rejects(threads.ask(0, "double", 1), WorkerExitedError);
      await assert.rejects(
        threads.ask("main", "double", 1),
        RuntimeStoppedError,
      );
    }, { services }));
});
