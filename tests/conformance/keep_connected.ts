import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import {
  ConnectionRefusedError,
  DefaultTcpListenerHandler,
  keepConnected,
  type KeepConnectedState,
  MessageResult,
  type Reactor,
  RuntimeStoppedError,
} from "../../mod.ts";
import { withCounting } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { type Context, echo, sink, withTwoRuntimes } from "./support.ts";

const backoff = { minMs: 5, maxMs: 40 };

/** A client that stays connected. */
export function stayingPromises(environment: Environment): void {
  const { adapter, anyPort, eventually, sleep } = environment;
  describe(`${adapter.name}: keepConnected`, () => {
    it("reconnects with a new reactor when the connection is lost, until it is closed", () =>
      withCounting(environment, async (runtime) => {
        const handler = new DefaultTcpListenerHandler<string>((count) =>
          count > 3 ? echo() : sink({ onConnected: (ctx) => ctx.abort() })
        );
        const { address } = await runtime.listen(anyPort, handler);
        const made: Reactor<string>[] = [];
        const received: number[] = [];
        const kept = keepConnected(runtime, address, () => {
          const reactor: Reactor<string> = {
            onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(7)),
            onInboundMessage(buf) {
              received.push(...buf);
              return MessageResult.dropMsgSize(buf.length);
            },
          };
          made.push(reactor);
          return reactor;
        }, { backoff, onState() {} });
        await eventually(() => received.length > 0, "it is answered");
        assert.deepEqual(received, [7]);
        assert.equal(new Set(made).size, made.length);
        assert.ok(made.length >= 4);
        assert.deepEqual(kept.connection?.remoteAddress, address);
        await kept.close();
        const { acceptedCount } = handler;
        await sleep(60);
        assert.equal(handler.acceptedCount, acceptedCount);
        assert.equal(runtime.reactorCount, 1, "the listener");
      }));

    it("keeps trying while nothing listens, and connects when something does", () =>
      withTwoRuntimes(adapter, async (runtime, server) => {
        const served: Context[] = [];
        const handler = new DefaultTcpListenerHandler(() =>
          sink({ onConnected: (ctx) => void served.push(ctx) })
        );
        const listener = await server.listen(anyPort, handler);
        const { address } = listener;
        const states: KeepConnectedState[] = [];
        const count = (kind: KeepConnectedState["kind"]) =>
          states.filter((state) => state.kind === kind).length;
        const kept = keepConnected(runtime, address, () => sink(), {
          backoff,
          onState: (state) => void states.push(state),
        });
        await eventually(() => served.length === 1, "connected");
        await listener.close();
        served[0].close();
        await eventually(() => count("waiting") >= 3, "it is refused");
        const [, second] = states.filter(({ kind }) => kind === "waiting");
        assert.ok(second.kind === "waiting");
        assert.ok(
          second.error instanceof ConnectionRefusedError,
          String(second.error),
        );
        await server.listen(address, handler);
        await eventually(() => count("connected") === 2, "it is back");
        await runtime.stop();
        assert.ok(await kept.whenClosed instanceof RuntimeStoppedError);
      }));

    it("calls nothing in the asynchronous context of its caller", () =>
      withCounting(environment, async (runtime) => {
        const storage = new AsyncLocalStorage<string>();
        const stores = new Set<string | undefined>();
        const keep = () => void stores.add(storage.getStore());
        const { address } = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler((count) =>
            sink({
              onConnected: (ctx) => count === 1 ? ctx.abort() : undefined,
            })
          ),
        );
        let isOpenAgain = false;
        const kept = storage.run(
          "alice",
          () =>
            keepConnected(runtime, address, () => {
              keep();
              return sink({ onConnected: keep, onClose: keep });
            }, {
              backoff,
              onState: (state) => {
                keep();
                isOpenAgain = state.kind === "connected" && state.attempt > 1;
              },
            }),
        );
        await eventually(() => isOpenAgain, "connected again");
        await storage.run("bob", () => kept.close());
        assert.deepEqual([...stores], [undefined]);
      }));
  });
}
