import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  InvalidOptionError,
  type ReactRuntime,
  RequestClient,
  RequestQueueFullError,
  serve,
} from "../../mod.ts";
import { bytesOf, type Call, call, calls, callsOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import {
  ANSWER,
  answeringClient,
  answerOf,
  correlate,
  openBothWays,
  type Server,
} from "./both_ways.ts";
import { ByHand, type Handler, type ServerOptions } from "./by_hand.ts";
import type { Environment } from "./environment.ts";
import type { ClientOptions } from "./scripted.ts";
import { quietly, withRuntime, withTwoRuntimes } from "./support.ts";

const OFTEN_IDLE = { writeIdleTimeoutMs: 10 };

/** How both ends of one connection ask. */
export function askingBothWaysPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  const open = (
    runtime: ReactRuntime,
    handler: Handler,
    serverOptions?: ServerOptions,
    options?: ClientOptions,
  ) => openBothWays(environment, runtime, handler, serverOptions, options);

  describe(`${adapter.name}: requests both ways on one connection`, () => {
    it("each end asks, answers, and asks back before it answers", () =>
      withTwoRuntimes(adapter, async (first, second) => {
        const peers: RequestClient<Call, Call>[] = [];
        const handlerOf = (place: number): Handler => async (request) => {
          if (request.value === 0) return answerOf(request);
          const next = call(request.value - 1);
          const { value } = await peers[place].request(next);
          return { ...request, op: ANSWER, value: value + 1 };
        };
        for (const [place, runtime] of [first, second].entries()) {
          const server = serve(calls, handlerOf(place), { order: "any" });
          peers.push(answeringClient(runtime, server));
        }
        const handler = new DefaultTcpListenerHandler(() => peers[0].reactor());
        const { address } = await first.listen(anyPort, handler);
        await second.connect(address, peers[1].reactor());
        const asked = peers.flatMap((peer) =>
          [...Array(10).keys()].map((value) => peer.request(call(value)))
        );
        const values = (await Promise.all(asked)).map(({ value }) => value);
        const expected = [...Array(10).keys()].map((value) => 1000 + value);
        assert.deepEqual(values, [...expected, ...expected]);
        await peers[0].close();
        await peers[1].close();
      }));

    it("what is more than concurrency or maxConcurrent is refused, while answers still come in", async () => {
      for (const bound of ["concurrency", "maxConcurrent"] as const) {
        await withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const errors: unknown[] = [];
          const { client, peer, has, got, server } = await open(
            runtime,
            async (...args) => answerOf(await hand.handler(...args) as Call),
            {
              [bound]: 2,
              onError(error, request) {
                errors.push(error);
                return { ...request, op: ANSWER, value: 9 };
              },
            },
          );
          peer.send(bytesOf(call(1, 1), call(2, 2), call(3, 3), call(4, 4)));
          await has(2);
          assert.deepEqual(got(), [call(9, 3, ANSWER), call(9, 4, ANSWER)]);
          assert.ok(errors.every((e) => e instanceof RequestQueueFullError));
          assert.match(
            `${errors[0]}`,
            new RegExp(`2 requests are under way \\(${bound}\\)`),
          );
          const answer = client.request(call(7));
          await has(3);
          peer.send(bytesOf(call(8, 0, ANSWER)));
          assert.equal((await answer).value, 8);
          hand.answer(1, 2);
          await has(5);
          peer.send(bytesOf(call(5, 5)));
          await eventually(() => hand.begun.length === 3, "there is room");
          hand.answer(5);
          await has(6);
          assert.equal(server.activeCount, 0);
          assert.equal(server.failedCount, 2);
        });
      }
    });

    it("a peer that goes on asking until as many refusals wait is closed", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const { peer, closed, isClosed } = await open(runtime, hand.handler, {
            concurrency: 2,
            order: "request", // so that refusals wait
            onError: (_error, request) => answerOf(request),
          });
          const ask = (count: number) =>
            peer.send(bytesOf(...Array(count).fill(call(1))));
          ask(4);
          await sleep(20);
          assert.equal(closed.length, 0);
          ask(1);
          await peer.ended;
          peer.end();
          await isClosed();
          assert.ok(closed[0] instanceof RequestQueueFullError);
        })
      ));

    it("an answer that nobody waits for is no request", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const stray: Call[] = [];
        const { server, client, peer, has } = await open(
          runtime,
          answerOf,
          {},
          { onUnsolicited: (message) => void stray.push(message) },
        );
        peer.send(bytesOf(call(5, 77, ANSWER), call(1)));
        await has(1);
        assert.deepEqual(stray, [call(5, 77, ANSWER)]);
        assert.equal(client.unsolicitedCount, 1);
        assert.equal(server.requestCount, 1);
      }));

    it("a handler that fails while as many refusals wait as may is answered by onError", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { peer, closed, has, got } = await open(runtime, hand.handler, {
          concurrency: 1,
          order: "request", // so that refusals wait
          onError: (_error, { id, value }) => call(value + 2000, id, ANSWER),
        });
        peer.send(bytesOf(call(1, 1), call(2, 2)));
        await eventually(() => hand.begun.length === 1, "it is begun");
        await sleep(20);
        hand.fail(1, new Error("on purpose"));
        await has(2);
        assert.deepEqual(got(), [call(2001, 1, ANSWER), call(2002, 2, ANSWER)]);
        assert.equal(closed.length, 0);
      }));

    it("where answers come in order, too, isUnsolicited tells them from requests", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { client, peer, has, got } = await open(
          runtime,
          answerOf,
          { order: "request" },
          { correlate: "in-order" },
        );
        const answers = [client.request(call(1)), client.request(call(2))];
        await has(2);
        peer.send(bytesOf(call(11, 0, ANSWER), call(3), call(12, 0, ANSWER)));
        const values = (await Promise.all(answers)).map(({ value }) => value);
        assert.deepEqual(values, [11, 12]);
        await has(3);
        assert.deepEqual(got()[2], call(1003, 0, ANSWER));
      }));

    it("what onConnected of the server sends goes out before requests that wait", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const server = serve(calls, answerOf, {
          onConnected: (served) => void served.send(call(500)),
        });
        const client = answeringClient(runtime, server);
        const answer = client.request(call(1));
        const { address } = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler(() => client.reactor()),
        );
        const peer = await connectPeer(asTcp(address));
        const got = () => callsOf(peer.chunks);
        await eventually(() => got().length === 2, "both came in");
        assert.deepEqual(got().map(({ value }) => value), [500, 1]);
        peer.send(bytesOf({ ...got()[1], op: ANSWER }));
        await answer;
      }));

    it("calls the hooks of the server and of the client, even if one of them throws", () =>
      quietly(() =>
        withRuntime(adapter, OFTEN_IDLE, async (runtime: ReactRuntime) => {
          const seen = new Set<string>();
          const { peer } = await open(runtime, answerOf, {
            onConnected: () => void seen.add("connected"),
            onIdle() {
              seen.add("idle");
              throw new Error("on purpose");
            },
            onClose() {
              seen.add("closed");
              throw new Error("on purpose");
            },
          }, {
            onConnected: () => void seen.add("client connected"),
            onIdle: () => void seen.add("client idle"),
            onClose: () => void seen.add("client closed"),
          });
          await peer.ended;
          peer.end();
          await eventually(() => seen.size === 6, "all are called");
          assert.deepEqual([...seen], [
            "connected",
            "client connected",
            "idle",
            "client idle",
            "closed",
            "client closed",
          ]);
        })
      ));

    it("refuses a server where nothing tells requests from answers, one with another codec, and what is no server", () =>
      withRuntime(adapter, {}, (runtime: ReactRuntime) => {
        const server = serve(calls, answerOf);
        assert.throws(
          () => new RequestClient(runtime, calls, { correlate, server }),
          { name: InvalidOptionError.name, message: /without isUnsolicited/ },
        );
        assert.throws(
          () => answeringClient(runtime, serve({ ...calls }, answerOf)),
          { name: InvalidOptionError.name, message: /another codec/ },
        );
        for (const bad of [answerOf, {}, "server", null]) {
          assert.throws(
            () => answeringClient(runtime, bad as unknown as Server),
            { name: InvalidOptionError.name, message: /serve\(\)/ },
          );
        }
        return Promise.resolve();
      }));
  });
}
