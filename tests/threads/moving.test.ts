import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AnswerNotTransferableError, type ThreadId } from "../../mod.ts";
import { sharedThreads } from "./agents.ts";
import { services } from "./services.ts";

describe("buffers of a command", () => {
  const inThreads = sharedThreads(2, { services });

  it("listed in transfer are moved, to a reactor of another thread or of the same, at once or when due", () =>
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

  it("that cannot be moved fail both in the same way, and none is moved", () =>
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

describe("buffers of an answer", () => {
  const inThreads = sharedThreads(2, { services });
  const PLACES: ThreadId[] = [0, 1, "main"];

  it("listed in it are moved to the asking thread, even if a thread asks itself: the service no longer has them", () =>
    inThreads(async ([a], threads) => {
      for (const place of PLACES) {
        for (const name of ["frames.hand", "frames.handLater"] as const) {
          const { view, frame } = await threads.ask(place, name, 2 ** 20);
          assert.ok(view.buffer === frame.buffer);
          assert.deepEqual(
            [view.byteOffset, view.length, frame.length, frame.at(-1)],
            [10, 20, 2 ** 20, 9],
          );
          assert.equal(await threads.ask(place, "frames.left"), 0);
        }
      }
      const sizes = await a.run(async ({ thread }, places) => {
        const sizes: number[] = [];
        for (const place of places) {
          const { view, frame } = await thread.ask<
            { view: Uint8Array; frame: Uint8Array }
          >(place, "frames.hand", 2 ** 20);
          const left = await thread.ask<number>(place, "frames.left");
          sizes.push(view.byteOffset, view.length, frame.length, left);
        }
        return sizes;
      }, PLACES);
      assert.deepEqual(sizes, PLACES.flatMap(() => [10, 20, 2 ** 20, 0]));
    }));

  it("are moved even if it does not contain them", () =>
    inThreads(async (_agents, threads) => {
      for (const place of PLACES) {
        const answer = await threads.ask(place, "frames.handOther", 100);
        assert.deepEqual(answer, { size: 100 });
        assert.equal(await threads.ask(place, "frames.left"), 0);
      }
    }));

  it("that cannot be moved fail it, with a class that says that the service was called, and none is moved", () =>
    inThreads(async (_agents, threads) => {
      const reasons = {
        gone: /transfer\[1\] was transferred already$/,
        shared: /transfer\[1\] must be an ArrayBuffer, and not shared memory/,
        twice: /transfer\[1\] is transfer\[0\] once more$/,
        view: /transfer\[1\] must be an ArrayBuffer/,
        none: /listed in an array/,
        frozen: /not frozen/,
      } as const;
      for (const place of PLACES) {
        for (const [what, reason] of Object.entries(reasons)) {
          await assert.rejects(
            threads.ask(place, "frames.list", what as keyof typeof reasons),
            (error: Error) =>
              error instanceof AnswerNotTransferableError &&
              error.message.startsWith("Cannot answer: ") &&
              reason.test(error.message),
          );
          assert.equal(await threads.ask(place, "frames.left"), 8);
        }
      }
    }));

  it("that were handed over fail the next answer that lists them, even in the same turn", () =>
    inThreads(async (_agents, threads) => {
      for (const place of PLACES) {
        const [first, ...later] = await Promise.allSettled([
          threads.ask(place, "frames.hand", 100),
          threads.ask(place, "frames.handAgain"),
          threads.ask(place, "frames.handAgain"),
        ]);
        assert.ok(first.status === "fulfilled");
        assert.equal(first.value.frame.length, 100);
        for (const answer of later) {
          assert.ok(answer.status === "rejected");
          assert.ok(answer.reason instanceof AnswerNotTransferableError);
          assert.match(answer.reason.message, /\[0\] was transferred already$/);
        }
      }
    }));

  it("do no harm if the answer cannot be copied, nor if a message wants none", () =>
    inThreads(async (_agents, threads) => {
      for (const place of PLACES) {
        await assert.rejects(
          threads.ask(place, "frames.handWithFunction", 100),
          (error: Error) => error.name === "AnswerNotCloneableError",
        );
        threads.tell(place, "frames.hand", 100);
        assert.equal(await threads.ask(place, "frames.left"), 100);
      }
    }));

  it("of a command are moved in the same way, to another thread", () =>
    inThreads(async ([a, b]) => {
      const results = await a.run(async (agent, to) => {
        const there = agent.thread.getCmdSender(to.runtimeId);
        const ask = (returns: string) =>
          new Promise<unknown>((resolve) =>
            there.sendUserCmd(to.reactorId, { returns }, {
              completion: (result) =>
                resolve(result.ok ? result.value : result.error.name),
            })
          );
        const made = "globalThis.handed = new Uint8Array(100)";
        const moved = await ask(
          `transfer(${made}, [globalThis.handed.buffer])`,
        ) as Uint8Array;
        return [
          moved.length,
          await ask("globalThis.handed.length"),
          await ask("globalThis.handed"),
        ];
      }, b.uid);
      assert.deepEqual(results, [100, 0, "AnswerNotTransferableError"]);
    }));
});
