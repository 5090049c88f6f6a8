import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { serve, watched } from "./peers.ts";
import { type Act, handlerTriggers } from "./handler_triggers.ts";
import { logging, PeerLines, sink, withRuntime } from "./support.ts";

const error = new Error("this one");

/** The two ways in which a handler closes its connection with an error. */
const WAYS: Record<"throw" | "close", Act> = {
  throw() {
    throw error;
  },
  close: (ctx) => ctx.close(error),
};

/** Throwing an error, and closing with it, have the same effect. */
export function refusingPromises(environment: Environment): void {
  const { adapter, eventually } = environment;
  describe(`${adapter.name}: a throw and ctx.close(error)`, () => {
    for (
      const [handler, trigger] of Object.entries(handlerTriggers(environment))
    ) {
      it(`in ${handler} do the same: what was sent goes out, then FIN, and onClose gets the error; but a throw is logged`, () =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          for (const [way, act] of Object.entries(WAYS)) {
            const log = new PeerLines();
            await logging(log.sink, async () => {
              const { subject, peer } = await trigger(runtime, (ctx) => {
                ctx.sendOrQueue(Uint8Array.of(77));
                return act(ctx);
              });
              await peer.ended;
              peer.end();
              assert.equal(await subject.closed, error);
              assert.equal(peer.chunks.at(-1)?.at(-1), 77);
              assert.equal(subject.calls.at(-1), "onClose");
            });
            const lines = log.lines.filter(({ parts }) =>
              /^reactor .* failed: Error: this one$/.test(String(parts[0]))
            );
            assert.equal(lines.length, way === "throw" ? 1 : 0, way);
          }
        }));
    }

    it("in onInboundMessage end the messages of a read", () =>
      logging(
        () => {},
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            const { onInboundMessage } = handlerTriggers(environment);
            for (const act of Object.values(WAYS)) {
              const { subject, peer } = await onInboundMessage(runtime, act);
              peer.write(2, 3, 4);
              await peer.ended;
              peer.end();
              await subject.closed;
              const { calls } = subject;
              assert.deepEqual(
                calls.filter((name) => name === "onInboundMessage").length,
                1,
              );
            }
          }),
      ));

    it("in onConnected differ for the connect: only a throw fails it", () =>
      logging(
        () => {},
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            const address = await serve(environment, runtime, () =>
              sink<string>());
            const connect = (act: Act) => {
              const client = watched<string>({
                onConnected: (ctx) =>
                  void act(ctx),
              });
              return runtime.connect(address, client.reactor);
            };
            await assert.rejects(
              connect(WAYS.throw),
              (thrown) =>
                thrown === error,
            );
            const handle = await connect(WAYS.close);
            assert.equal(await handle.whenClosed, error);
          }),
      ));

    it("in onCommand differ for the sender of the command: only a throw fails it", () =>
      logging(
        () => {},
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            const address = await serve(environment, runtime, () =>
              sink<string>());
            const results: CommandResult[] = [];
            for (const act of Object.values(WAYS)) {
              const handle = await runtime.connect(
                address,
                sink<string>({
                  onCommand: (_cmd, ctx) =>
                    void act(ctx),
                }),
              );
              runtime.cmdSender.sendUserCmd(handle, "act", {
                completion: (result) =>
                  void results.push(result),
              });
              assert.equal(await handle.whenClosed, error);
            }
            await eventually(() => results.length === 2, "both are told");
            const [thrown, closed] = results;
            assert.deepEqual(thrown, { ok: false, error });
            assert.equal(closed.ok, true);
          }),
      ));
  });
}
