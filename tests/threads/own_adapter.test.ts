// A user's own adapter in threads: it cannot be sent to them, so the module of the
// reactors provides it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  defineReactors,
  InvalidModuleError,
  InvalidOptionError,
  ThreadedReactorMgr,
  type WorkerExit,
  WorkerStartError,
} from "../../mod.ts";
import { eventually, quietly, signal } from "../conformance/support.ts";
import {
  type AgentHandle,
  moduleUrl,
  openPeers,
  withAgents,
} from "./agents.ts";
import { userAdapter } from "./user_adapter.ts";
import type ownAdapter from "./modules/own_adapter.ts";

type Counting = ReturnType<typeof ownAdapter.adapter>;

const MODULE = moduleUrl("modules/own_adapter");

/** What the adapter of an agent's thread has counted. */
function countsIn(agent: AgentHandle) {
  return agent.run((agent) => {
    const { made, counts } = agent.thread.runtime.adapter as Counting;
    return { made, ...counts };
  });
}

/** The error of threads that fail to start with `options`. */
async function failureOf(options: object): Promise<Error> {
  let failure: unknown;
  await quietly(async () => {
    const starting = ThreadedReactorMgr.start({ threads: 1, ...options });
    await starting.catch((error) => failure = error);
  });
  assert.ok(failure instanceof Error, "it starts");
  return failure;
}

describe("an adapter of the module's own", () => {
  it("is made once in each thread, again in one that is restarted, and connects and listens for it", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a, b], threads, home) => {
      const first = { made: 1, listens: 0, connects: 1, accepts: 0 };
      assert.deepEqual(await countsIn(a), first);
      assert.deepEqual(await countsIn(b), first);
      const listened = signal();
      threads.getCmdSender(1).sendListen("127.0.0.1:0", "echo", undefined, {
        completion: () => listened.resolve(),
      });
      await listened.promise;
      assert.deepEqual(await countsIn(b), { ...first, listens: 1 });
      await a.run(() =>
        void setTimeout(() => {
          throw new Error("ended");
        }, 1)
      );
      await exited.promise;
      assert.deepEqual(await countsIn(await home.add(0)), first);
    }, {
      module: MODULE,
      adapter: userAdapter,
      restart: true,
      onWorkerExit: exited.resolve,
    });
  });

  it("accepts in the main thread what all threads listen for, and is made once there", async () => {
    const made: ReturnType<typeof userAdapter>[] = [];
    const adapter = () => {
      made.push(userAdapter());
      return made[0];
    };
    await withAgents(2, async (agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      assert.equal(listener.mode, "relay");
      const peers = await openPeers(listener, 4);
      await eventually(() => made[0].counts.accepts === 4, "it accepts");
      assert.equal(made.length, 1);
      assert.equal(made[0].counts.listens, 1);
      assert.deepEqual(listener.spread, [2, 2]);
      for (const agent of agents) {
        assert.equal((await countsIn(agent)).listens, 0);
      }
      for (const peer of peers) peer.destroy();
    }, { module: MODULE, adapter });
  });

  it("that cannot be made, or is not an adapter, fails the start with InvalidModuleError", async () => {
    const reasons: Record<string, RegExp> = {
      throws: /^Cannot make the adapter .*: it cannot be made$/,
      promises: /^Cannot use .* as an adapter: it has no listen$/,
      is_none: /^Cannot use .* as an adapter: it has no connect$/,
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const error = await failureOf({
        module: moduleUrl(`modules/adapter_${name}`),
        adapter: userAdapter,
      });
      assert.ok(error instanceof WorkerStartError, String(error));
      assert.ok(error.cause instanceof InvalidModuleError, String(error.cause));
      assert.match(error.cause.message, reason);
    }
    assert.throws(
      () => defineReactors({ adapter: {} as never }),
      InvalidModuleError,
    );
  });

  it("is named for the main thread, too: the start fails if one of the two is missing", async () => {
    for (
      const options of [
        { module: MODULE },
        { module: moduleUrl("agent_module"), adapter: userAdapter },
      ]
    ) {
      const error = await failureOf(options);
      assert.ok(error instanceof WorkerStartError, String(error));
      assert.ok(error.cause instanceof InvalidOptionError, String(error.cause));
      assert.match(error.cause.message, /^Cannot start .* the option adapter/);
    }
  });

  it("that fails in the main thread fails the start, before there is a worker", async () => {
    const broken = () => {
      throw new RangeError("it cannot be made");
    };
    for (const adapter of [broken, () => ({}) as Adapter]) {
      const error = await failureOf({ module: MODULE, adapter });
      assert.ok(error instanceof InvalidModuleError, String(error));
    }
    const error = await failureOf({ module: MODULE, adapter: {} });
    assert.ok(error instanceof InvalidOptionError, String(error));
  });
});
