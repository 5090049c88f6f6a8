import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidOptionError,
  NotCloneableError,
  NotTransferableError,
  type TellResult,
  type ThreadId,
  UnknownRuntimeError,
  UnknownServiceError,
} from "../../mod.ts";
import { MAX_TOLD } from "../../src/tuning.ts";
import {
  eventually,
  logging,
  PeerLines,
  quietly,
  sleep,
} from "../conformance/support.ts";
import type { Agent } from "./agent_module.ts";
import {
  becomesTrue,
  sharedThreads,
  startThreads,
  type Threads,
  withAgents,
} from "./agents.ts";
import { services } from "./services.ts";

const PLACES: ThreadId[] = [0, 1, "main"];

/** Sends `thread` as many messages as it takes; returns the result of the last one. */
function fill(threads: Threads, thread: ThreadId) {
  for (let count = 0; count <= MAX_TOLD; count++) {
    const result = threads.tell(thread, "holding.hold");
    if (result !== "sent") return { count, result };
  }
  return { count: MAX_TOLD + 1, result: "sent" as TellResult };
}

describe("a message to a service", () => {
  const inThreads = sharedThreads(2, { services });

  it("arrives as a copy in the thread that it is sent to, from a worker or the main thread, itself included", () =>
    inThreads(async ([a], threads) => {
      for (const place of PLACES) {
        const list = [1];
        assert.equal(threads.tell(place, "heard.hear", list), "sent");
        list[0] = 2;
      }
      const results = await a.run((agent, places) =>
        places.map((place) => {
          const map = new Map([["a", 1]]);
          const result = agent.thread.tell(place, "heard.hear", map);
          map.clear();
          return result;
        }), PLACES);
      assert.deepEqual(results, ["sent", "sent", "sent"]);
      for (const place of PLACES) {
        const heard: { what: unknown; from: ThreadId }[] = [];
        await becomesTrue(async () => {
          heard.push(...await threads.ask(place, "heard.takeAll"));
          return heard.length === 2;
        });
        assert.deepEqual(
          heard.map(({ what, from }) => [from, what]),
          [["main", [1]], [0, new Map([["a", 1]])]],
        );
      }
    }));

  it("keeps its place among commands and questions, whatever it holds", () =>
    inThreads(async ([a, b], threads) => {
      const before = await threads.ask(1, "noted");
      const asked = await a.run(async (agent, to) => {
        const { thread } = agent;
        const sender = thread.getCmdSender(to.runtimeId);
        const asked: Promise<number>[] = [];
        for (let i = 0; i < 2000; i++) {
          const what = i % 7 === 0 ? new Map([[i, i]]) : i % 2 ? { i } : i;
          thread.tell(to.runtimeId, "heard.hear", what);
          sender.sendUserCmd(to.reactorId, { item: what });
          if (i % 3 === 0) asked.push(thread.ask(1, "noted"));
        }
        return await Promise.all(asked);
      }, b.uid);
      const heard = await threads.ask(1, "heard.takeAll");
      assert.deepEqual(
        heard.map(({ items }) => items - before),
        Array.from({ length: 2000 }, (_, i) => i),
      );
      assert.deepEqual(heard[1].what, { i: 1 });
      assert.deepEqual(heard[7].what, new Map([[7, 7]]));
      assert.deepEqual(
        asked.map((count) => count - before),
        asked.map((_, i) => 3 * i + 1),
      );
    }));

  it("is done when a question is answered that was asked later, if its service returns no promise", () =>
    inThreads(async (_agents, threads) => {
      for (const place of PLACES) {
        for (let i = 0; i < 100; i++) threads.tell(place, "heard.hear", i);
        const heard = await threads.ask(place, "heard.takeAll");
        assert.deepEqual(
          heard.map(({ what }) => what),
          Array.from({ length: 100 }, (_, i) => i),
        );
      }
    }));

  it("waits as commands do in a runtime that is polled, whoever sends it", () =>
    withAgents(1, async ([a], threads) => {
      const count = new Int32Array(new SharedArrayBuffer(4));
      const isOver = new Int32Array(new SharedArrayBuffer(4));
      const early = a.run(
        async ({ thread }, count, isOver) => {
          await thread.runtime.processEvents();
          thread.tell(0, "count", count);
          Atomics.store(isOver, 0, 1);
          while (Atomics.load(isOver, 0) === 1) {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          const early = Atomics.load(count, 0);
          while (Atomics.load(count, 0) < 2) {
            await thread.runtime.processEvents();
          }
          return early;
        },
        count,
        isOver,
      );
      await eventually(() => Atomics.load(isOver, 0) === 1, "it is polled");
      threads.tell(0, "count", count);
      await sleep(30);
      Atomics.store(isOver, 0, 2);
      assert.equal(await early, 0);
    }));

  it("that cannot be sent throws, and nothing is sent", () =>
    inThreads(async (_agents, threads) => {
      const { sent, refused } = (await threads.stats()).main.serviceMessages;
      for (const place of PLACES) {
        assert.throws(
          () => threads.tell(place, "heard.hear", () => {}),
          (error) =>
            error instanceof NotCloneableError &&
            /^Cannot tell "heard.hear" of /.test(error.message),
        );
        assert.throws(
          () =>
            threads.tell(place, "heard.hear", {
              get bad() {
                throw new Error("a getter");
              },
            }),
          NotCloneableError,
        );
        assert.throws(
          () => threads.tell(place, 5 as unknown as "noted"),
          UnknownServiceError,
        );
        for (const transfer of [5, {}, "x"]) {
          assert.throws(
            () =>
              threads.tell(place, "heard.hear", 1, {
                transfer: transfer as never,
              }),
            InvalidOptionError,
          );
        }
        assert.deepEqual(await threads.ask(place, "heard.takeAll"), []);
      }
      for (const nobody of [2, -1, "other", undefined] as never[]) {
        assert.throws(
          () => threads.tell(nobody, "heard.hear", 1),
          UnknownRuntimeError,
        );
        await assert.rejects(threads.whenRoom(nobody), UnknownRuntimeError);
      }
      const told = (await threads.stats()).main.serviceMessages;
      assert.deepEqual([told.sent, told.refused], [sent, refused]);
    }));

  it("moves the buffers listed in transfer: the sender no longer has them, and views of them arrive unchanged", () =>
    inThreads(async ([a], threads) => {
      for (const place of PLACES) {
        const buffer = new Uint8Array(1000).fill(7).buffer;
        const other = new ArrayBuffer(10);
        const view = new Uint8Array(buffer, 10, 20);
        const what = { view, whole: new Uint16Array(buffer), copied: other };
        threads.tell(place, "heard.hear", what, { transfer: [buffer] });
        assert.deepEqual([buffer.byteLength, other.byteLength], [0, 10]);
        const [heard] = await threads.ask(place, "heard.takeAll");
        const there = heard.what as typeof what;
        assert.equal(there.view.byteLength, 20);
        assert.equal(there.view[0], 7);
        assert.equal(there.whole.length, 500);
      }
      const sizes = await a.run(async (agent, places) => {
        const sizes: number[] = [];
        for (const place of places) {
          const frame = new Uint8Array(2 ** 20).fill(9);
          const { buffer } = frame;
          const options = { transfer: [buffer] };
          agent.thread.tell(place, "heard.hear", frame, options);
          sizes.push(buffer.byteLength);
          const [{ what }] = await agent.thread.ask<{ what: Uint8Array }[]>(
            place,
            "heard.takeAll",
          );
          sizes.push(what.length, what[2 ** 20 - 1]);
        }
        return sizes;
      }, PLACES);
      assert.deepEqual(sizes, PLACES.flatMap(() => [0, 2 ** 20, 9]));
    }));

  it("with a buffer that cannot be moved throws, and moves none", () =>
    inThreads((_agents, threads) => {
      const gone = new ArrayBuffer(8);
      structuredClone(gone, { transfer: [gone] });
      for (const place of PLACES) {
        const good = new ArrayBuffer(8);
        const cases: [unknown[], RegExp][] = [
          [[good, gone], /: transfer\[1\] was transferred already$/],
          [[good, new SharedArrayBuffer(8)], /transfer\[1\] must be .*shared/],
          [[good, new Uint8Array(8)], /transfer\[1\] must be an ArrayBuffer/],
          [[good, undefined], /transfer\[1\] must be an ArrayBuffer/],
          [[good, good], /transfer\[1\] is transfer\[0\] once more$/],
        ];
        for (const [transfer, message] of cases) {
          assert.throws(
            () =>
              threads.tell(place, "heard.hear", 1, {
                transfer: transfer as ArrayBuffer[],
              }),
            (error) =>
              error instanceof NotTransferableError &&
              message.test(error.message),
          );
        }
        assert.equal(good.byteLength, 8);
      }
      return Promise.resolve();
    }));
});

describe("a thread that gets more messages than it handles", () => {
  it("has no more than 2^16 unhandled until there is room; refused ones are counted and never arrive", () =>
    withAgents(2, async ([a], threads) => {
      for (const place of [0, "main"] as ThreadId[]) {
        const before = (await threads.stats()).main.serviceMessages;
        await threads.whenRoom(place); // there is room
        assert.deepEqual(fill(threads, place), {
          count: MAX_TOLD,
          result: "full",
        });
        let hasRoom = false;
        const waits = threads.whenRoom(place).then(() => hasRoom = true);
        // Questions, commands, other threads and the messages of others have room of their own.
        assert.equal(
          await threads.ask(place, "double", 1, { timeoutMs: 60_000 }),
          2,
        );
        assert.equal(threads.tell(1, "heard.hear", 1), "sent");
        const other = await a.run(async ({ thread }, place) => {
          const result = thread.tell(place, "holding.hold");
          await thread.ask(place, "double", 1, { timeoutMs: 60_000 }); // the message has arrived
          return result;
        }, place);
        assert.equal(other, "sent");
        assert.equal(hasRoom, false);
        assert.equal(threads.tell(place, "holding.hold"), "full");
        const count = await threads.ask(place, "holding.release", undefined, {
          timeoutMs: 60_000,
        });
        assert.equal(count, MAX_TOLD + 1);
        await waits;
        assert.equal(threads.tell(place, "heard.hear", 1), "sent");
        const { sent, refused } = (await threads.stats()).main.serviceMessages;
        assert.deepEqual(
          [sent - before.sent, refused - before.refused],
          [MAX_TOLD + 2, 2],
        );
      }
    }, { services }));

  it("has no more than 64 MiB unhandled, in whatever form, moved or copied", () =>
    withAgents(2, async ([a], threads) => {
      const tellAll = async (
        { thread }: Pick<Agent, "thread">,
        places: ThreadId[],
      ) => {
        const SIZE = 2 ** 23;
        const kinds: (() => { what: unknown; transfer?: ArrayBuffer[] })[] = [
          () => ({ what: new Uint8Array(SIZE) }),
          () => ({ what: { view: new Uint8Array(2 * SIZE).subarray(SIZE) } }),
          () => ({ what: "x".repeat(SIZE) }),
          () => ({ what: new Map([["key", [new ArrayBuffer(SIZE)]]]) }),
          () => {
            const what = new ArrayBuffer(SIZE);
            return { what, transfer: [what] };
          },
        ];
        const results: unknown[] = [];
        for (const place of places) {
          for (const kind of kinds) {
            let count = 0;
            while (count < 20) {
              const { what, transfer = [] } = kind();
              const result = thread.tell(place, "holding.hold", what, {
                transfer,
              });
              if (result !== "sent") break;
              count++;
            }
            let hasRoom = false;
            const room = thread.whenRoom(place).then(() => hasRoom = true);
            await thread.ask(place, "double", 1, { timeoutMs: 60_000 }); // they have arrived
            results.push(count, hasRoom);
            results.push(
              await thread.ask(place, "holding.release", undefined, {
                timeoutMs: 60_000,
              }),
            );
            await room;
          }
        }
        return results;
      };
      const each = [8, false, 8];
      const expected = Array(15).fill(each).flat();
      assert.deepEqual(await a.run(tellAll, PLACES), expected);
      assert.deepEqual(
        await tellAll({ thread: threads as never }, PLACES),
        expected,
      );
    }, { services }));

  it("has no more than 64 MiB of small plain data unhandled either, again and again", () =>
    withAgents(2, async ([a], threads) => {
      const tellAll = async (
        { thread }: Pick<Agent, "thread">,
        places: ThreadId[],
      ) => {
        const lines = Array.from({ length: 60 }, () => "x".repeat(1000));
        const kinds = [{ lines }, lines, { a: lines[0], b: lines[1], c: 1 }];
        const results: unknown[] = [];
        for (const place of places) {
          for (const what of [...kinds, ...kinds]) {
            let count = 0;
            while (thread.tell(place, "holding.hold", what) === "sent") count++;
            const room = thread.whenRoom(place);
            await thread.ask(place, "double", 1, { timeoutMs: 60_000 }); // they have arrived
            const held = await thread.ask(place, "holding.release", undefined, {
              timeoutMs: 60_000,
            });
            await room;
            const size = "a" in what ? 2040 : 60_500;
            const isFilled = Math.abs(count * size / 2 ** 26 - 1) < 0.03; // 1 MiB may be released late
            results.push(isFilled && held === count ? "all" : [count, held]);
          }
        }
        return results;
      };
      const expected = Array(18).fill("all");
      assert.deepEqual(await a.run(tellAll, PLACES), expected);
      assert.deepEqual(
        await tellAll({ thread: threads as never }, PLACES),
        expected,
      );
    }, { services }));

  it("gets everything in order from a sender that waits for room", () =>
    withAgents(2, async ([a]) => {
      const count = 3 * MAX_TOLD;
      const [full, last] = await a.run(async ({ thread }, count) => {
        let full = 0;
        for (let i = 1; i <= count; i++) {
          while (thread.tell(1, "counter.addNext", i) === "full") {
            full++;
            await thread.whenRoom(1);
          }
        }
        return [
          full,
          await thread.ask(1, "counter.addNext", count + 1, {
            timeoutMs: 60_000,
          }),
        ];
      }, count);
      assert.ok(full as number >= 1 && full as number <= 6, `${full}`);
      assert.equal(last, count + 1);
    }));

  it("and ends is gone: waits for room end, and further messages count as refused", () =>
    withAgents(2, async (_agents, threads) => {
      assert.equal(fill(threads, 0).result, "full");
      const room = threads.whenRoom(0);
      threads.ask(0, "end").catch(() => {});
      await room;
      await eventually(
        () => threads.tell(0, "holding.hold") === "gone",
        "it is gone",
      );
      await threads.whenRoom(0);
      const { refused } = (await threads.stats()).main.serviceMessages;
      assert.ok(refused >= 2);
      assert.equal(threads.tell(1, "heard.hear"), "sent");
    }));

  it("gets messages again once it is restarted", () =>
    withAgents(1, async (_agents, threads) => {
      assert.equal(fill(threads, 0).result, "full");
      threads.ask(0, "end").catch(() => {});
      await threads.whenRoom(0);
      await eventually(
        () => threads.tell(0, "heard.hear", 1) === "sent",
        "it is there again",
      );
      assert.equal((await threads.ask(0, "heard.takeAll")).length, 1);
    }, { restart: true }));

  it("is gone once all are stopped, the main thread too", () =>
    withAgents(1, async (_agents, threads) => {
      assert.equal(fill(threads, "main").result, "full");
      const room = threads.whenRoom("main");
      await threads.stop({ graceMs: 0 });
      await room;
      assert.equal(threads.tell(0, "heard.hear"), "gone");
      assert.equal(threads.tell("main", "heard.hear"), "gone");
    }, { services }));
});

/** Runs `body` with one thread whose log is off, while the log of the main thread goes to `lines`. */
async function withLoudMain(
  body: (threads: Threads, lines: PeerLines) => Promise<void>,
): Promise<void> {
  const started: Threads[] = [];
  await quietly(async () =>
    void started.push(await startThreads(1, { services }))
  );
  const [threads] = started;
  const lines = new PeerLines();
  try {
    await logging(lines.sink, () => body(threads, lines));
  } finally {
    await threads.stop({ graceMs: 0 });
  }
}

describe("a message that fails", () => {
  it("is logged in one line and counted by the thread that got it; the sender and later messages go on", () =>
    withLoudMain(async (threads, { lines }) => {
      threads.tell("main", "fails.throws");
      threads.tell("main", "fails.rejects");
      threads.tell("main", "fails.throwsText");
      threads.tell("main", "nobody" as "noted");
      threads.tell("main", "heard.hear", "later");
      threads.tell(0, "fails.rejects");
      threads.tell(0, "heard.hear", "later");
      for (const place of ["main", 0] as const) {
        const [{ what }] = await threads.ask(place, "heard.takeAll");
        assert.equal(what, "later");
      }
      await eventually(() => lines.length >= 4, "all are told");
      assert.deepEqual(
        lines.map(({ parts }) => String(parts[0]).split(": there is no")[0])
          .sort(),
        [
          '"fails.rejects": SyntaxError: rejected',
          '"fails.throws": RangeError: thrown',
          '"fails.throwsText": HandlerError: the service "fails.throwsText" threw "text", which is not an Error',
          '"nobody": UnknownServiceError: Cannot answer "nobody"',
        ].map((what) => `Did not take what the main thread told ${what}`),
      );
      const { main, threads: [first] } = await threads.stats();
      assert.equal(main.serviceMessages.failed, 4);
      assert.equal(first.stats.serviceMessages.failed, 1);
    }));

  it("was handled once, and gives its room back like any other", () =>
    withAgents(1, async (_agents, threads) => {
      const half = MAX_TOLD / 2 + 1;
      for (const service of ["fails.throws", "fails.rejects"] as const) {
        for (let i = 0; i < half; i++) threads.tell(0, service);
        await threads.ask(0, "noted", undefined, { timeoutMs: 60_000 });
        assert.equal(threads.tell(0, "heard.hear"), "sent");
      }
      const { total } = await threads.stats();
      assert.equal(total.serviceMessages.failed, 2 * half);
    }));
});

describe("the sender of a message", () => {
  it("is known to the service, whose signal is aborted if that thread ends before the message is handled", () =>
    withAgents(2, async ([a], threads) => {
      await a.run(({ thread }) => {
        thread.tell(1, "waiting.start");
        thread.tell(1, "heard.hearLater", "done");
        setTimeout(() => {
          throw new Error("ended");
        }, 5);
      });
      await becomesTrue(async () =>
        await threads.ask(1, "waiting.abortedCount") === 1
      );
    }));
});
