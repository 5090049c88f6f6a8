import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  InvalidOptionError,
  logError,
  logInfo,
  MessageResult,
  type Scenario,
  setLogSink,
  SimContractError,
  SimDeadlockError,
  SimInvariantError,
  SimLeftoverError,
  SimLimitError,
  simulate,
  type SimulateOptions,
  type Simulation,
  SimulationError,
} from "../../mod.ts";
import { tcp } from "../support/tcp.ts";

describe("simulate", () => {
  it("runs a scenario with every seed, the same on every runtime, and counts", async () => {
    const hashes: string[] = [];
    const report = await simulate(
      { seeds: 30, faults: "random" },
      async (sim) => {
        await echo(sim);
        hashes.push(sim.network.traceHash);
      },
    );
    assert.equal(new Set(hashes).size, 30);
    assert.deepEqual([hashes[0], hashes[29]], [
      "34e4a3dce9b82d1a",
      "8718a45eb4bcb9ac",
    ]);
    assert.equal(report.seeds, 30);
    assert.ok(report.events > 30 * 20 && report.virtualMs > 0);
    assert.ok(report.faults > 0);
  });

  it("runs 100 seeds from 1 up if not said, or those that are given", async () => {
    const seeds: number[] = [];
    const scenario = (sim: Simulation) => void seeds.push(sim.seed);
    await simulate({}, scenario);
    assert.deepEqual(seeds, Array.from({ length: 100 }, (_, i) => i + 1));
    seeds.length = 0;
    await simulate({ seeds: [7, -3, 2 ** 40] }, scenario);
    assert.deepEqual(seeds, [7, -3, 2 ** 40]);
  });

  it("gives the scenario a random of its own, that the seed decides", async () => {
    const numbers: number[] = [];
    await simulate({ seeds: [1, 2, 1] }, (sim) => {
      numbers.push(sim.random.integer(0, 1e9));
    });
    assert.equal(numbers[0], numbers[2]);
    assert.notEqual(numbers[0], numbers[1]);
  });

  it("stops the runtimes of the scenario, those of dead processes excepted", async () => {
    let closed = 0;
    await simulate({ seeds: 20 }, async (sim) => {
      await serve(sim, "a");
      await serve(sim, "b");
      for (const name of ["a", "b"]) {
        await sim.runtime("client").connect(`${name}:80`, {
          onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          onClose: () => void closed++,
        });
      }
      sim.host("b").crash({ silent: true });
      if (sim.random.chance(0.5)) sim.host("b").restart();
    });
    assert.equal(closed, 40);
  });

  it("is not done before all that it has spawned, and has what becomes of it", async () => {
    const done: string[] = [];
    const report = await simulate({ seeds: 1 }, async (sim) => {
      const answer = sim.spawn(async () => {
        await sim.sleep(10);
        sim.spawn(() => sim.sleep(1000).then(() => void done.push("last")));
        return 42;
      });
      sim.spawn(() => void done.push("first"));
      assert.equal(await answer, 42);
    });
    assert.deepEqual(done, ["first", "last"]);
    assert.equal(report.virtualMs, 1010);
  });

  it("has the log, and gives it back: what two calls at once log is not mixed up", async () => {
    const logged: unknown[] = [];
    const before = setLogSink(({ parts }) => void logged.push(parts[0]));
    try {
      const traceOf = (name: string) =>
        failure({ seeds: [1] }, async (sim) => {
          for (let i = 0; i < 3; i++) {
            logInfo(`logged by ${name}`);
            await sim.sleep(1);
          }
          throw new Error(name);
        });
      const [a, b] = await Promise.all([traceOf("a"), traceOf("b")]);
      assert.match(a.trace.join("\n"), /(logged by a[^]*){3}/);
      assert.match(b.trace.join("\n"), /(logged by b[^]*){3}/);
      assert.doesNotMatch(a.trace.join("\n"), /logged by b/);
      assert.deepEqual(logged, []);
      logInfo("afterwards");
      assert.deepEqual(logged, ["afterwards"]);
    } finally {
      setLogSink(before);
    }
  });

  it("refuses options outside their ranges", async () => {
    const bad: SimulateOptions[] = [
      { seeds: 0 },
      { seeds: [0.5] },
      { replay: "x:" },
      { replay: "" },
      { maxEvents: 0 },
      { maxVirtualMs: 0 },
      { maxShrinkRuns: -1 },
      { latencyMs: -1 },
    ];
    for (const options of bad) {
      await assert.rejects(simulate(options, () => {}), InvalidOptionError);
    }
  });
});

describe("a simulation fails", () => {
  it("when the scenario rejects, or throws", async () => {
    const cause = new RangeError("enough");
    for (
      const scenario of [
        () => Promise.reject(cause),
        () => {
          throw cause;
        },
      ]
    ) {
      const error = await failure({}, scenario);
      assert.equal(error.cause, cause);
      assert.match(error.message, /seed 1: RangeError: enough/);
    }
  });

  it("when what is thrown cannot be read, wherever that is", async () => {
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const unreadable = [
      revoked,
      Object.create(null),
      new Proxy(new Error("x"), {
        get() {
          throw new Error("a trap");
        },
      }),
      Object.assign(new Error("x"), { name: Object.create(null) }),
      Symbol("s"),
      undefined,
      null,
    ];
    for (const thrown of unreadable) {
      const fail = () => {
        throw thrown;
      };
      const scenarios: Scenario[] = [
        fail,
        (sim) => sim.spawn(fail),
        async (sim) => {
          sim.host("a").adapter.clock.setTimer(() => {}, 5);
          await sim.until(() => sim.now() >= 5 && fail());
        },
        async (sim) => {
          sim.host("a").adapter.clock.setTimer(fail, 10);
          await sim.sleep(100);
        },
      ];
      for (const scenario of scenarios) {
        const error = await failure({ maxShrinkRuns: 0 }, scenario);
        assert.ok(error.cause === thrown, error.message);
      }
    }
  });

  it("when what it has spawned throws or rejects, at once and awaited or not", async () => {
    const cause = new RangeError("enough");
    for (const isLate of [false, true]) {
      for (const isAwaited of [false, true]) {
        const error = await failure({}, async (sim) => {
          const task = sim.spawn(() => {
            if (!isLate) throw cause;
            return sim.sleep(5).then(() => Promise.reject(cause));
          });
          await sim.sleep(1000);
          if (isAwaited) await task;
        });
        assert.equal(error.cause, cause);
        assert.match(error.trace.at(-1)!, isLate ? / 5\.000 / : / 0\.000 /);
      }
    }
  });

  it("when an invariant does not hold after some event, or throws", async () => {
    for (const fails of [() => false, () => assert.fail("broken")]) {
      const error = await failure({}, async (sim) => {
        sim.invariant("less than a second", () => sim.now() < 1000 || fails());
        await sim.sleep(999);
        sim.log("nearly");
        await sim.sleep(100_000);
      });
      assert.ok(error.cause instanceof SimInvariantError);
      assert.match(error.message, /"less than a second"/);
      assert.match(error.trace.at(-2)!, /999\.000 log nearly/);
    }
  });

  it("when an event throws", async () => {
    const cause = new RangeError("enough");
    const error = await failure({}, async (sim) => {
      sim.host("a").adapter.clock.setTimer(() => {
        throw cause;
      }, 10);
      await sim.sleep(100);
    });
    assert.equal(error.cause, cause);
  });

  it("when the contract of an adapter is broken", async () => {
    const error = await failure({}, async (sim) => {
      sim.host("a").adapter.clock.setTimer(() => {}, NaN);
      await sim.sleep(100);
    });
    assert.ok(error.cause instanceof SimContractError);
  });

  it("when nothing is left to happen, and something still waits", async () => {
    const error = await failure({}, async (sim) => {
      await sim.sleep(10);
      await new Promise(() => {});
    });
    assert.ok(error.cause instanceof SimDeadlockError);
    assert.match(error.message, /after 10 ms, and the scenario still waits/);
    const idle = await failure({}, async (sim) => {
      await sim.network.idle();
      await new Promise(() => {});
    });
    assert.ok(idle.cause instanceof SimDeadlockError);
  });

  it("when it has too many events, or takes too long", async () => {
    const again = (sim: Simulation) => {
      const { adapter } = sim.host("a");
      const tick = () => void adapter.clock.setTimer(tick, 1);
      tick();
      return new Promise<void>(() => {});
    };
    const many = await failure({ maxEvents: 50 }, again);
    assert.ok(many.cause instanceof SimLimitError);
    assert.match(many.message, /maxEvents is 50/);
    const long = await failure({ maxVirtualMs: 50 }, again);
    assert.ok(long.cause instanceof SimLimitError);
    assert.match(long.message, /maxVirtualMs is 50$/m);
  });

  it("when something is left open at the end", async () => {
    const error = await failure({}, (sim) => {
      const { adapter } = sim.host("a");
      adapter.clock.setTimer(() => {}, 1000);
      return adapter.listen({
        address: tcp("0.0.0.0", 80),
        backlog: 1,
        reusePort: false,
      }, { onAccept() {}, onAcceptError() {} }).then(() => {});
    });
    assert.ok(error.cause instanceof SimLeftoverError);
    assert.match(error.message, /1 listeners on a, 1 timers on a/);
  });

  it("when an invariant or a condition returns a promise, which would be no answer; that it rejects ends nothing else", async () => {
    const rejects = () => Promise.reject(new Error("x")) as never;
    const revoked = () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy as never;
    };
    for (const answer of [rejects, revoked]) {
      const byInvariant = await failure({}, async (sim) => {
        sim.invariant("sound", answer);
        await sim.sleep(1);
      });
      assert.ok(byInvariant.cause instanceof SimInvariantError);
      assert.ok(byInvariant.cause.cause instanceof InvalidOptionError);
      const byCondition = await failure({}, (sim) => sim.until(answer));
      assert.ok(byCondition.cause instanceof InvalidOptionError);
    }
  });

  it("when it throws, or rejects with, what cannot be read", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const unreadable = Object.defineProperty(new Error("x"), "name", {
      get() {
        throw new Error("no name");
      },
    });
    for (const thrown of [proxy, Symbol("s"), null, unreadable]) {
      const error = await failure({}, () => Promise.reject(thrown));
      assert.ok(Object.is(error.cause, thrown));
    }
  });

  it("and says so if a second run with the seed is different", async () => {
    let count = 0;
    const error = await failure({}, async (sim) => {
      await sim.sleep(++count);
      throw new Error("failed");
    });
    assert.match(error.message, /depends on something outside/);
  });

  it("with the lines of its trace, those that were logged included", async () => {
    const error = await failure({}, async (sim) => {
      logError("a handler threw:", new RangeError("x"), 5, "at /src/a.ts:1:2");
      await sim.sleep(1);
      throw new Error("failed");
    });
    assert.deepEqual(error.trace.map((line) => line.trim()), [
      "0.000 log a handler threw: RangeError: x 5",
      "1.000 network FAILED: failed",
    ]);
    assert.ok(error.message.includes(error.trace.join("\n")));
  });
});

describe("a failed simulation", () => {
  /** Fails if the connection is reset before all is back. */
  const needsNoReset = async (sim: Simulation) => {
    assert.ok(await echo(sim, 10), "the connection was lost");
  };
  const faults = {
    lostPackets: 0.1,
    pauses: 0.1,
    resets: 0.02,
    spuriousWritable: 0.5,
  };

  it("is reduced to the one fault that matters", async () => {
    const error = await failure({ seeds: 100, faults }, needsNoReset);
    assert.match(error.replay, /^\d+:resets@1[ac]\.\d+$/);
    assert.match(error.message, /the connection was lost/);
    assert.ok(error.message.includes(`replay: "${error.replay}"`));
    assert.equal(error.seed, parseInt(error.replay));
  });

  it("is not reduced without runs for it", async () => {
    const error = await failure(
      { seeds: 100, faults, maxShrinkRuns: 0 },
      needsNoReset,
    );
    assert.ok(error.replay.split(",").length > 3, error.replay);
  });

  it("is reduced to no fault if it needs none", async () => {
    const error = await failure({ faults: "random" }, async (sim) => {
      await echo(sim);
      throw new Error("always");
    });
    assert.match(error.replay, /^\d+:$/);
  });

  it("is repeated line by line by its replay", async () => {
    const first = await failure({ seeds: 100, faults }, needsNoReset);
    const { replay } = first;
    const again = await failure({ faults, replay }, needsNoReset);
    assert.deepEqual(again.trace, first.trace);
    assert.equal(again.message, first.message);
    const without = { faults, replay: `${first.seed}:` };
    assert.deepEqual((await simulate(without, needsNoReset)).seeds, 1);
    const whole = { faults, replay: `${first.seed}` };
    assert.ok((await failure(whole, needsNoReset)).replay.includes("resets"));
  });

  it("lists the faults that it needs, and shows when a link mends", async () => {
    const replay = "1:partitions@1c.1";
    const error = await failure({ replay }, async (sim) => {
      await echo(sim);
      await sim.sleep(3000);
      throw new Error("always");
    });
    assert.match(error.message, /seed 1: always\n/);
    assert.match(
      error.message,
      /effect\):\n +\d+\.\d{3} client–server cut for \d+(\.\d)? m?s\n\nThe end/,
    );
    assert.match(error.trace.join("\n"), /network client–server mended/);
  });

  it("is not repeated by ids that are none, or of faults that do not strike", async () => {
    const bad = ["partitions@1", "partitions@1>.2", "cuts@1c.2", "resets@1c.0"];
    for (const id of [...bad, "resets@9c.1", "resets@1c.1,", " resets@1c.1"]) {
      await assert.rejects(
        simulate({ replay: `1:${id}` }, (sim) => echo(sim).then(() => {})),
        (error) =>
          error instanceof InvalidOptionError &&
          error.message.includes(id.split(",").at(-1)!),
        id,
      );
    }
  });

  it("of several seeds is the one with the shortest trace", async () => {
    const error = await failure({ seeds: 8 }, async (sim) => {
      await sim.sleep(1);
      for (let i = 0; i < Math.abs(6 - sim.seed); i++) sim.log("more");
      throw new Error("failed");
    });
    assert.equal(error.seed, 6);
    assert.equal(error.trace.length, 1);
  });
});

describe("a simulation that fails", () => {
  it("shows its trace once, in the message, and what was waited for if nobody has named it", async () => {
    const error = await failure({ maxShrinkRuns: 0 }, async (sim) => {
      await serve(sim, "server");
      const isThere = false;
      await sim.until(() => isThere, { timeoutMs: 50 });
    });
    assert.ok(error.trace.length > 0);
    assert.deepEqual(Object.keys(error).sort(), ["name", "replay", "seed"]);
    const [line] = error.trace;
    assert.ok(error.message.includes(line));
    assert.match(
      error.message,
      /Waited for \(\) ?=> ?isThere: it did not hold/,
    );
  });
});

/** The error that a simulation fails with. */
async function failure(
  options: SimulateOptions,
  scenario: (sim: Simulation) => Promise<void> | void,
): Promise<SimulationError> {
  try {
    await simulate(options, scenario);
  } catch (error) {
    assert.ok(error instanceof SimulationError, String(error));
    return error;
  }
  assert.fail("nothing failed");
}

/** Serves echo at port 80 of a host. */
async function serve(sim: Simulation, host: string): Promise<void> {
  await sim.runtime(host).listen(
    "0.0.0.0:80",
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage(buf, ctx) {
        ctx.sendOrQueue(buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    })),
  );
}

/** Sends some bytes there and back, `rounds` times; resolves to whether all came, and right. */
async function echo(sim: Simulation, rounds = 1): Promise<boolean> {
  await serve(sim, "server");
  const sent = sim.random.bytes(sim.random.integer(1, 3000));
  let received = 0;
  let isClosed = false;
  await sim.runtime("client").connect("server:80", {
    onConnected: (ctx) => void ctx.sendOrQueue(sent),
    onInboundMessage(buf, ctx) {
      for (const byte of buf) {
        assert.equal(byte, sent[received++ % sent.length]);
      }
      const isRound = received % sent.length === 0;
      if (isRound && received < rounds * sent.length) ctx.sendOrQueue(sent);
      return MessageResult.dropMsgSize(buf.length);
    },
    onClose: () => void (isClosed = true),
  }).catch(() => isClosed = true);
  await sim.until(() => isClosed || received === rounds * sent.length, {
    timeoutMs: 600_000,
  });
  return received === rounds * sent.length;
}
