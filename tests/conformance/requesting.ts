import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  byProperty,
  type Codec,
  CodecError,
  ConnectionClosedError,
  DuplicateRequestIdError,
  InvalidOptionError,
  type ReactRuntime,
  RequestCancelledError,
  RequestClient,
  RequestQueueFullError,
  RequestTimeoutError,
} from "../../mod.ts";
import { type Call, call, calls } from "../support/calls.ts";
import type { Environment } from "./environment.ts";
import {
  type ClientOptions,
  failsWith,
  openClient,
  type Opened,
  prepare,
  ScriptOutcome,
} from "./scripted.ts";
import { steady } from "./steady.ts";
import { withRuntime } from "./support.ts";

const byId = byProperty("id", { maxId: 254 });

/** Four ids. */
const byFewIds = byProperty("id", { maxId: 3 });

/** How a client sends requests. */
export function requestingPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, eventually, sleep } = environment;

  const open = (runtime: ReactRuntime, options?: ClientOptions) =>
    openClient(environment, runtime, options);
  const prepared = (runtime: ReactRuntime, options?: ClientOptions) =>
    prepare(environment, runtime, options);

  describe(`${adapter.name}: a client of requests`, () => {
    it("matches answers to requests in order", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, has } = await open(runtime);
        const outcomes = [1, 2, 3].map((value) => ask(value));
        await has(3);
        assert.equal(client.inFlightCount, 3);
        script.answer(1, 2, 3);
        for (const { settled } of outcomes) await settled;
        assert.deepEqual(outcomes.map(({ value }) => value), [
          1001,
          1002,
          1003,
        ]);
        assert.equal(client.answeredCount, 3);
        assert.equal(client.inFlightCount, 0);
      }));

    it("matches answers to requests by ids that it assigns, and gives each caller its own id back", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, has } = await open(runtime, {
          correlate: byId,
        });
        const answers = [1, 2, 3].map((value) =>
          client.request(call(value, 42))
        );
        await has(3);
        assert.deepEqual(script.requests.map(({ id }) => id), [0, 1, 2]);
        script.answer(3, 1, 2);
        assert.deepEqual(await Promise.all(answers), [
          call(1001, 42),
          call(1002, 42),
          call(1003, 42),
        ]);
      }));

    it("matches answers to requests by the callers' ids, and refuses an id that already waits", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, has } = await open(runtime, {
          correlate: { idOf: ({ id }) => id, idOfRequest: ({ id }) => id },
        });
        const answers = [1, 2].map((value) =>
          client.request(call(value, 10 + value))
        );
        await assert.rejects(
          client.request(call(3, 11)),
          DuplicateRequestIdError,
        );
        await assert.rejects(
          client.request({ ...call(3), id: undefined as never }),
          InvalidOptionError,
        );
        await has(2);
        script.answer(2, 1);
        assert.deepEqual(await Promise.all(answers), [
          call(1001, 11),
          call(1002, 12),
        ]);
        const again = client.request(call(4, 11));
        await has(3);
        script.answer(4);
        assert.equal((await again).value, 1004);
      }));

    it("has no more requests in flight than the window, one at a time if that is 1", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const correlate of ["in-order", byId] as const) {
          for (const window of [1, 2]) {
            const { script, client, ask, has } = await open(runtime, {
              correlate,
              window,
            });
            const outcomes = [1, 2, 3, 4].map((value) => ask(value));
            for (let done = 1; done <= 4; done++) {
              const most = Math.min(4, done - 1 + window);
              await has(most);
              await sleep(2);
              assert.equal(script.requests.length, most);
              assert.equal(client.queuedCount, 4 - most);
              script.answer(done);
              await outcomes[done - 1].settled;
            }
            await client.close();
          }
        }
      }));

    it("queues requests made before there is a connection, in order, and no more than maxQueue", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, connect, has } = await prepared(runtime, {
          maxQueue: 3,
        });
        const outcomes = [1, 2, 3].map((value) => ask(value));
        await failsWith(ask(4), RequestQueueFullError);
        assert.equal(client.queuedCount, 3);
        assert.equal(client.isConnected, false);
        await connect();
        await has(3);
        script.answer(1, 2, 3);
        for (const { settled } of outcomes) await settled;
        assert.deepEqual(script.values, [1, 2, 3]);
        assert.equal(client.requestCount, 3);
      }));

    it("with a maxQueue of 0 sends requests as far as the window has room, and refuses the rest", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, ask, has } = await open(runtime, {
          maxQueue: 0,
          window: 1,
        });
        const first = ask(1);
        await failsWith(ask(2), RequestQueueFullError);
        await has(1);
        script.answer(1);
        await first.settled;
        assert.equal(first.value, 1001);
      }));

    it("counts unsolicited messages, and gives them to onUnsolicited", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const correlate of ["in-order", byId] as const) {
          const told: number[] = [];
          const { script, client, ask, has } = await open(runtime, {
            correlate,
            isUnsolicited: ({ op }) => op === 9,
            onUnsolicited: ({ value }) => void told.push(value),
          });
          script.send(call(7, 99)); // nothing was requested
          await eventually(() => told.length === 1, "it is told");
          const outcome = ask(1);
          await has(1);
          script.send(call(8, script.requests[0].id, 9)); // pushed
          script.answer(1);
          script.answer(1); // a second time
          await outcome.settled;
          await eventually(() => told.length === 3, "all are told");
          assert.equal(outcome.value, 1001);
          assert.deepEqual(told, [7, 8, 1001]);
          assert.equal(client.unsolicitedCount, 3);
          await client.close();
        }
      }));

    it("accepts requests from its hooks, even while it sends", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const inner: ScriptOutcome[] = [];
        const opened: Opened = await open(runtime, {
          correlate: {
            ...byId,
            withId(request, id) {
              if (request.value === 1) inner.push(opened.ask(2));
              return { ...request, id };
            },
          },
          onUnsolicited: () => void inner.push(opened.ask(3)),
        });
        const outer = opened.ask(1);
        await opened.has(2);
        opened.script.send(call(0, 99));
        await opened.has(3);
        assert.deepEqual(opened.script.values, [1, 2, 3]);
        assert.equal(
          new Set(opened.script.requests.map(({ id }) => id)).size,
          3,
        );
        opened.script.answer(1, 2, 3);
        for (const { settled } of [outer, ...inner]) await settled;
        assert.deepEqual(inner.map(({ value }) => value), [1002, 1003]);
      }));

    it("fails a request that cannot be encoded with the codec's error, and goes on with the next", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, has } = await open(runtime, {
          correlate: byFewIds,
          window: 1,
        });
        for (let i = 0; i < 8; i++) await failsWith(ask(70_000), CodecError);
        const outcome = ask(1);
        await has(1);
        script.answer(1);
        await outcome.settled;
        assert.equal(outcome.value, 1001);
        assert.equal(client.inFlightCount, 0);
      }));
  });

  lateAnswers();
  cancelling();

  function lateAnswers(): void {
    describe(`${adapter.name}: a client of requests: time-outs`, () => {
      it("a request that is not answered in time fails, and a late answer is counted and dropped", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          for (const correlate of ["in-order", byId] as const) {
            const { script, client, ask, has } = await open(runtime, {
              correlate,
              window: 2,
              timeoutMs: 20,
            });
            const late = ask(1);
            const { wasSent } = await failsWith(late, RequestTimeoutError);
            assert.equal(wasSent, true);
            assert.equal(client.timedOutCount, 1);
            assert.equal(client.overdueCount, 1);
            const next = ask(2, { timeoutMs: 5000 });
            await has(2);
            script.answer(1, 2);
            await next.settled;
            assert.equal(next.value, 1002, "it got its own answer");
            assert.equal(client.lateCount, 1);
            assert.equal(client.overdueCount, 0);
            await client.close();
          }
        }));

      it("a request that waits for a connection times out, and is never sent", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, ask, connect, has } = await prepared(runtime, {
            timeoutMs: 20,
          });
          const { wasSent } = await failsWith(ask(1), RequestTimeoutError);
          assert.equal(wasSent, false);
          await connect();
          void ask(2);
          await has(1);
          assert.deepEqual(script.values, [2]);
        }));

      it("an id is not reused while a late answer may come, and the connection is closed when all ids wait for one", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, client, ask, has } = await open(runtime, {
            correlate: byFewIds,
            timeoutMs: 5000,
          });
          const ids = () => script.requests.map(({ id }) => id);
          await failsWith(ask(1, { timeoutMs: 10 }), RequestTimeoutError);
          await failsWith(ask(2, { timeoutMs: 10 }), RequestTimeoutError);
          // Two of the ids are left.
          for (let value = 3; value < 9; value++) {
            const outcome = ask(value);
            await has(value);
            script.answer(value);
            await outcome.settled;
            assert.equal(outcome.value, 1000 + value);
          }
          assert.deepEqual(ids(), [0, 1, 2, 3, 2, 3, 2, 3]);
          script.answer(1);
          await eventually(() => client.lateCount === 1, "one is free again");
          const three = [9, 10, 11].map((value) =>
            ask(value, { timeoutMs: 20 })
          );
          await has(11);
          assert.deepEqual(ids().slice(8), [0, 2, 3]);
          const fifth = ask(12, { timeoutMs: 5000 });
          assert.equal(client.queuedCount, 1, "no id is free");
          for (const one of three) await failsWith(one, RequestTimeoutError);
          await eventually(() => script.openCount === 0, "it is closed");
          assert.equal(fifth.isSettled, false, "it waits for a connection");
          await client.close();
          await failsWith(fifth, ConnectionClosedError);
        }));

      it("a slot of the window is kept for a late answer, so that the peer never has more requests than the window, and the connection is closed when all are kept: with a window of 1 at once", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          for (const correlate of ["in-order", byId] as const) {
            for (const window of [1, 2]) {
              const { script, client, ask, has } = await open(runtime, {
                correlate,
                window,
              });
              for (let i = 1; i <= window; i++) {
                assert.equal(client.isConnected, true);
                await failsWith(ask(i, { timeoutMs: 10 }), RequestTimeoutError);
                await has(i);
              }
              const next = ask(3);
              await eventually(() => script.openCount === 0, "it is closed");
              assert.equal(script.requests.length, window);
              assert.equal(next.isSettled, false, "it waits for a connection");
              await client.close();
            }
          }
        }));
    });
  }

  function cancelling(): void {
    describe(`${adapter.name}: a client of requests: cancelling`, () => {
      it("a request whose signal is aborted before it is sent is never sent", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, client, ask, has } = await open(runtime, {
            window: 1,
          });
          const controller = new AbortController();
          const { signal } = controller;
          const first = ask(1);
          const cancelled = ask(2, { signal });
          const third = ask(3);
          controller.abort(new Error("never mind"));
          const error = await failsWith(cancelled, RequestCancelledError);
          assert.equal(error.cause, signal.reason);
          const again = await failsWith(
            ask(4, { signal }),
            RequestCancelledError,
          );
          assert.deepEqual([error.wasSent, again.wasSent], [false, false]);
          await has(1);
          script.answer(1);
          await has(2);
          script.answer(3);
          await first.settled;
          await third.settled;
          assert.deepEqual(script.values, [1, 3]);
          assert.equal(client.lateCount, 0);
        }));

      it("one that was sent keeps its slot until it is answered, and the answer is dropped", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          for (const correlate of ["in-order", byId] as const) {
            const { script, client, ask, has } = await open(runtime, {
              correlate,
              window: 1,
            });
            const controller = new AbortController();
            const first = ask(1, controller);
            await has(1);
            controller.abort();
            const error = await failsWith(first, RequestCancelledError);
            assert.equal(error.wasSent, true);
            const second = ask(2);
            await sleep(5);
            assert.equal(script.requests.length, 1);
            script.answer(1);
            await has(2);
            script.answer(2);
            await second.settled;
            assert.equal(second.value, 1002);
            assert.equal(client.lateCount, 1);
            await client.close();
          }
        }));

      it("a cancelled one keeps its slot even after its time limit, and the connection is closed when all slots are kept so", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          for (const correlate of ["in-order", byId] as const) {
            const { script, client, ask, has } = await open(runtime, {
              correlate,
              window: 2,
            });
            const controller = new AbortController();
            const { signal } = controller;
            const first = ask(1, { signal, timeoutMs: 100 });
            // Late enough for the test to observe what happens before, even on
            // a busy machine.
            const second = ask(2, { signal, timeoutMs: 500 });
            const third = ask(3);
            await has(2);
            controller.abort();
            await failsWith(first, RequestCancelledError);
            await failsWith(second, RequestCancelledError);
            await eventually(() => client.overdueCount === 1, "time is over");
            assert.equal(client.queuedCount, 1, "it waits for a place");
            await eventually(() => script.openCount === 0, "it is closed");
            assert.equal(client.timedOutCount, 0);
            assert.equal(third.isSettled, false, "it waits for a connection");
            await client.close();
          }
        }));

      it("one without a time limit is overdue at once: others are sent, and the connection is closed when all slots are kept so", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, client, ask, has } = await open(runtime, {
            correlate: byFewIds,
            window: 4,
            timeoutMs: 0,
          });
          for (let i = 0; i < 4; i++) {
            const controller = new AbortController();
            const given = ask(i, controller);
            await has(i + 1);
            controller.abort();
            await failsWith(given, RequestCancelledError);
            assert.equal(client.inFlightCount, 0);
            if (i < 3) assert.equal(client.overdueCount, i + 1);
            if (i === 2) {
              const next = ask(9);
              await has(4);
              script.answer(9);
              await next.settled;
              assert.equal(next.value, 1009);
              script.requests.pop();
            }
          }
          await eventually(() => !client.isConnected, "it is closed");
        }));

      it("one that is cancelled while it is encoded counts as sent if it is sent", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const controller = new AbortController();
          const cancelling: Codec<Call> = {
            ...calls,
            encode(message, out) {
              controller.abort();
              calls.encode(message, out);
            },
          };
          const { script, address, has } = await prepared(runtime);
          const client = new RequestClient(runtime, cancelling);
          await runtime.connect(address, client.reactor());
          const outcome = new ScriptOutcome(
            client.request(call(1), controller),
          );
          const error = await failsWith(outcome, RequestCancelledError);
          assert.equal(error.wasSent, true);
          await has(1);
          script.answer(1);
          await eventually(() => client.lateCount === 1, "it is answered");
        }));

      it("a signal that outlives its requests keeps none of them in memory", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, ask, has } = await open(runtime);
          let listenerCount = 0;
          const signal = new Proxy(new AbortController().signal, {
            get(target, name) {
              if (name === "addEventListener") listenerCount++;
              if (name === "removeEventListener") listenerCount--;
              const value = Reflect.get(target, name);
              return typeof value === "function" ? value.bind(target) : value;
            },
          });
          // The option is read once for each.
          const outcomes = [1, 2].map((value) => ask(value, { signal }));
          await failsWith(
            ask(3, { signal, timeoutMs: 5 }),
            RequestTimeoutError,
          );
          await has(2);
          script.answer(1, 2);
          for (const { settled } of outcomes) await settled;
          assert.equal(listenerCount, 0);
        }));
    });
  }
}
