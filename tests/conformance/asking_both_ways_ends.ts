import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  DefaultTcpListenerHandler,
  type ReactRuntime,
  RequestLostError,
  serve,
} from "../../mod.ts";
import { bytesOf, type Call, call, calls, callsOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import {
  ANSWER,
  answeringClient,
  answerOf,
  openBothWays,
} from "./both_ways.ts";
import { ByHand, type Handler, type ServerOptions } from "./by_hand.ts";
import type { Environment } from "./environment.ts";
import { type ClientOptions, ScriptOutcome } from "./scripted.ts";
import { withRuntime } from "./support.ts";

/** How a connection ends on which both ends ask. */
export function askingBothWaysEndPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  const open = (
    runtime: ReactRuntime,
    handler: Handler,
    serverOptions?: ServerOptions,
    options?: ClientOptions,
  ) => openBothWays(environment, runtime, handler, serverOptions, options);

  describe(`${adapter.name}: requests both ways on one connection, at its end`, () => {
    it("a connection made while close waits gets the answers that it owes, and begins no request", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const errors: unknown[] = [];
        const server = serve(calls, answerOf, {
          onError(error, request) {
            errors.push(error);
            return { ...request, op: ANSWER, value: 9 };
          },
        });
        const client = answeringClient(runtime, server);
        const answer = client.request(call(1));
        const closing = client.close({ drainMs: 60_000 });
        const { address } = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler(() => client.reactor()),
        );
        const peer = await connectPeer(asTcp(address));
        peer.send(bytesOf(call(2, 2)));
        const got = () => callsOf(peer.chunks);
        await eventually(() => got().length === 2, "both came in");
        const refused = got().find(({ op }) => op === ANSWER);
        assert.deepEqual(refused, call(9, 2, ANSWER));
        assert.ok(errors[0] instanceof ConnectionClosedError);
        peer.send(bytesOf(call(3, 0, ANSWER)));
        assert.equal((await answer).value, 3);
        await peer.ended;
        peer.end();
        await closing;
      }));

    for (const answers of ["refused", "ignored"]) {
      it(`a stop of the accepting end answers what was asked, waits for what it asked, and closes; what is asked meanwhile is ${answers}`, () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const errors: unknown[] = [];
          const onError = (error: unknown, request: Call) => {
            errors.push(error);
            return { ...request, op: ANSWER, value: 9 };
          };
          const isRefused = answers === "refused";
          const { client, peer, closed, has, got } = await open(
            runtime,
            hand.handler,
            isRefused ? { onError } : {},
          );
          peer.send(bytesOf(call(1, 1)));
          const outcome = new ScriptOutcome(client.request(call(2)));
          await has(1);
          await eventually(() => hand.begun.length === 1, "it is begun");
          const start = adapter.clock.now();
          const stopped = runtime.stop({ drainMs: 60_000 });
          await sleep(20);
          peer.send(bytesOf(call(3, 3)));
          if (isRefused) {
            await has(2);
            assert.deepEqual(got()[1], call(9, 3, ANSWER));
            assert.ok(errors[0] instanceof ConnectionClosedError);
          } else await sleep(20);
          peer.send(bytesOf(call(1002, 0, ANSWER)));
          await outcome.settled;
          assert.equal(outcome.value, 1002);
          await sleep(20);
          assert.equal(closed.length, 0, "an answer is owed");
          hand.answer(1);
          await peer.ended;
          peer.end();
          await stopped;
          assert.ok(adapter.clock.now() - start < 30_000, "not by drainMs");
          assert.deepEqual(closed, [undefined]);
          assert.equal(hand.begun.length, 1);
          assert.deepEqual(got().at(-1), call(1001));
        }));
    }

    it("after the peer's FIN what it asked is answered, and what it was asked is lost at once", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { client, peer, closed, has, got, isClosed } = await open(
          runtime,
          hand.handler,
        );
        peer.send(bytesOf(call(1, 1)));
        const outcome = new ScriptOutcome(client.request(call(2)));
        const again = new ScriptOutcome(
          client.request(call(3), { idempotent: true }),
        );
        await has(2);
        peer.end();
        await outcome.settled;
        assert.ok(outcome.error instanceof RequestLostError);
        assert.equal(closed.length, 0);
        hand.answer(1);
        await peer.ended;
        await isClosed();
        assert.deepEqual(closed, [undefined]);
        assert.deepEqual(got().at(-1), call(1001));
        assert.equal(again.isSettled, false, "it waits for a connection");
        await client.close();
        await again.settled;
      }));

    it("close with drainMs answers what the peer has asked, too, and begins nothing more; without, it does not wait", async () => {
      for (const drainMs of [60_000, 0]) {
        await withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const { client, peer, closed, got } = await open(
            runtime,
            hand.handler,
          );
          peer.send(bytesOf(call(1, 1)));
          await eventually(() => hand.begun.length === 1, "it is begun");
          const done = client.close({ drainMs });
          await sleep(20);
          if (drainMs > 0) {
            assert.equal(closed.length, 0);
            peer.send(bytesOf(call(2, 2)));
            await sleep(20);
          }
          hand.answer(1);
          await peer.ended;
          peer.end();
          await done;
          assert.deepEqual(closed, [undefined]);
          assert.deepEqual(got(), drainMs > 0 ? [call(1001)] : []);
          assert.deepEqual(hand.begun, [1]);
        });
      }
    });

    it("drain() of a peer that has asked for it answers, and closes once this end waits for nothing", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { client, peer, closed, has, got } = await open(
          runtime,
          (request, served) => {
            served.drain();
            return answerOf(request);
          },
        );
        const answer = client.request(call(2));
        await has(1);
        peer.send(bytesOf(call(1, 1)));
        await has(2);
        await sleep(20);
        assert.equal(closed.length, 0, "it waits for an answer");
        peer.send(bytesOf(call(4, 0, ANSWER)));
        assert.equal((await answer).value, 4);
        await peer.ended;
        peer.end();
        await eventually(() => closed.length === 1, "it is closed");
        assert.deepEqual(got().at(-1), call(1001, 1, ANSWER));
      }));
  });
}
