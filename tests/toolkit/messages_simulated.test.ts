import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acceptMessages,
  connectMessages,
  ReactRuntime,
  simulate,
  type Simulation,
  toWebStreams,
} from "../../mod.ts";
import { texts } from "../conformance/message_codecs.ts";

/** Sends texts, which come back through web streams; a lost connection is made anew. */
async function converse(sim: Simulation): Promise<void> {
  const server = new ReactRuntime({ adapter: sim.host("server").adapter });
  const client = new ReactRuntime({ adapter: sim.host("client").adapter });
  const echo = acceptMessages(texts, async (connection) => {
    const { readable, writable } = toWebStreams(connection);
    await readable.pipeTo(writable);
  });
  const { address } = await server.listen("server:80", echo);
  for (let i = 0; i < 10; i++) {
    try {
      const connection = await connectMessages(client, address, texts, {
        idleTimeoutMs: 1000,
      });
      for (let j = 0; j < 5; j++) {
        const text = `${i} `.repeat(j * 40);
        await connection.send(text);
        const answer = await connection.receive();
        if (answer === undefined) break;
        assert.equal(answer, text);
      }
      await connection.close();
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
  await client.stop();
  await server.stop();
}

test("pulled messages and web streams play the same in the simulation, on every runtime", async () => {
  const hashes: string[] = [];
  await simulate({ seeds: 10, faults: "random" }, async (sim) => {
    await converse(sim);
    hashes.push(sim.network.traceHash);
  });
  assert.equal(new Set(hashes).size, 10);
  assert.deepEqual([hashes[0], hashes[9]], [
    "979eb7f9aa6c6645",
    "d0ec256704711a8a",
  ]);
});
