import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeAdapter } from "../mod.ts";
import { commandOf, firstLine, start } from "./conformance/children.ts";
import { RawPeer } from "./conformance/peers.ts";
import { realGround } from "./conformance/real_ground.ts";
import { conformance } from "./conformance/suite.ts";

conformance(realGround(nodeAdapter));

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);
if (isNode) {
  test("nodeAdapter serves without WebAssembly, as under --jitless", async () => {
    const [node, ...args] = commandOf("echo_server", "node");
    const server = start([node, "--jitless", ...args]);
    try {
      const port = Number(await firstLine(server));
      const peer = await RawPeer.connect({ hostname: "127.0.0.1", port });
      peer.write(1, 2, 3);
      await peer.has(3);
      peer.destroy();
      assert.equal(server.exitCode, null);
    } finally {
      server.kill("SIGKILL");
    }
  });
}
