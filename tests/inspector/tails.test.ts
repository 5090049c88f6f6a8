import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ReactRuntime, SimNetwork } from "../../mod.ts";
import { RuntimeView } from "../../src/inspector/view/runtime_view.ts";
import { engineOf } from "../../src/runtime.ts";
import { echo, withRuntime } from "../conformance/support.ts";

/** Runs `body` with connections of a simulated runtime, how they are asked about, which are heard, and a wait. */
function watched(
  body: (parts: {
    readonly ids: readonly number[];
    ask(id: number): void;
    heard(): number[];
    sleep(ms: number): Promise<void>;
    runtime: ReactRuntime;
  }) => Promise<void>,
): Promise<void> {
  const network = new SimNetwork({ seed: 1 });
  const host = network.host("host");
  return withRuntime(host.adapter, {}, async (runtime: ReactRuntime) => {
    const { address } = await runtime.listen(`${host.address}:0`, {
      onNewConnection: () => ({ reactor: echo() }),
    });
    const engine = engineOf(runtime);
    for (let i = 0; i < 10; i++) await runtime.connect(address, echo());
    const connections = engine.reactors.connections();
    const view = RuntimeView.of(engine);
    await body({
      ids: connections.map(({ id }) => id),
      ask: (id) => void view.answer({ kind: "tail", id, after: 0 }),
      heard: () =>
        connections.filter(({ sender }) => sender.tap !== undefined)
          .map(({ id }) => id),
      sleep: (ms) => network.sleep(ms),
      runtime,
    });
  });
}

describe("the connections whose bytes somebody looks at", () => {
  it("are not listened to any more when nobody has asked for ten seconds, about them or about anything", () =>
    watched(async ({ ids: [first, second], ask, heard, sleep }) => {
      ask(first);
      await sleep(6000);
      ask(second);
      assert.deepEqual(heard(), [first, second]);
      await sleep(5000);
      assert.deepEqual(heard(), [second]);
      ask(second);
      await sleep(9000);
      assert.deepEqual(heard(), [second]);
      await sleep(2000);
      assert.deepEqual(heard(), []);
      ask(first);
      assert.deepEqual(heard(), [first]);
      await sleep(11_000);
      assert.deepEqual(heard(), []);
    }));

  it("are eight at most: another one takes the place of that which was asked about least lately", () =>
    watched(async ({ ids, ask, heard, sleep }) => {
      for (const id of ids) {
        await sleep(1);
        ask(id);
      }
      assert.deepEqual(heard(), ids.slice(-8));
    }));

  it("are none when the runtime is stopped, and its end waits for none", () =>
    watched(async ({ ids: [first], ask, heard, runtime }) => {
      ask(first);
      const stopped = runtime.stop();
      ask(first);
      assert.deepEqual(heard(), []);
      await stopped;
      assert.equal(engineOf(runtime).loop.timeLimitCount, 0);
    }));
});
