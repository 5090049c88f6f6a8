import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReactRuntime, SimNetwork } from "../mod.ts";
import { sink } from "./conformance/support.ts";

describe("a listener whose accept failed", () => {
  it("goes on accepting at once if the next one may succeed", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const host = network.host("server");
    const server = new ReactRuntime({ adapter: host.adapter });
    const client = new ReactRuntime({
      adapter: network.host("client").adapter,
    });
    let accepted = 0;
    await server.listen("server:80", {
      onNewConnection() {
        accepted++;
        return { reactor: sink({}) };
      },
    });
    host.failAccepts("transient");
    await client.connect("server:80", sink({})); // reset before it is accepted
    await network.idle();
    assert.equal(accepted, 0);
    const start = network.now();
    await client.connect("server:80", sink({}));
    await network.until(() => accepted === 1, { timeoutMs: 100 });
    assert.ok(network.now() - start < 10);
    await Promise.all([client.stop(), server.stop()]);
  });
});
