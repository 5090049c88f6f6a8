import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  byProperty,
  CodecError,
  ConnectionClosedError,
  type MessageContext,
  type ReactRuntime,
  RequestClient,
  RequestLostError,
  SendOrQueueResult,
} from "../../mod.ts";
import { type Call, call, calls } from "../support/calls.ts";
import type { Environment } from "./environment.ts";
import {
  failsWith,
  openClient,
  prepare,
  Script,
  ScriptOutcome,
} from "./scripted.ts";
import { quietly, withRuntime } from "./support.ts";

/** The callbacks of a request client besides its requests. */
export function clientHookPromises(environment: Environment): void {
  const { adapter, anyPort, eventually } = environment;
  describe(`${adapter.name}: a client of requests: beside its requests`, () => {
    it("sends messages that need no answer at once, ahead of waiting requests and outside the window", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, has } = await openClient(
          environment,
          runtime,
          { window: 1 },
        );
        const [first, second] = [ask(1), ask(2)];
        assert.notEqual(client.send(call(9)), SendOrQueueResult.Closed);
        await has(2);
        assert.deepEqual(script.values, [1, 9]);
        assert.equal(client.requestCount, 2);
        script.answer(1);
        await has(3);
        script.answer(2);
        for (const { settled } of [first, second]) await settled;
        assert.deepEqual([first.value, second.value], [1001, 1002]);
        await client.close();
      }));

    it("sends nothing without a connection, now or later, and no part of a message that cannot be encoded", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, connect, has } = await prepare(
          environment,
          runtime,
        );
        assert.equal(client.send(call(9)), SendOrQueueResult.Closed);
        await connect();
        assert.throws(() => client.send(call(70_000)), CodecError);
        const outcome = ask(1);
        await has(1);
        assert.deepEqual(script.values, [1]);
        script.answer(1);
        await outcome.settled;
        const closed = client.close();
        assert.equal(client.send(call(9)), SendOrQueueResult.Closed);
        await closed;
        assert.equal(client.send(call(9)), SendOrQueueResult.Closed);
      }));

    it("gives onConnected and onClose the connection, once each, the requests in flight having failed", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const script = new Script();
        const { address } = await runtime.listen(anyPort, script.handler);
        const opened: MessageContext<Call>[] = [];
        const closed: [Error | undefined, MessageContext<Call>, number][] = [];
        const client = RequestClient.connect(runtime, address, calls, {
          backoff: { minMs: 1, maxMs: 5 },
          onState() {},
          correlate: byProperty("id", { maxId: 254 }),
          onConnected(_request, ctx) {
            opened.push(ctx);
            ctx.send(call(100));
          },
          onClose(reason, ctx) {
            closed.push([reason, ctx, client.inFlightCount]);
          },
        });
        const outcome = new ScriptOutcome(client.request(call(1)));
        await eventually(() => script.requests.length === 2, "both are in");
        assert.deepEqual(script.values, [100, 1]);
        const reason = new Error("enough");
        opened[0].abort(reason);
        await failsWith(outcome, RequestLostError);
        await eventually(() => opened.length === 2, "it is connected again");
        assert.deepEqual(closed, [[reason, opened[0], 0]]);
        await client.close();
        assert.equal(closed.length, 2);
        assert.deepEqual(closed[1], [undefined, opened[1], 0]);
      }));

    it("does not call onClose of a connection that it has refused, and goes on if that throws", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          let closedCount = 0;
          const { client, address, connect } = await openClient(
            environment,
            runtime,
            {
              onClose() {
                closedCount++;
                throw new Error("of the hook");
              },
            },
          );
          await assert.rejects(runtime.connect(address, client.reactor()));
          assert.equal(closedCount, 0);
          await client.close();
          assert.equal(closedCount, 1);
          await assert.rejects(connect(), ConnectionClosedError);
          assert.equal(closedCount, 1);
        })
      ));
  });
}
