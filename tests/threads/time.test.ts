// Each thread has its own time, and calls run in the thread that scheduled them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withAgents } from "./agents.ts";

describe("time in threads", () => {
  it("scheduled calls of a thread's runtime and connections are made there, and end with them", () =>
    withAgents(2, async (agents) => {
      for (const agent of agents) {
        const { made, isPending } = await agent.run(async (agent) => {
          const { runtime } = agent.thread;
          const made: string[] = [];
          await new Promise<void>((resolve) => {
            const ticks = runtime.every(2, () => {
              if (made.push("tick") < 3) return;
              ticks.cancel();
              agent.ctx.after(1, () => {
                made.push("once");
                resolve();
              });
            });
          });
          return {
            made,
            isPending: runtime.after(60_000, () => {}).isPending,
          };
        });
        assert.deepEqual(made, ["tick", "tick", "tick", "once"]);
        assert.ok(isPending, "it is left to the stop of the thread");
      }
    }));

  it("the deadlines of connections apply there", () =>
    withAgents(1, async ([agent]) => {
      const name = await agent.run(async (agent) => {
        const { runtime } = agent.thread;
        return await new Promise<string>((resolve) =>
          runtime.listen("127.0.0.1:0", {
            onNewConnection: () => ({
              reactor: {
                onInboundMessage: () => 0 as never, // never complete
                onClose: (reason) => resolve(`${reason?.name}`),
              },
              messageTimeoutMs: 50,
            }),
          }).then(({ address }) =>
            runtime.connect(address, {
              onConnected(ctx) {
                ctx.every(5, () => void ctx.sendOrQueue(Uint8Array.of(1)));
              },
              onInboundMessage: (buf) => buf.length as never,
            })
          )
        );
      });
      assert.equal(name, "MessageTimeoutError");
    }));
});
