import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sharedThreads } from "./agents.ts";
import { services } from "./services.ts";

describe("buffers of a command", () => {
  const inThreads = sharedThreads(2, { services });

  it("that transfer lists are moved, to a reactor of another thread and of the same, at once or when it is due", () =>
    inThreads(async ([a, b]) => {
      for (const to of [a.uid, b.uid]) {
        for (const delay of [0, 5]) {
          const [before, after, there] = await a.run(
            async (agent, to, delay) => {
              const frame = new Uint8Array(2 ** 20).fill(9);
              const view = frame.subarray(10, 30);
              const item = { view, frame };
              const done = new Promise((resolve) =>
                agent.thread.getCmdSender(to.runtimeId).sendUserCmd(
                  to.reactorId,
                  { item },
                  {
                    transfer: [frame.buffer],
                    completion: resolve,
                    ...delay > 0 && {
                      deferred: { kind: "after", ms: delay } as const,
                    },
                  },
                )
              );
              const before = frame.length;
              await done;
              const there = await agent.thread.ask(to.runtimeId, "lastFrame");
              return [before, frame.length, there];
            },
            to,
            delay,
          );
          assert.deepEqual(
            [before, after, there],
            [delay > 0 ? 2 ** 20 : 0, 0, [10, 20, 2 ** 20, 9, true]],
          );
        }
      }
    }));

  it("or of a question are moved in the same way, also if a thread asks itself", () =>
    inThreads(async ([a]) => {
      const sizes = await a.run(async ({ thread }) => {
        const sizes: number[] = [];
        for (const place of [0, 1]) {
          const frame = new Uint8Array(2 ** 20).fill(9);
          const param = { view: frame.subarray(10, 30), frame };
          const options = { transfer: [frame.buffer] };
          const answer = thread.ask(place, "echo", param, options);
          sizes.push(frame.length);
          const { param: there } = await answer as { param: typeof param };
          sizes.push(there.view.length, there.frame.length);
          const gone = thread.ask(place, "echo", 1, options);
          await gone.catch((error) => {
            if (error.name !== "NotTransferableError") throw error;
            sizes.push(-1);
          });
        }
        return sizes;
      });
      const each = [0, 20, 2 ** 20, -1];
      assert.deepEqual(sizes, [...each, ...each]);
    }));

  it("that cannot be moved fail it, in the same way in both; and none is moved", () =>
    inThreads(async ([a, b]) => {
      for (const to of [a.uid, b.uid]) {
        const results = await a.run(async (agent, to) => {
          const gone = new ArrayBuffer(8);
          structuredClone(gone, { transfer: [gone] });
          const good = new ArrayBuffer(8);
          const lists: unknown[] = [
            [good, gone],
            [good, new SharedArrayBuffer(8)],
            [good, good],
            [good, 5],
            5,
          ];
          const results: unknown[] = [];
          for (const transfer of lists) {
            const result = await agent.ask(to, { item: 1 }, {
              transfer,
            } as object);
            results.push(result.ok || [result.error, result.message]);
          }
          return [good.byteLength, ...results];
        }, to);
        assert.equal(results.shift(), 8);
        assert.deepEqual(
          results.map((result) => (result as string[])[0]),
          [...Array(4).fill("NotTransferableError"), "InvalidOptionError"],
        );
        assert.match(
          (results[0] as string[])[1],
          /^Cannot give a command to reactor \d+.*: transfer\[1\] was transferred already$/,
        );
      }
    }));
});
