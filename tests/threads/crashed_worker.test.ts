import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import type { WorkerExit } from "../../mod.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { withAgents } from "./agents.ts";

describe("a worker that crashes", () => {
  it("uses no processor time after it has ended", async () => {
    const exits: WorkerExit[] = [];
    await withAgents(3, async (agents) => {
      for (const agent of agents) {
        await agent.run(() => {
          const { process } = globalThis as unknown as {
            process: { on(event: "exit", listener: () => void): void };
          };
          process.on("exit", () => {
            // so that the main thread terminates it meanwhile
            const end = performance.now() + 100;
            while (performance.now() < end);
          });
          setTimeout(() => {
            throw new RangeError("crashed");
          }, 1);
        });
      }
      await eventually(() => exits.length === agents.length, "all are gone");
      await sleep(200);
      const before = process.cpuUsage();
      await sleep(500);
      const { user, system } = process.cpuUsage(before);
      const usedMs = (user + system) / 1000;
      assert.ok(usedMs < 250, `${usedMs} ms of processor time within 500 ms`);
    }, { onWorkerExit: (exit) => void exits.push(exit) });
  });
});
