import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimNetwork } from "../../mod.ts";
import { connectRaw, listenRaw, openRaw } from "./raw_peers.ts";

describe("a simulated reset", () => {
  it("does not overtake what was sent before it, whatever the jitter", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const network = new SimNetwork({ seed, latencyMs: 1, jitterMs: 20 });
      const { accepted } = await listenRaw(network.host("server").adapter);
      const { socket } = await connectRaw(network.host("client").adapter);
      await network.idle();
      for (let i = 0; i < 5; i++) {
        socket.write(new Uint8Array(10), 0, 10);
        await network.sleep(1);
      }
      socket.destroy();
      await network.idle();
      const [peer] = accepted;
      assert.equal(peer.bytes.length, 50, `seed ${seed}`);
      assert.equal(peer.heard.at(-1), "close reset", `seed ${seed}`);
    }
  });

  it("that answers bytes comes through a cut in the end, as the bytes are sent until they are answered", async () => {
    const { network, client, server } = await openRaw();
    network.partition("server", "client", { oneWay: true });
    server.socket.destroy(); // its reset is lost
    await network.sleep(100);
    client.write(1);
    await network.sleep(5000);
    assert.deepEqual(client.heard, []);
    network.heal();
    await network.idle();
    assert.deepEqual(client.heard, ["close reset"]);
  });
});
