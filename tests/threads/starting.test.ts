import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import {
  DefaultTcpListenerHandler,
  defineReactors,
  hostAdapter,
  InvalidModuleError,
  InvalidOptionError,
  type Reactor,
  runReactors,
  ThreadedReactorMgr,
  type ThreadedReactorOptions,
  UnknownRuntimeError,
  WorkerStartError,
} from "../../mod.ts";
import { echo, quietly, sleep } from "../conformance/support.ts";
import { inheritedFlags } from "../../src/threads/worker_threads.ts";
import { built } from "../support/built.ts";
import { heldOf } from "../support/garbage.ts";
import { inTime } from "../support/in_time.ts";
import { moduleUrl, type Threads, withAgents } from "./agents.ts";

/** Starts threads that fail to start; resolves to the reason. */
async function startError(
  module: string,
  options: Partial<ThreadedReactorOptions> = {},
): Promise<WorkerStartError> {
  let error: unknown;
  await quietly(() =>
    ThreadedReactorMgr.start({
      threads: 2,
      module: moduleUrl(module),
      ...options,
    }).then(
      (threads) => threads.stop(),
      (thrown) => void (error = thrown),
    )
  );
  assert.ok(error instanceof WorkerStartError, String(error));
  return error;
}

describe("the start of threads", () => {
  it("all are ready, and have done what the module does at the start", async () => {
    const threads = await ThreadedReactorMgr.start({
      threads: 3,
      module: moduleUrl("modules/starts"),
    });
    try {
      assert.equal(threads.threadCount, 3);
      assert.equal(threads.nameCount, 3);
      for (const runtimeId of [0, 1, 2]) {
        const uid = threads.findByName(`listener ${runtimeId}`);
        assert.equal(uid?.runtimeId, runtimeId);
      }
    } finally {
      await threads[Symbol.asyncDispose]();
    }
  });

  it("the module may be given as a string", async () => {
    const threads = await ThreadedReactorMgr.start({
      threads: 1,
      module: moduleUrl("modules/starts").href,
    });
    await threads.stop();
  });

  it("they may run a program of the user's own, which calls runReactors", async () => {
    const threads = await ThreadedReactorMgr.start({
      threads: 2,
      worker: moduleUrl("modules/program"),
    });
    try {
      for (const runtimeId of [0, 1]) {
        const uid = threads.findByName(`listener ${runtimeId}`);
        assert.equal(uid?.runtimeId, runtimeId);
      }
    } finally {
      await threads[Symbol.asyncDispose]();
    }
  });

  it("it fails if the user's own program does not pass a module of reactors", async () => {
    const { cause } = await startError("modules/starts", {
      module: undefined,
      worker: moduleUrl("modules/wrong_program"),
    });
    assert.ok(cause instanceof InvalidModuleError);
    assert.match(cause.message, /"wrong" as 1/);
  });

  it("it fails if there is no such program", async () => {
    const { message } = await startError("modules/starts", {
      module: undefined,
      worker: moduleUrl("modules/nowhere"),
    });
    assert.match(message, /nowhere/);
  });

  it("it fails if the module starts threads as it loads, since these would load it again", async () => {
    const { message, cause } = await startError("modules/starts_threads");
    assert.match(
      message,
      /runtime \d: Cannot start threads while .*isMainThread/,
    );
    assert.ok(cause instanceof WorkerStartError);
  });

  it("runReactors is refused in the main thread", () => {
    assert.throws(() => runReactors(defineReactors({})), WorkerStartError);
  });

  it("it fails with the worker's own error and stack if the module throws", async () => {
    const { message, cause } = await startError("modules/throws");
    assert.match(message, /runtime \d.*the module does not load/);
    assert.ok(cause instanceof TypeError);
    assert.equal(cause.message, "the module does not load");
    assert.match(cause.stack ?? "", /modules[\\/]throws/);
  });

  it("it fails if there is no such module", async () => {
    const { cause } = await startError("modules/nowhere");
    assert.match((cause as Error).message, /nowhere/);
  });

  it("a long reason is reported whole: of a module, and of a program", async () => {
    const nowhere = `modules/nowhere_${"long".repeat(60)}_end`;
    for (
      const options of [{}, { module: undefined, worker: moduleUrl(nowhere) }]
    ) {
      const { message } = await startError(nowhere, options);
      const reason = message.slice(message.lastIndexOf(": "));
      assert.ok(message.includes("_end"), message);
      assert.ok(!/… \(\d+ characters\)/.test(reason), message);
    }
  });

  it("it fails if the module's default export is not made by defineReactors", async () => {
    const { cause } = await startError("modules/no_factories");
    assert.ok(cause instanceof InvalidModuleError);
    assert.match(cause.message, /no_factories.*defineReactors/);
  });

  it("it fails with what onStart fails with", async () => {
    const { cause } = await startError("modules/start_fails");
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.message, "it does not start");
  });

  it("it fails if a worker is not ready in time", async () => {
    const { message } = await startError("modules/never_ready", {
      startTimeoutMs: 300,
    });
    assert.match(message, /not within 300 ms/);
  });

  for (
    const [options, name] of [
      [{ threads: 0 }, "threads"],
      [{ threads: 257 }, "threads"],
      [{ threads: undefined }, "threads"],
      [{ module: "./relative.ts" }, "module"],
      [{ module: undefined }, "module"],
      [{ worker: "file:///worker.ts" }, "both"],
      [{ module: undefined, worker: "./relative.ts" }, "relative"],
      [{ startTimeoutMs: 0 }, "startTimeoutMs"],
      [{ maxRestarts: -1 }, "maxRestarts"],
      [{ restartWindowMs: 0.5 }, "restartWindowMs"],
      [{ restart: "yes" }, "restart"],
      [{ runtime: { maxMessageSize: 0 } }, "maxMessageSize"],
      [{ runtime: null }, "runtime"],
      [{ onWorkerExit: "call" }, 'onWorkerExit "call"'],
      [{ onWorkerExit: null }, "onWorkerExit null"],
    ] as [object, string][]
  ) {
    it(`${JSON.stringify(options)} is refused before a thread starts`, async () => {
      await assert.rejects(
        ThreadedReactorMgr.start({
          threads: 1,
          module: moduleUrl("modules/starts"),
          ...options,
        }),
        (error: unknown) => {
          assert.ok(error instanceof InvalidOptionError, String(error));
          assert.match(error.message, new RegExp(name));
          return true;
        },
      );
    });
  }

  for (
    const option of [
      "threads",
      "module",
      "worker",
      "runtime",
      "startTimeoutMs",
      "restart",
      "maxRestarts",
      "restartWindowMs",
      "onWorkerExit",
    ]
  ) {
    it(`the option ${option} that throws when it is read is refused, and the error says which and why`, async () => {
      const thrown = new RangeError("thrown by a trap");
      const options = new Proxy({
        threads: 1,
        module: moduleUrl("modules/starts"),
      }, {
        get(target, key) {
          if (key === option) throw thrown;
          return Reflect.get(target, key);
        },
      });
      await assert.rejects(
        ThreadedReactorMgr.start(options),
        (error: unknown) => {
          assert.ok(error instanceof InvalidOptionError, String(error));
          assert.match(error.message, new RegExp(`${option}:.*by a trap`));
          assert.equal(error.cause, thrown);
          return true;
        },
      );
    });
  }

  for (
    const path of [
      "C:\\app\\reactors.ts",
      "c:/app/reactors.ts",
      "C:reactors.ts",
      "\\\\server\\share\\reactors.ts",
      "/app/reactors.ts",
      "./reactors.ts",
    ]
  ) {
    it(`${path} is a path and no URL: it is refused, and the error says how to make one`, async () => {
      await assert.rejects(
        ThreadedReactorMgr.start({ threads: 1, module: path }),
        (error: unknown) => {
          assert.ok(error instanceof InvalidOptionError, String(error));
          assert.ok(error.message.includes(path), error.message);
          assert.match(error.message, /pathToFileURL/);
          assert.match(error.message, /import\.meta\.url/);
          return true;
        },
      );
    });
  }

  it("only functions are factories", () => {
    assert.throws(
      () => defineReactors({ reactors: { wrong: 1 as never } }),
      InvalidModuleError,
    );
  });

  it("a module may be frozen, and one that another copy of the package made is known", () => {
    const frozen = Object.freeze({ reactors: {} });
    const mark = (module: object) =>
      Object.getOwnPropertySymbols(module).map((symbol) => [
        Symbol.keyFor(symbol),
        Object.getOwnPropertyDescriptor(module, symbol)?.enumerable,
      ]);
    for (const module of [frozen, { reactors: {} }]) {
      const made = defineReactors(module);
      assert.deepEqual(made, module);
      assert.deepEqual(mark(made), [
        ["@reactio/reactio: defineReactors", false],
      ]);
    }
    const module = { reactors: {} };
    assert.equal(defineReactors(module), module);
  });

  it("what onStart returns may be what cannot be cloned", async () => {
    const threads = await ThreadedReactorMgr.start({
      threads: 1,
      module: moduleUrl("modules/returns"),
    });
    await threads.stop({ graceMs: 0 });
  });

  it("a module that was made by another copy of the package starts", async () => {
    const threads = await ThreadedReactorMgr.start({
      threads: 1,
      module: moduleUrl("modules/other_copy"),
    });
    await threads.stop({ graceMs: 0 });
  });

  it("options are read once, and those of connections need not be cloneable", async () => {
    let reads = 0;
    const threads = await ThreadedReactorMgr.start({
      threads: 1,
      module: moduleUrl("modules/starts"),
      runtime: {
        get maxMessageSize() {
          if (reads++ > 1) throw new Error("read again");
          return 1000;
        },
        other: () => {},
      } as object,
    });
    await threads.stop({ graceMs: 0 });
    await assert.rejects(
      ThreadedReactorMgr.start({
        threads: 1,
        module: moduleUrl("modules/starts"),
        runtime: {
          get maxMessageSize(): number {
            throw new Error("thrown");
          },
        },
      }),
      InvalidOptionError,
    );
  });

  it("a worker inherits no flag that would end it, and those that say how modules are loaded", () => {
    const cases: [flags: string[], inherited: string[] | undefined][] = [
      [[], undefined],
      [["--expose-gc", "-e", "code", "--import", "x"], undefined],
      [["--input-type=module", "-e", "code"], []],
      [["--input-type", "module", "--expose-gc", "-p", "code"], []],
      [
        ["--import", "tsx", "--input-type=module", "--eval", "-r"],
        ["--import", "tsx", "-r"],
      ],
      [
        ["--require=a", "-r", "b", "-C", "c", "--input-type=module", "-e", "d"],
        ["--require=a", "-r", "b", "-C", "c"],
      ],
    ];
    for (const [flags, execArgv] of cases) {
      assert.deepEqual(
        inheritedFlags(flags),
        execArgv === undefined ? {} : { execArgv },
      );
    }
  });

  // The other runtimes have no such flags.
  if (hostAdapter().name === "node") {
    for (const flags of [["--input-type=module"], ["--input-type", "module"]]) {
      it(`threads start in code of the command line: node ${flags.join(" ")} --eval`, async () => {
        const code = `
          const { ThreadedReactorMgr } = await import(${
          JSON.stringify(new URL(built("../../mod.ts"), import.meta.url))
        });
          const threads = await ThreadedReactorMgr.start({
            threads: 1,
            module: ${JSON.stringify(moduleUrl("modules/starts"))},
          });
          console.log(threads.nameCount);
          await threads.stop({ graceMs: 0 });
        `;
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...flags,
          "--eval",
          code,
        ]);
        assert.equal(stdout, "1\n");
      });
    }
  }

  it("there is no sender to a runtime that does not exist", () =>
    withAgents(2, async ([a], threads) => {
      const wrong = [-1, 2, 0.5, NaN, "0", "map", Symbol("0"), null];
      for (const id of [...wrong, Object.create(null)] as number[]) {
        assert.throws(() => threads.getCmdSender(id), UnknownRuntimeError);
      }
      const error = await a.run((agent) => {
        try {
          agent.thread.getCmdSender(2);
        } catch (error) {
          return (error as Error).message;
        }
        return "";
      });
      assert.match(error, /runtime 2.*0 to 1/);
    }));
});

describe("the end of threads", () => {
  it("stop closes all reactors, ends the workers, and wait tells of it", () =>
    withAgents(2, async ([a, b], threads) => {
      let hasEnded = false;
      const ended = threads.wait().then(() => hasEnded = true);
      await sleep(20);
      assert.equal(hasEnded, false);
      await Promise.all([threads.stop({ graceMs: 1000 }), threads.stop()]);
      await Promise.all([ended, a.closed.promise, b.closed.promise]);
    }));

  it("what waits for an answer or for its time fails with RuntimeStoppedError at stop", () =>
    withAgents(2, async ([a], threads) => {
      const late = new Promise<string>((resolve) =>
        threads.getCmdSender(0).sendUserCmd(
          a.uid.reactorId,
          { item: "never" },
          {
            deferred: { kind: "after", ms: 60_000 },
            completion: (result) =>
              resolve(result.ok ? "ok" : result.error.name),
          },
        )
      );
      await threads.stop();
      assert.equal(await late, "RuntimeStoppedError");
      const after = await a.ask({ item: "after" });
      assert.ok(!after.ok);
      assert.equal(after.error, "RuntimeStoppedError");
      await assert.rejects(threads.listenAll("127.0.0.1:0", "echo"));
    }));

  // Deno cannot terminate a thread in an endless loop, which would go on.
  if (hostAdapter().name !== "deno") {
    it("a worker that is stuck is ended by force", () =>
      withAgents(1, async ([a], threads) => {
        const stuck = a.run(() => {
          for (;;);
        });
        stuck.catch(() => {});
        await sleep(50);
        await inTime(() => threads.stop({ graceMs: 0 }), 10_000);
        await a.closed.promise;
      }));
  }

  it("starts and stops leave nothing behind: no manager, and not 1 MiB of memory each", async () => {
    const refs: WeakRef<object>[] = [];
    const startAndStop = async () => {
      const threads = await ThreadedReactorMgr.start({
        threads: 1,
        module: moduleUrl("modules/starts"),
      });
      refs.push(new WeakRef(threads));
      await threads.stop({ graceMs: 0 });
    };
    // A leak would grow with every 4 starts. Memory that a runtime keeps for later
    // starts varies, on Deno by 80 MiB at a time, but does not grow each time.
    const sizes: number[] = [];
    for (let i = 0; i < 6; i++) {
      await Promise.all(Array.from({ length: 4 }, startAndStop));
      const held = await heldOf(refs);
      assert.ok(held <= 2, `${held} managers`); // on Bun the stack may hold one
      sizes.push(process.memoryUsage().rss / 2 ** 20);
    }
    const growths = sizes.slice(1).map((size, i) => size - sizes[i]);
    const least = Math.min(...growths);
    assert.ok(
      least < 4,
      `each 4 starts take more: ${sizes.map(Math.round)} MiB`,
    );
  });

  it("an idle manager costs no processor time", () =>
    withAgents(4, async () => {
      // The collector may still be busy with what earlier tests left.
      let least = Infinity;
      for (let i = 0; i < 10 && least >= 25_000; i++) {
        await sleep(300);
        const before = process.cpuUsage();
        await sleep(500);
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least, user + system);
      }
      assert.ok(least < 25_000, `${least} µs in half a second`);
    }));
});

describe("the types of threads", () => {
  it("know the factories, their parameters and the commands", () => {
    // Never called: only its types are checked.
    const check = (threads: Threads) => {
      const sender = threads.getCmdSender(0);
      sender.sendConnect("a:1", "agent", { index: 1 });
      sender.sendConnect("a:1", "sink");
      sender.sendUserCmd(1 as never, { count: 1, of: 2 });
      // @ts-expect-error -- the parameter is missing
      sender.sendConnect("a:1", "agent");
      // @ts-expect-error -- the parameter is wrong
      sender.sendConnect("a:1", "agent", { index: "1" });
      // @ts-expect-error -- there is no such reactor
      sender.sendConnect("a:1", "echo");
      // @ts-expect-error -- there is no such listener
      threads.listenAll("a:1", "agent");
      // @ts-expect-error -- there is no such command
      sender.sendUserCmd(1 as never, { count: "1" });
    };
    assert.equal(check.length, 1);
    const typed = defineReactors({
      reactors: { one: (_param: number): Reactor<string> => echo<string>() },
      listeners: {
        two: (_param: { a: 1 }, thread) =>
          new DefaultTcpListenerHandler(() => {
            thread.findByName("name");
            return echo();
          }),
      },
    });
    assert.deepEqual(Object.keys(typed), ["reactors", "listeners"]);
    const checkUntyped = (threads: ThreadedReactorMgr) =>
      threads.getCmdSender(0).sendConnect("a:1", "any", { any: "thing" });
    assert.equal(checkUntyped.length, 1);
  });
});
