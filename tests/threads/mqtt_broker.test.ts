import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shareBroker } from "../../examples/mqtt_broker/reactors.ts";
import { type Address, ReactRuntime, ThreadedReactorMgr } from "../../mod.ts";
import { quietly } from "../conformance/support.ts";
import { connectPacket, MqttClient } from "../examples/mqtt_client.ts";
import { moduleUrl } from "./agents.ts";
import { listenIn } from "./listen_in.ts";
import type reactors from "./modules/mqtt_broker.ts";

describe("a broker of MQTT in the main thread, for two others", () => {
  it("forwards messages between the threads, takes over sessions, sends the wills of a crashed thread, and answers a client that sends no more", () =>
    quietly(async () => {
      const options = { maxqueued: 1000, maxabsent: 1, maxpacket: 2 ** 20 };
      const { services, onStop } = shareBroker(options, new ReactRuntime());
      const threads = await ThreadedReactorMgr.start<typeof reactors>({
        threads: 2,
        module: moduleUrl("modules/mqtt_broker"),
        services,
      });
      const runtime = new ReactRuntime();
      try {
        const [here, there] = await Promise.all(
          [0, 1].map((id) =>
            listenIn(threads.getCmdSender(id), "mqtt", options)
          ),
        );
        const connect = (address: Address, clientId: string, topic = "will") =>
          MqttClient.connect(runtime, address, {
            clientId,
            clean: false,
            will: { topic, payload: new Uint8Array(2), qos: 1, retain: false },
          });
        const { client: one } = await connect(here, "one");
        await one.subscribe("#", 1);
        const { client: two } = await connect(there, "two");
        const count = 100;
        for (let i = 0; i < count; i++) {
          await two.publish(`a/${i}`, "x".repeat(i * 50), { qos: 1 });
        }
        for (let i = 0; i < count; i++) {
          assert.equal(await one.heard(), `a/${i} ${"x".repeat(i * 50)} q1`);
        }

        await one.isQuiet(); // everything it has acknowledged has arrived
        const { client: again, sessionPresent } = await connect(there, "one");
        assert.equal(sessionPresent, true);
        assert.equal(await one.receive(), undefined);
        await one.abort();
        assert.equal(await again.heard(), "will \0\0 q1");
        const { client: three } = await connect(here, "three", "crashed");
        await threads.ask(0, "crash");
        assert.equal(await again.heard(), "crashed \0\0 q1");
        await assert.rejects(three.isQuiet());
        await again.isQuiet();

        const hasty = await MqttClient.open(runtime, there);
        await hasty.send(connectPacket({ clientId: "hasty" }));
        await hasty.endSending();
        assert.equal((await hasty.receive())?.type, "connack");
        assert.equal(await hasty.receive(), undefined);
      } finally {
        await runtime.stop({ graceMs: 0 });
        await threads.stop();
        await onStop?.();
      }
    }));
});
