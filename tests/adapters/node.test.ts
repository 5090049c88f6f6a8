import assert from "node:assert/strict";
import dns from "node:dns";
import net, { isIP } from "node:net";
import process from "node:process";
import { describe, it, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Clock,
  DefaultTcpListenerHandler,
  hostAdapter,
  nodeAdapter,
  type TimerHandle,
} from "../../mod.ts";
import {
  BlackHoleListener,
  childUrl,
  firstLine,
  start,
} from "../conformance/children.ts";
import { RawPeer } from "../conformance/peers.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { conformance } from "../conformance/suite.ts";
import { sink, withRuntime } from "../conformance/support.ts";
import { isSource } from "../support/built.ts";
import { StrippedSources } from "../support/stripped_sources.ts";
import { asTcp, tcp } from "../support/tcp.ts";

const isNode = hostAdapter() === nodeAdapter;

// There it is what host.test.ts plays.
if (!isNode) conformance(realEnvironment(nodeAdapter));

// There its listeners are asked to go on, time and again.
if (hostAdapter().name === "deno") {
  test("nodeAdapter leaves no timer behind where a listener cannot tell its address", async () => {
    const { clock } = nodeAdapter;
    const { setTimer, clearTimer } = clock;
    const { address } = net.Server.prototype;
    const armed = new Set<TimerHandle>();
    const watched: Partial<Clock> = {
      setTimer(callback, delayMs) {
        const timer = setTimer(callback, delayMs);
        armed.add(timer);
        return timer;
      },
      clearTimer(timer) {
        armed.delete(timer);
        clearTimer(timer);
      },
    };
    const events = { onAccept() {}, onAcceptError() {} };
    const options = {
      address: tcp("127.0.0.1", 0),
      backlog: 1,
      reusePort: false,
    };
    Object.assign(clock, watched);
    try {
      const listener = await nodeAdapter.listen(options, events);
      assert.equal(armed.size, 1);
      await listener.close();
      assert.equal(armed.size, 0);
      net.Server.prototype.address = () => {
        throw new Error("no");
      };
      await assert.rejects(nodeAdapter.listen(options, events), /no/);
      assert.equal(armed.size, 0);
    } finally {
      Object.assign(clock, { setTimer, clearTimer });
      Object.assign(net.Server.prototype, { address });
      for (const timer of armed) clearTimer(timer);
    }
  });
}

if (isNode) {
  test("nodeAdapter serves without WebAssembly, as under --jitless", async () => {
    // That Node cannot strip types, either.
    const stripped = isSource ? new StrippedSources() : undefined;
    const program = stripped?.fileOf("tests/children/echo_server.ts") ??
      fileURLToPath(childUrl("echo_server"));
    const server = start([process.execPath, "--jitless", program, "node"]);
    try {
      const port = Number(await firstLine(server));
      const peer = await RawPeer.connect(tcp("127.0.0.1", port));
      peer.write(1, 2, 3);
      await peer.has(3);
      peer.destroy();
      assert.equal(server.exitCode, null);
    } finally {
      server.kill("SIGKILL");
      stripped?.remove();
    }
  });
}

// Elsewhere the machine has one IPv4 address only that it can be reached at.
if (isNode && process.platform === "linux") {
  describe("nodeAdapter, to a name with several addresses", () => {
    /** Has every name stand for `addresses` while `body` runs. */
    async function resolving(
      addresses: readonly string[],
      body: () => Promise<void>,
    ): Promise<void> {
      const { lookup } = dns;
      const found = addresses.map((address) => ({
        address,
        family: isIP(address),
      }));
      const stub = (...args: unknown[]) => {
        const callback = args.at(-1) as (...results: unknown[]) => void;
        queueMicrotask(() => callback(null, found));
      };
      Object.assign(dns, { lookup: stub });
      try {
        await body();
      } finally {
        Object.assign(dns, { lookup });
      }
    }

    it("gives each as long as the connect may take", async () => {
      const blackHole = await BlackHoleListener.open();
      const { hostname, port } = asTcp(blackHole.address);
      // At 127.0.0.2 nobody listens: what is tried there fails at once.
      await resolving(
        [hostname, "127.0.0.2"],
        () =>
          withRuntime(nodeAdapter, {}, async (runtime) => {
            const start = performance.now();
            await assert.rejects(
              runtime.connect({ hostname: "two.example", port }, sink(), {
                connectTimeoutMs: 1000,
              }),
              /not connected within 1000 ms \(connectTimeoutMs\)/,
            );
            assert.ok(performance.now() - start >= 999);
          }),
      );
      await blackHole.close();
    });

    it("is not kept from the next by one that fails, or is deaf", async () => {
      const blackHole = await BlackHoleListener.open();
      const { hostname, port } = asTcp(blackHole.address);
      const handler = new DefaultTcpListenerHandler(() => sink());
      await withRuntime(nodeAdapter, {}, async (runtime) => {
        await runtime.listen({ hostname: "127.0.0.3", port }, handler);
        await resolving(["127.0.0.2", hostname, "127.0.0.3"], async () => {
          await runtime.connect({ hostname: "three.example", port }, sink());
        });
      });
      await blackHole.close();
    });
  });
}
