import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DuplicateNameError, ReactorNotFoundError } from "../../mod.ts";
import { eventually } from "../conformance/support.ts";
import { outcome } from "./agent_module.ts";
import { withAgents } from "./agents.ts";

describe("names of reactors", () => {
  it("once added, every thread finds it, with the whole identity", () =>
    withAgents(3, async ([a, b, c], threads) => {
      await a.run((agent) => agent.thread.addReactorUid("first", agent.uid));
      await threads.addReactorUid("second", b.uid);
      for (const agent of [a, b, c]) {
        const found = await agent.run((agent) => [
          agent.thread.findReactorUid("first"),
          agent.thread.findReactorUid("second"),
          agent.thread.findReactorUid("third") ?? null,
          agent.thread.countReactors(),
        ]);
        assert.deepEqual(found, [a.uid, b.uid, null, 2]);
      }
      assert.deepEqual(threads.findReactorUid("first"), a.uid);
      assert.equal(threads.countReactors(), 2);
    }));

  it("a duplicate is refused and the first keeps the name, however many try at once", () =>
    withAgents(4, async (agents, threads) => {
      const tries = await Promise.all(
        agents.map((agent) =>
          agent.run((agent) =>
            agent.thread.addReactorUid("name", agent.uid).then(
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
      const winner = agents[tries.indexOf("added")];
      assert.deepEqual(threads.findReactorUid("name"), winner.uid);
      await assert.rejects(
        threads.addReactorUid("name", agents[0].uid),
        DuplicateNameError,
      );
      assert.deepEqual(threads.findReactorUid("name"), winner.uid);
    }));

  it("only its owner removes it", () =>
    withAgents(2, async ([a, b], threads) => {
      await threads.addReactorUid("name", a.uid);
      const removeBy = (agent: typeof a, uid: typeof a.uid) =>
        agent.run(
          (agent, uid) => agent.thread.removeReactorName("name", uid),
          uid,
        );
      assert.equal(await removeBy(b, b.uid), false);
      assert.equal(await removeBy(b, a.uid), false);
      assert.equal(await threads.removeReactorName("name", b.uid), false);
      assert.deepEqual(threads.findReactorUid("name"), a.uid);
      assert.equal(await removeBy(a, a.uid), true);
      assert.equal(await removeBy(a, a.uid), false);
      assert.equal(threads.findReactorUid("name"), undefined);
      const found = await b.run((agent) =>
        agent.thread.findReactorUid("name") ?? null
      );
      assert.equal(found, null);
      await threads.addReactorUid("name", b.uid);
      assert.deepEqual(threads.findReactorUid("name"), b.uid);
    }));

  it("the names of a reactor that is closed vanish everywhere, and can be given again", () =>
    withAgents(3, async ([a, b, c], threads) => {
      await threads.addReactorUid("one", a.uid);
      await threads.addReactorUid("two", a.uid);
      await threads.addReactorUid("other", b.uid);
      threads.getCmdSender(0).sendClose(a.uid.reactorId);
      await eventually(() => threads.countReactors() === 1, "two are gone");
      const left = await c.run(async (agent) => {
        while (agent.thread.countReactors() > 1) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return agent.thread.findReactorUid("other");
      });
      assert.deepEqual(left, b.uid);
      await threads.addReactorUid("one", c.uid);
      assert.deepEqual(threads.findReactorUid("one"), c.uid);
    }));

  it("a reactor that is gone gets no name", () =>
    withAgents(2, async ([a], threads) => {
      await outcome((completion) =>
        threads.getCmdSender(0).sendClose(a.uid.reactorId, { completion })
      );
      await assert.rejects(
        threads.addReactorUid("name", a.uid),
        ReactorNotFoundError,
      );
      assert.equal(threads.findReactorUid("name"), undefined);
      await assert.rejects(
        threads.addReactorUid("name", { ...a.uid, runtimeId: 7 }),
        ReactorNotFoundError,
      );
    }));
});
