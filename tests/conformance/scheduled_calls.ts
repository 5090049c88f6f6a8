import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidCallbackError,
  InvalidOptionError,
  MessageResult,
  type ReactRuntime,
  type ScheduledCall,
} from "../../mod.ts";
import { withCounting } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { logging, PeerLines, quietly, signal, withRuntime } from "./support.ts";

const ONE = Uint8Array.of(1);
const HOUR_MS = 3_600_000;

/** Schedules calls: a runtime, or the context of a connection. */
type Scheduler = Pick<ReactRuntime, "after" | "every">;

/** Scheduled calls of a runtime or a connection. */
export function scheduledCallPromises(environment: Environment): void {
  bothPromises(environment);
  runtimeCallPromises(environment);
  connectionCallPromises(environment);
  wakingPromises(environment);
}

/** What holds for the calls of a runtime and of a connection alike. */
function bothPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;

  /** Tests the same for both. */
  function both(
    name: string,
    body: (scheduler: Scheduler) => Promise<void>,
  ): void {
    it(`of a runtime ${name}`, () => withRuntime(adapter, {}, body));
    it(`of a connection ${name}`, () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx } = await openPair(environment, runtime);
        await body(serverCtx);
      }));
  }

  describe(`${adapter.name}: scheduled calls`, () => {
    both(
      "are made once, not too early, in the order of their times",
      async (scheduler) => {
        // This thread may lose time between two of them, so each is due within
        // a range of times.
        const calls = [40, 20, 20, 0.5, 0].map((ms) => ({
          ms,
          from: 0,
          to: 0,
        }));
        const made: typeof calls = [];
        let earlyCount = 0;
        for (const call of calls) {
          call.from = adapter.clock.now() + call.ms;
          scheduler.after(call.ms, () => {
            made.push(call);
            if (adapter.clock.now() < call.from) earlyCount++;
          });
          call.to = adapter.clock.now() + call.ms;
        }
        assert.equal(made.length, 0);
        await eventually(() => made.length === calls.length, "all are made");
        await sleep(20);
        assert.equal(made.length, calls.length);
        assert.equal(new Set(made).size, calls.length);
        assert.equal(earlyCount, 0);
        let latest = 0;
        for (const { from, to } of made) {
          assert.ok(to >= latest, "in the order of their times");
          latest = Math.max(latest, from);
        }
        const [, first, second] = calls;
        assert.ok(made.indexOf(first) < made.indexOf(second), "the same time");
      },
    );

    both(
      "are made one after the other, never inside each other",
      async (scheduler) => {
        let depth = 0;
        let deepest = 0;
        let count = 0;
        const call = () => {
          deepest = Math.max(deepest, ++depth);
          if (++count < 20) scheduler.after(0, call);
          depth--;
        };
        scheduler.after(0, call);
        await eventually(() => count === 20, "all are made");
        assert.equal(deepest, 1);
      },
    );

    both("can be cancelled while they are pending", async (scheduler) => {
      let count = 0;
      const call = () => void count++;
      const cancelled = scheduler.after(10, call);
      assert.ok(cancelled.isPending);
      assert.equal(cancelled.cancel(), true);
      assert.ok(!cancelled.isPending);
      assert.equal(cancelled.cancel(), false);
      const disposed = scheduler.after(10, call);
      disposed[Symbol.dispose]();
      assert.ok(!disposed.isPending);
      const other: ScheduledCall = scheduler.after(30, call);
      const canceller = scheduler.after(20, () => {
        assert.ok(!canceller.isPending);
        assert.equal(canceller.cancel(), false);
        assert.equal(other.cancel(), true);
      });
      await eventually(() => !canceller.isPending, "it is made");
      await sleep(40);
      assert.equal(count, 0);
    });

    both(
      "go on with every until they are cancelled, from inside as well",
      async (scheduler) => {
        let count = 0;
        const begin = adapter.clock.now();
        const calls = scheduler.every(5, () => {
          count++;
          assert.ok(calls.isPending);
          assert.ok(adapter.clock.now() - begin >= 5 * count, "not too early");
          if (count === 4) assert.equal(calls.cancel(), true);
        });
        await eventually(() => !calls.isPending, "it is cancelled");
        await sleep(20);
        assert.equal(count, 4);
        assert.equal(calls.cancel(), false);
      },
    );

    both(
      "with every do not pile up while the thread is held up",
      async (scheduler) => {
        const times: number[] = [];
        const calls = scheduler.every(20, () => {
          times.push(adapter.clock.now());
          if (times.length === 1) environment.blockEventLoop(200);
        });
        await eventually(() => times.length >= 4, "it goes on");
        calls.cancel();
        const since = times[3] - times[0] - 200;
        // Of ten missed calls one is made, and then each at its time.
        assert.ok(since >= 20, `3 calls ${since} ms after that`);
      },
    );

    both(
      "refuse anything but a time, and what cannot be called",
      (scheduler) => {
        const call = () => {};
        for (const ms of [NaN, Infinity, -1, "5", null, undefined, {}]) {
          const bad = {
            name: "InvalidOptionError",
            message: /Cannot call (after|every) /,
          };
          assert.throws(() => scheduler.after(ms as number, call), bad);
          assert.throws(() => scheduler.every(ms as number, call), bad);
        }
        assert.throws(() => scheduler.every(0.5, call), InvalidOptionError);
        for (const callback of [undefined, null, "call", {}]) {
          const given = callback as unknown as () => void;
          assert.throws(() => scheduler.after(1, given), InvalidCallbackError);
          assert.throws(() => scheduler.every(1, given), TypeError);
        }
        return Promise.resolve();
      },
    );
  });
}

function runtimeCallPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: scheduled calls of a runtime`, () => {
    it("keep run going until they are made or cancelled", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        runtime.after(20, () => {
          count++;
          runtime.after(20, () => void count++);
        });
        await runtime.run();
        assert.equal(count, 2);
        const calls = runtime.every(10, () => {
          if (++count === 5) calls.cancel();
        });
        await runtime.run();
        assert.equal(count, 5);
        const never = runtime.after(HOUR_MS, () => void count++);
        let isOver = false;
        const running = runtime.run().then(() => isOver = true);
        await sleep(20);
        assert.ok(!isOver);
        const cancelledAt = adapter.clock.now();
        never.cancel();
        await running;
        assert.equal(count, 5);
        assert.ok(adapter.clock.now() - cancelledAt < HOUR_MS / 2, "it wakes");
      }));

    it("are cancelled when it stops, and not pending once it is stopped", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        const calls = [
          runtime.after(10, () => void count++),
          runtime.every(10, () => void count++),
          runtime.after(HOUR_MS, () => void count++),
        ];
        const stopped = runtime.stop();
        for (const call of calls) {
          assert.ok(!call.isPending);
          assert.equal(call.cancel(), false);
        }
        await stopped;
        for (
          const late of [
            runtime.after(0, () => void count++),
            runtime.every(1, () => void count++),
          ]
        ) {
          assert.ok(!late.isPending);
          assert.equal(late.cancel(), false);
        }
        assert.throws(() => runtime.after(NaN, () => {}), InvalidOptionError);
        await sleep(30);
        assert.equal(count, 0);
      }));

    it("that throw or reject are logged in one line, and go on", async () => {
      const log = new PeerLines();
      await logging(
        log.sink,
        () =>
          withRuntime(adapter, {}, async (runtime) => {
            let count = 0;
            const calls = runtime.every(5, () => {
              if (++count === 1) throw new Error("the first");
            });
            runtime.after(1, () => Promise.reject(new Error("the second")));
            runtime.after(1, () => {
              throw "only text";
            });
            await eventually(() => count === 3, "it goes on");
            calls.cancel();
          }),
      );
      const text = log.lines.map(({ parts }) => `${parts[0]}`).join("\n");
      assert.equal(log.lines.length, 3, text);
      assert.match(text, /scheduled on a runtime failed: Error: the second/);
      assert.match(text, /scheduled on a runtime failed: Error: the first/);
      assert.match(
        text,
        /HandlerError: a scheduled call threw "only text"/,
      );
    });

    it("are made only within processEvents, once that is called, and wake it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        runtime.after(10, () => void count++);
        assert.equal(await runtime.processEvents({ timeoutMs: 0 }), true);
        await sleep(40);
        assert.equal(count, 0);
        const begin = adapter.clock.now();
        while (await runtime.processEvents({ timeoutMs: 60_000 }));
        assert.equal(count, 1);
        assert.equal(await runtime.processEvents({ timeoutMs: 60_000 }), false);

        const calls = runtime.every(HOUR_MS, () => {});
        const waiting = runtime.processEvents({ timeoutMs: 60_000 });
        runtime.after(10, () => void count++);
        await waiting;
        while (count < 2) await runtime.processEvents({ timeoutMs: 60_000 });
        const last = runtime.processEvents({ timeoutMs: 60_000 });
        calls.cancel();
        assert.equal(await last, false);
        assert.ok(adapter.clock.now() - begin < 30_000);
      }));
  });
}

function connectionCallPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: scheduled calls of a connection`, () => {
    it("are cancelled before onClose, however it is closed; what is scheduled then is not pending", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let count = 0;
        const call = () => void count++;
        const calls: ScheduledCall[] = [];
        const late: ScheduledCall[] = [];
        let isPendingAtClose = false;
        const server = () => {
          const connection = watched({
            onClose(_reason, ctx) {
              if (calls.some((call) => call.isPending)) isPendingAtClose = true;
              late.push(ctx.after(0, call), ctx.every(1, call));
            },
          });
          return connection;
        };
        const endings: ((
          ctx: Awaited<ReturnType<typeof watched>["connected"]>,
          end: () => void,
        ) => void)[] = [
          (ctx) => ctx.close(),
          (ctx) => ctx.abort(),
          (_ctx, end) => end(),
          (ctx) => ctx.cmdSender.sendClose(ctx.id),
        ];
        for (const ending of endings) {
          calls.length = 0;
          const connection = server();
          const address = await serve(
            environment,
            runtime,
            () => connection.reactor,
          );
          const peer = await connectPeer(address);
          const ctx = await connection.connected;
          calls.push(
            ctx.after(20, call),
            ctx.every(20, call),
            ctx.after(HOUR_MS, call),
          );
          ending(ctx, () => peer.end());
          void peer.ended.then(() => peer.end());
          await connection.closed;
          assert.ok(!isPendingAtClose);
          assert.ok(calls.every((call) => call.cancel() === false));
          await peer.closed;
        }
        await sleep(40);
        assert.equal(count, 0);
        assert.equal(late.length, 8);
        assert.ok(late.every((call) => !call.isPending && !call.cancel()));
      }));

    it("are cancelled by close at once: the reactor gets only onClose", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx, clientCtx, server } = await openPair(
          environment,
          runtime,
        );
        clientCtx.pauseReading(); // so that it does not see the FIN
        const call = serverCtx.every(1, () => server.calls.push("call"));
        serverCtx.close();
        assert.ok(!call.isPending);
        await sleep(20);
        assert.ok(!server.calls.includes("call"));
        clientCtx.resumeReading();
        await server.closed;
      }));

    it("do not keep run from ending, nor the runtime from stopping", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx } = await openPair(environment, runtime);
        const calls = serverCtx.every(1, () => {});
        const running = runtime.run();
        await runtime.stop();
        await running;
        assert.ok(!calls.isPending);
      }));

    it("that throw close it with that error, and so do those whose promise rejects", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const error = new Error("no more");
          const throwing = await openPair(environment, runtime);
          const other = throwing.serverCtx.every(1, () => {
            throw error;
          });
          assert.equal(await throwing.server.closed, error);
          assert.ok(!other.isPending);
          const rejecting = await openPair(environment, runtime);
          rejecting.serverCtx.after(0, () => Promise.reject(error));
          assert.equal(await rejecting.server.closed, error);
          assert.equal(await rejecting.client.closed, undefined);
        })
      ));

    it("send in one write, at the end of the turn", () =>
      withCounting(environment, async (runtime, counting) => {
        const { serverCtx, clientCtx } = await openPair<string>(
          environment,
          runtime,
        );
        const before = counting.wrapperOf(serverCtx.socket).writeCount;
        const sent = signal();
        serverCtx.after(1, () => {
          for (let i = 0; i < 100; i++) serverCtx.sendOrQueue(ONE);
          serverCtx.sendOrQueue(ONE, () => sent.resolve());
          assert.equal(counting.wrapperOf(serverCtx.socket).writeCount, before);
        });
        await sent.promise;
        assert.equal(
          counting.wrapperOf(serverCtx.socket).writeCount,
          before + 1,
        );
        clientCtx.abort();
        await eventually(() => runtime.connectionCount === 0, "closed");
      }));
  });
}

const LIMIT_MS = 100;

function wakingPromises(environment: Environment): void {
  const { adapter, connectAnsweringPeer, eventually, blockEventLoop } =
    environment;
  describe(`${adapter.name}: what scheduled calls wait for`, () => {
    it("data that came in before one was due is handled before it, even if the thread was blocked", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const server = watched({
          onInboundMessage(buf) {
            seen.push("the answer");
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const peer = await connectAnsweringPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.begin();
        const ctx = await server.connected;
        ctx.sendOrQueue(ONE, () => {
          runtime.after(LIMIT_MS, () => seen.push("the time limit"));
          ctx.after(
            LIMIT_MS,
            () => seen.push("the time limit of the connection"),
          );
          blockEventLoop(2 * LIMIT_MS, () => peer.answeredCount > 0);
        });
        await eventually(() => seen.length === 3, "all");
        assert.deepEqual(seen, [
          "the answer",
          "the time limit",
          "the time limit of the connection",
        ]);
        ctx.close();
        await peer.gone;
      }));

    it("one timer of the host serves any number, and none is left when they are cancelled", () =>
      withCounting(environment, async (runtime, counting) => {
        const calls: ScheduledCall[] = [];
        for (let i = 0; i < 100_000; i++) {
          calls.push(runtime.after(HOUR_MS + (i * 7919) % 100_000, () => {}));
        }
        assert.equal(counting.armedTimers.size, 1);
        for (const call of calls) assert.ok(call.cancel());
        await eventually(() => counting.armedTimers.size === 0, "disarmed");
      }));

    it("a time limit that is scheduled and cancelled again and again sets no timer of its own", () =>
      withCounting(environment, async (runtime, counting) => {
        const { serverCtx } = await openPair<string>(environment, runtime);
        serverCtx.after(HOUR_MS, () => {}).cancel();
        const { timerCount, turnCount } = counting;
        for (let i = 0; i < 100; i++) {
          assert.ok(serverCtx.after(HOUR_MS, () => {}).cancel());
        }
        assert.equal(counting.timerCount, timerCount);
        assert.equal(counting.turnCount, turnCount);
        serverCtx.abort();
      }));
  });
}
