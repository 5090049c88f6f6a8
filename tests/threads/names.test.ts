import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DuplicateNameError,
  InvalidNameError,
  InvalidOptionError,
  NamingTimeoutError,
  ReactorNotFoundError,
  type ReactorUID,
  RuntimeStoppedError,
  type WorkerExit,
  WorkerExitedError,
} from "../../mod.ts";
import { eventually, signal } from "../conformance/support.ts";
import { outcome } from "./agent_module.ts";
import { keepBusy, STEADY, withAgents } from "./agents.ts";

/** How long the thread of a reactor may take to confirm where it is not busy, and how long one that is busy is waited for. */
const TIME = { timeoutMs: 300 };

describe("names of reactors", () => {
  it("once added, a name is found by every thread, with the whole identity", () =>
    withAgents(3, async ([a, b, c], threads) => {
      await a.run((agent) => agent.thread.addName("first", agent.uid));
      await threads.addName("second", b.uid);
      for (const agent of [a, b, c]) {
        const found = await agent.run((agent) => [
          agent.thread.findByName("first"),
          agent.thread.findByName("second"),
          agent.thread.findByName("third") ?? null,
          agent.thread.nameCount,
        ]);
        assert.deepEqual(found, [a.uid, b.uid, null, 2]);
      }
      assert.deepEqual(threads.findByName("first"), a.uid);
      assert.equal(threads.nameCount, 2);
    }));

  it("a duplicate is refused and the first keeps the name, however many try at once", () =>
    withAgents(4, async (agents, threads) => {
      const tries = await Promise.all(
        agents.map((agent) =>
          agent.run((agent) =>
            agent.thread.addName("name", agent.uid).then(
              () => "added",
              (error: Error) => error.name,
            )
          )
        ),
      );
      assert.deepEqual(
        tries.toSorted(),
        [...Array(3).fill("DuplicateNameError"), "added"],
      );
      const first = tries.indexOf("added");
      const winner = agents[first];
      const other = agents[(first + 1) % agents.length];
      assert.deepEqual(threads.findByName("name"), winner.uid);
      await assert.rejects(
        threads.addName("name", other.uid),
        DuplicateNameError,
      );
      assert.deepEqual(threads.findByName("name"), winner.uid);
    }));

  it("only its owner removes it", () =>
    withAgents(2, async ([a, b], threads) => {
      await threads.addName("name", a.uid);
      const removeBy = (agent: typeof a, uid: typeof a.uid) =>
        agent.run(
          (agent, uid) => agent.thread.removeName("name", uid),
          uid,
        );
      assert.equal(await removeBy(b, b.uid), false);
      assert.equal(await removeBy(b, a.uid), false);
      assert.equal(await threads.removeName("name", b.uid), false);
      assert.deepEqual(threads.findByName("name"), a.uid);
      assert.equal(await removeBy(a, a.uid), true);
      assert.equal(await removeBy(a, a.uid), false);
      assert.equal(threads.findByName("name"), undefined);
      const found = await b.run((agent) =>
        agent.thread.findByName("name") ?? null
      );
      assert.equal(found, null);
      await threads.addName("name", b.uid);
      assert.deepEqual(threads.findByName("name"), b.uid);
    }));

  it("the names of a closed reactor vanish everywhere, and can be used again", () =>
    withAgents(3, async ([a, b, c], threads) => {
      await threads.addName("one", a.uid);
      await threads.addName("two", a.uid);
      await threads.addName("other", b.uid);
      threads.getCmdSender(0).sendClose(a.uid.reactorId);
      await eventually(() => threads.nameCount === 1, "two are gone");
      const left = await c.run(async (agent) => {
        while (agent.thread.nameCount > 1) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return agent.thread.findByName("other");
      });
      assert.deepEqual(left, b.uid);
      await threads.addName("one", c.uid);
      assert.deepEqual(threads.findByName("one"), c.uid);
    }));

  it("a closed reactor gets no name", () =>
    withAgents(2, async ([a], threads) => {
      await outcome((completion) =>
        threads.getCmdSender(0).sendClose(a.uid.reactorId, { completion })
      );
      await assert.rejects(
        threads.addName("name", a.uid),
        ReactorNotFoundError,
      );
      assert.equal(threads.findByName("name"), undefined);
      await assert.rejects(
        threads.addName("name", { ...a.uid, runtimeId: 7 }),
        ReactorNotFoundError,
      );
    }));

  it("only strings are names, only identities get one, and nothing is changed", () =>
    withAgents(2, async ([a], threads) => {
      const { proxy: revoked, revoke } = Proxy.revocable({}, {});
      revoke();
      const noText: unknown[] = [Symbol("s"), Object.create(null), revoked];
      for (const name of [null, undefined, 1, {}, ...noText]) {
        await assert.rejects(
          threads.addName(name as string, a.uid),
          InvalidNameError,
        );
        await assert.rejects(
          threads.removeName(name as string, a.uid),
          InvalidNameError,
        );
        assert.equal(threads.findByName(name as string), undefined);
      }
      const throwing = {
        runtimeId: 0,
        get reactorId(): number {
          throw new Error("a getter");
        },
      };
      for (const uid of [null, undefined, 1, {}, throwing, ...noText]) {
        await assert.rejects(
          threads.addName("name", uid as ReactorUID),
          ReactorNotFoundError,
        );
        await assert.rejects(
          threads.removeName("name", uid as ReactorUID),
          ReactorNotFoundError,
        );
      }
      for (const runtimeId of [Symbol("s"), "0", 0.5, -1, 2 ** 40]) {
        await assert.rejects(
          threads.addName("name", { ...a.uid, runtimeId } as ReactorUID),
          ReactorNotFoundError,
        );
      }
      await assert.rejects(
        threads.addName("name", a.uid, { timeoutMs: 0 }),
        InvalidOptionError,
      );
      const inWorker = await a.run(async (agent) => {
        const names: string[] = [];
        const keep = (error: Error) => void names.push(error.name);
        const { thread, uid } = agent;
        await thread.addName(Symbol("s") as never, uid).catch(keep);
        await thread.addName("name", null as never).catch(keep);
        await thread.removeName("name", {} as never).catch(keep);
        return names;
      });
      assert.deepEqual(inWorker, [
        "InvalidNameError",
        "ReactorNotFoundError",
        "ReactorNotFoundError",
      ]);
      assert.equal(threads.nameCount, 0);
      await threads.addName("name", a.uid);
      assert.deepEqual(threads.findByName("name"), a.uid);
    }));

  it("a busy thread does not delay others for longer than timeoutMs, and gets the names in order when it is free", () =>
    withAgents(3, async ([a, b], threads) => {
      const busy = await keepBusy(b);
      await threads.addName("first", a.uid, TIME);
      await a.run(
        (agent, time) => agent.thread.addName("second", agent.uid, time),
        TIME,
      );
      assert.equal(
        await threads.removeName("first", a.uid, TIME),
        true,
      );
      await threads.addName("third", a.uid, TIME);
      assert.equal(threads.nameCount, 2);
      busy.release();
      const found = await b.run(async (agent) => {
        while (agent.thread.findByName("third") === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const names = ["first", "second", "third"];
        return names.map((name) => agent.thread.findByName(name) ?? null);
      });
      assert.deepEqual(found, [null, a.uid, a.uid]);
    }, STEADY));

  it("a reactor whose thread does not confirm within timeoutMs gets no name, and the name is free again", () =>
    withAgents(2, async ([a, b], threads) => {
      const busy = await keepBusy(a);
      const late = threads.addName("name", a.uid, { timeoutMs: 50 });
      await assert.rejects(
        threads.addName("name", b.uid),
        DuplicateNameError,
      );
      assert.equal(threads.findByName("name"), undefined);
      await assert.rejects(late, (error: Error) => {
        assert.ok(error instanceof NamingTimeoutError);
        assert.match(error.message, /"name".*not confirm within 50 ms/);
        return true;
      });
      assert.equal(threads.nameCount, 0);
      await threads.addName("name", b.uid, TIME);
      busy.release();
      const found = await a.run(async (agent, uid) => {
        const isThere = () =>
          agent.thread.findByName("name")?.runtimeId === uid.runtimeId;
        while (!isThere()) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return agent.thread.nameCount;
      }, b.uid);
      assert.equal(found, 1);
      assert.deepEqual(threads.findByName("name"), b.uid);
    }, STEADY));

  it("a reactor that closes while it gets a name does not keep it", () =>
    withAgents(2, async ([a, b], threads) => {
      const tries = Array.from({ length: 50 }, async (_, i) => {
        await threads.addName(`name ${i}`, a.uid).catch(() => {});
      });
      threads.getCmdSender(0).sendClose(a.uid.reactorId, { abort: true });
      await Promise.all(tries);
      await eventually(() => threads.nameCount === 0, "all are gone");
      await threads.addName("name 0", b.uid);
    }));

  it("a reactor of a runtime that has ended gets none: WorkerExitedError", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a, b], threads) => {
      void a.run(() =>
        void setTimeout(() => {
          throw new Error("ended");
        }, 1)
      );
      await exited.promise;
      await assert.rejects(threads.addName("name", a.uid), (error) => {
        assert.ok(error instanceof WorkerExitedError);
        assert.match(error.message, /Cannot name.*"name".*ended by Error/);
        return true;
      });
      const name = await b.run(
        (agent, uid) =>
          agent.thread.addName("name", uid).catch((error: Error) => error.name),
        a.uid,
      );
      assert.equal(name, "WorkerExitedError");
      await threads.addName("name", b.uid);
    }, { onWorkerExit: exited.resolve });
  });

  it("once the threads are stopped none can be added", () =>
    withAgents(1, async ([a], threads) => {
      await threads.stop({ graceMs: 0 });
      await assert.rejects(
        threads.addName("name", a.uid),
        RuntimeStoppedError,
      );
    }));
});
