import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InspectOptions, Inspector } from "../../mod.ts";
import {
  type AgentHandle,
  keepBusy,
  openPeers,
  type Threads,
  withAgents,
} from "../threads/agents.ts";
import { ask, askJson, askUntil, withInspector } from "./ask.ts";

/** Runs `body` with two threads, an agent in each, and their inspector. */
function inspected(
  options: InspectOptions,
  body: (
    inspector: Inspector,
    agents: AgentHandle[],
    threads: Threads,
  ) => Promise<void>,
): Promise<void> {
  return withAgents(2, (agents, threads) =>
    withInspector(
      threads,
      options,
      (inspector) => body(inspector, agents, threads),
    ));
}

describe("inspect, of threads", () => {
  it("shows them side by side, and acts in each", () =>
    inspected(
      { allowClose: true, allowTail: true },
      async (inspector, agents) => {
        const overview = await askJson(inspector, "/api/overview");
        assert.deepEqual(overview.silent, []);
        assert.deepEqual(
          overview.threads.map((it: { thread: string }) => it.thread),
          ["0", "1"],
        );
        const all = await askJson(inspector, "/api/connections?sort=thread");
        assert.equal(all.total, agents.length);
        assert.deepEqual(
          all.rows.map((it: { thread: string; id: number }) => [
            it.thread,
            it.id,
          ]),
          agents.map(({ uid }) => [String(uid.runtimeId), uid.reactorId]),
        );
        const { runtimeId, reactorId } = agents[1].uid;
        const path = `/api/tail?thread=${runtimeId}&id=${reactorId}`;
        assert.equal((await askJson(inspector, path)).isOpen, true);
        const done = await ask(inspector, "/api/close", {
          method: "POST",
          body: { thread: String(runtimeId), id: reactorId },
        });
        assert.equal(done.status, 200);
        await agents[1].closed.promise;
        const { rows, reasons } = await askUntil(
          inspector,
          "/api/closed",
          (closed) => closed.rows.length > 0,
        );
        assert.deepEqual(reasons, { ConnectionClosedError: 1 });
        assert.equal(rows[0].thread, "1");
        const left = await askJson(inspector, "/api/connections");
        assert.equal(left.total, 1);
      },
    ));

  it("shows the listeners of each thread, and what they have accepted", () =>
    inspected({}, async (inspector, _, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      const peers = await openPeers(listener, 4);
      const { threads: shown } = await askJson(inspector, "/api/overview");
      const accepted = shown.map((it: { stats: { accepted: number } }) =>
        it.stats.accepted
      );
      assert.equal(accepted[0] + accepted[1], 4);
      for (const peer of peers) peer.destroy();
    }));

  it("says which thread does not answer, and goes on with the others", () =>
    inspected({}, async (inspector, [stuck]) => {
      const busy = await keepBusy(stuck);
      const overview = await askJson(inspector, "/api/overview");
      busy.release();
      assert.deepEqual(overview.silent, ["0"]);
      assert.equal(overview.threads.length, 1);
    }));
});
