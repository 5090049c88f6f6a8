import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { eventually } from "../conformance/support.ts";
import { withAgents } from "./agents.ts";

describe("the asynchronous context of a completion from another thread", () => {
  it("is empty: neither that of the code that started the threads nor that of other senders", async () => {
    const storage = new AsyncLocalStorage<string>();
    await storage.run(
      "starter",
      () =>
        withAgents(1, async ([agent], threads) => {
          const { runtimeId, reactorId } = agent.uid;
          const found: (string | undefined)[] = [];
          for (const user of ["alice", "bob"]) {
            storage.run(user, () =>
              threads.getCmdSender(runtimeId).sendUserCmd(
                reactorId,
                { item: user },
                { completion: () => void found.push(storage.getStore()) },
              ));
          }
          await eventually(() => found.length === 2, "completed");
          assert.deepEqual(found, [undefined, undefined]);
        }),
    );
  });

  it("is empty in a worker, too", () =>
    withAgents(2, async ([a, b]) => {
      const found = await a.run(async (agent, to) => {
        const { process } = globalThis as unknown as {
          process: {
            getBuiltinModule(name: string): {
              AsyncLocalStorage: typeof AsyncLocalStorage;
            };
          };
        };
        const hooks = process.getBuiltinModule("node:async_hooks");
        const storage = new hooks.AsyncLocalStorage<string>();
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const told = ["alice", "bob"].map((user) =>
          new Promise<string>((resolve) =>
            storage.run(user, () =>
              sender.sendUserCmd(to.reactorId, { item: user }, {
                completion: () =>
                  resolve(storage.getStore() ?? "none"),
              }))
          )
        );
        return await Promise.all(told);
      }, b.uid);
      assert.deepEqual(found, ["none", "none"]);
    }));
});
