import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DropReason,
  MessageResult,
  ReactRuntime,
  SimNetwork,
  simulate,
  type Simulation,
} from "../../mod.ts";
import { quietly, sink } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";

const CLIENTS = 12;

/** Clients come through a proxy, each saying which it is; a stranger claims to be one. Returns how many were heard. */
async function pass(sim: Simulation): Promise<number> {
  const [proxyHost, strangerHost] = [sim.host("proxy"), sim.host("stranger")];
  const server = new ReactRuntime({ adapter: sim.host("server").adapter });
  const proxy = new ReactRuntime({ adapter: proxyHost.adapter });
  const stranger = new ReactRuntime({ adapter: strangerHost.adapter });
  const drops: DropReason[] = [];
  const heard: number[] = [];
  const listener = await server.listen("server:80", {
    onNewConnection: (_listener, { remoteAddress, proxy }) => {
      assert.equal(asTcp(proxy?.peerAddress).hostname, proxyHost.address);
      return {
        reactor: {
          onInboundMessage(buf, ctx) {
            if (buf.length < 3) return MessageResult.expectMsgSize(3);
            const [number, ...check] = buf;
            assert.deepEqual(check, [7, 7]);
            assert.equal(asTcp(remoteAddress).hostname, `203.0.113.${number}`);
            heard.push(number);
            ctx.sendOrQueue(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        },
      };
    },
    onDrop: (reason) => void drops.push(reason),
  }, {
    proxyProtocol: { trusted: [proxyHost.address], timeoutMs: 2000 },
  });
  const connect = async (runtime: ReactRuntime, number: number) => {
    try {
      const connection = await runtime.connect("server:80", {
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(number, 7, 7)),
        onInboundMessage(buf, ctx) {
          ctx.close();
          return MessageResult.dropMsgSize(buf.length);
        },
      }, {
        idleTimeoutMs: 3000,
        connectTimeoutMs: 3000,
        proxyProtocol: {
          version: number % 2 === 0 ? 1 : 2,
          source: `203.0.113.${number}:1`,
          destination: "192.0.2.1:443",
        },
      });
      await connection.whenClosed;
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  };
  await Promise.all([
    ...Array.from({ length: CLIENTS }, (_, i) => connect(proxy, i)),
    connect(stranger, 200),
  ]);
  await listener.close();
  assert.equal(listener.connectionCount, 0);
  assert.ok(!heard.includes(200));
  for (const reason of drops) {
    assert.match(reason, /^proxy(Untrusted|HeaderMissing|HeaderTimeout)$/);
  }
  await Promise.all([server, proxy, stranger].map((each) => each.stop()));
  return heard.length;
}

test("headers that come in pieces, late, or not at all play the same in the simulation, on every runtime", async () => {
  const hashes: string[] = [];
  let heardCount = 0;
  await quietly(() =>
    simulate({ seeds: 20, faults: "random" }, async (sim) => {
      heardCount += await pass(sim);
      hashes.push(sim.network.traceHash);
    }).then(() => {})
  );
  assert.equal(new Set(hashes).size, 20);
  assert.ok(heardCount > 10 * CLIENTS, `${heardCount}`);
  assert.deepEqual([hashes[0], hashes[19]], [
    "f3df2386dcaa98bc",
    "8a48f6c8a8384f5b",
  ]);
});

test("a thousand connections that send nothing, or half a header, hold maxConnections places, for timeoutMs", async () => {
  const network = new SimNetwork({ seed: 3 });
  const { adapter } = network.host("server");
  const server = new ReactRuntime({ adapter });
  const client = new ReactRuntime({ adapter: network.host("client").adapter });
  const listener = await server.listen("server:80", {
    onNewConnection: () => ({ reactor: sink() }),
  }, {
    maxConnections: 100,
    proxyProtocol: { trusted: ["10.0.0.0/8"], timeoutMs: 1000 },
  });
  await quietly(async () => {
    const half = new TextEncoder().encode("PROXY TCP4 ");
    let mostOpen = 0;
    for (let i = 0; i < 1000; i++) {
      await client.connect("server:80", {
        onConnected: (ctx) => void (i % 2 === 0 && ctx.sendOrQueue(half)),
        onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
      });
      mostOpen = Math.max(mostOpen, listener.connectionCount);
    }
    assert.equal(mostOpen, 100);
    await network.sleep(1100);
    assert.equal(listener.connectionCount, 0);
    const { maxConnections, proxyHeaderTimeout } = listener.dropCounts;
    assert.equal(maxConnections + proxyHeaderTimeout, 1000);
    assert.ok(proxyHeaderTimeout >= 100);
    assert.equal(server.connectionCount, 0);
    await Promise.all([server.stop(), client.stop()]);
  });
  assert.equal(network.host("server").counts.sockets, 0);
  assert.equal(network.host("server").counts.timers, 0);
});

test("of the addresses of a name only the one that wins the race is sent a header", async () => {
  const network = new SimNetwork({ seed: 5 });
  const hosts = ["slow", "quick"].map((name) => network.host(name));
  network.addName("both", hosts.map(({ address }) => address));
  const { adapter } = network.host("client");
  network.setLink("client", "slow", { latencyMs: 400 });
  const heard: string[] = [];
  await quietly(async () => {
    const servers = hosts.map(({ adapter }) => new ReactRuntime({ adapter }));
    for (const [i, server] of servers.entries()) {
      await server.listen("0.0.0.0:80", {
        onNewConnection(_listener, { proxy }) {
          heard.push(`${hosts[i].name} ${proxy?.version}`);
          return { reactor: sink() };
        },
      }, { proxyProtocol: { trusted: ["10.0.0.0/8"] } });
    }
    const client = new ReactRuntime({ adapter });
    const { remoteAddress } = await client.connect("both:80", sink(), {
      proxyProtocol: { version: 2, command: "local" },
    });
    assert.equal(asTcp(remoteAddress).hostname, hosts[1].address);
    await network.sleep(2000);
    assert.deepEqual(heard, ["quick 2"]);
    await Promise.all([client, ...servers].map((each) => each.stop()));
  });
});
