import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  type Listener,
  SimNetwork,
  type SocketFailure,
} from "../../mod.ts";
import { connectRaw, listenRaw, RawSimPeer } from "./raw_peers.ts";
import { asTcp, tcp } from "../support/tcp.ts";

/** How long a step takes that waits for no packet, at most. */
const TURNS_MS = 0.1;

function kind(expected: string): (failure: SocketFailure) => boolean {
  return (failure) => failure.kind === expected;
}

/** Between `ms` and a little more; times are in microseconds, their differences are not exact. */
function assertTime(difference: number, ms: number): void {
  const actual = Math.round(difference * 1000) / 1000;
  assert.ok(actual >= ms && actual < ms + TURNS_MS, `${actual} ms, not ${ms}`);
}

describe("paths on simulated hosts", () => {
  const address = { transport: "unix", path: "/run/x.sock" } as const;

  /** Resolves to whether somebody answers at `address` on the host of `adapter`. */
  function connects(adapter: Adapter): Promise<boolean> {
    return new Promise((resolve) => {
      adapter.connect({ address }, {
        onConnect(socket) {
          socket.destroy();
          resolve(true);
        },
        onConnectError(failure) {
          assert.equal(failure.kind, "refused");
          resolve(false);
        },
      });
    });
  }

  function listen(adapter: Adapter): Promise<Listener> {
    return adapter.listen({ address, backlog: 1, reusePort: false }, {
      onAccept: (socket) => socket.destroy(),
      onAcceptError: assert.ifError,
    });
  }

  it("reach the host itself and no other, each of which may have the same", async () => {
    const network = new SimNetwork();
    const [a, b] = [network.host("a").adapter, network.host("b").adapter];
    const listener = await listen(a);
    assert.deepEqual(listener.address, address);
    assert.deepEqual([await connects(a), await connects(b)], [true, false]);
    await listen(b);
    await listener.close();
    assert.deepEqual([await connects(a), await connects(b)], [false, true]);
  });

  it("are free when who listened is closed, killed or has crashed, and in use before", async () => {
    const network = new SimNetwork();
    const host = network.host("a");
    for (const end of ["kill", "crash"] as const) {
      await listen(host.adapter);
      await assert.rejects(listen(host.adapter), kind("in-use"));
      host[end]();
      host.restart();
      assert.equal(await connects(host.adapter), false);
      const listener = await listen(host.adapter);
      assert.equal(await connects(host.adapter), true);
      await listener.close();
    }
  });
});

describe("addresses of simulated hosts", () => {
  it("reach the host itself, and others by name or address", async () => {
    const network = new SimNetwork();
    const server = network.host("server");
    const { adapter } = network.host("client");
    const { accepted } = await listenRaw(server.adapter);
    assert.equal(server.address, "10.0.0.1");
    for (
      const name of ["127.0.0.1", "localhost", "::1", "server", "10.0.0.1"]
    ) {
      const { socket } = await connectRaw(server.adapter, name);
      const own = name === "::1" ? "::1" : name.startsWith("1") ? name : "";
      const expected = own || (name === "server" ? "10.0.0.1" : "127.0.0.1");
      assert.deepEqual(socket.remoteAddress, tcp(expected, 80));
      assert.equal(asTcp(socket.localAddress).hostname, expected);
    }
    for (const name of ["server", "10.0.0.1"]) {
      const { socket } = await connectRaw(adapter, name);
      await network.idle();
      const other = accepted.at(-1)!.socket;
      assert.deepEqual(socket.localAddress, other.remoteAddress);
      assert.deepEqual(socket.remoteAddress, other.localAddress);
      assert.equal(asTcp(socket.localAddress).hostname, "10.0.0.2");
    }
    await assert.rejects(connectRaw(adapter, "localhost"), kind("refused"));
    await assert.rejects(connectRaw(adapter, "nobody"), kind("name-not-found"));
    await assert.rejects(connectRaw(adapter, "10.9.9.9"), kind("unreachable"));
  });

  it("can be bound if they are the host's own, one by one or all", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("server");
    network.host("other");
    const bind = (hostname: string) => listenRaw(adapter, { hostname });
    await assert.rejects(bind("other"), kind("not-available"));
    await assert.rejects(bind("192.0.2.1"), kind("not-available"));
    await assert.rejects(bind("nobody"), kind("name-not-found"));
    const { listener } = await bind("localhost");
    assert.deepEqual(listener.address, tcp("127.0.0.1", 80));
    await connectRaw(adapter, "127.0.0.1");
    await assert.rejects(connectRaw(adapter, "server"), kind("refused"));
    await assert.rejects(bind("0.0.0.0"), kind("in-use"));
    await bind("server");
    await connectRaw(adapter, "server");
  });

  it("are in use until the listener is closed, and that is when close resolves", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("server");
    const { listener } = await listenRaw(adapter);
    await assert.rejects(listenRaw(adapter), kind("in-use"));
    await assert.rejects(
      listenRaw(adapter, {}, { reusePort: true }),
      kind("in-use"),
    );
    const closing = listener.close();
    await assert.rejects(connectRaw(adapter), kind("refused"));
    await closing;
    await listenRaw(adapter);
  });

  it("have ports of the system's choice from 49152 up", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("server");
    await listenRaw(adapter, { port: 49153 });
    for (const port of [49152, 49154]) {
      const { listener } = await listenRaw(adapter, { port: 0 });
      assert.equal(asTcp(listener.address).port, port);
    }
    const { socket } = await connectRaw(adapter, "server", 49152);
    assert.equal(asTcp(socket.localAddress).port, 49155);
  });

  it("are shared with reusePort, by the seed", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("server");
    const reusePort = { reusePort: true };
    const listeners = [
      await listenRaw(adapter, {}, reusePort),
      await listenRaw(adapter, {}, reusePort),
    ];
    for (let i = 0; i < 40; i++) await connectRaw(adapter);
    await network.idle();
    const counts = listeners.map(({ accepted }) => accepted.length);
    assert.equal(counts[0] + counts[1], 40);
    assert.ok(Math.min(...counts) > 5, String(counts));
  });
});

describe("a simulated connect", () => {
  const options = { latencyMs: 10, jitterMs: 0 };

  it("takes a round trip, to succeed or to be refused", async () => {
    const network = new SimNetwork(options);
    const { adapter } = network.host("client");
    network.host("server");
    await assert.rejects(connectRaw(adapter), kind("refused"));
    assertTime(network.now(), 20);
    await listenRaw(network.host("server").adapter);
    const start = network.now();
    await connectRaw(adapter);
    assertTime(network.now() - start, 20);
  });

  it("times out across a partition after 127 s, and comes through if that heals before", async () => {
    const network = new SimNetwork(options);
    const { adapter } = network.host("client");
    await listenRaw(network.host("server").adapter);
    network.partition("client", "server");
    const start = network.now();
    await assert.rejects(connectRaw(adapter), kind("timed-out"));
    assertTime(network.now() - start, 127_000);
    const connecting = connectRaw(adapter);
    await network.sleep(1000);
    network.heal("client", "server");
    await connecting;
  });

  it("that is cancelled tells nothing, and leaves nothing open", async () => {
    for (const ms of [0, 5, 15, 20, 20.003, 20.006, 20.009, 25]) {
      const network = new SimNetwork(options);
      const client = network.host("client");
      const { accepted } = await listenRaw(network.host("server").adapter);
      const peer = new RawSimPeer();
      let heard = 0;
      const pending = client.adapter.connect({ address: tcp("server", 80) }, {
        onConnect(socket) {
          heard++;
          peer.take(socket);
        },
        onConnectError: () => heard++,
      });
      await network.sleep(ms);
      pending.cancel();
      pending.cancel();
      if (ms <= 15) assert.equal(heard, 0);
      if (heard === 1) peer.socket.destroy();
      await network.idle();
      for (const { heard } of accepted) {
        assert.deepEqual(heard, ["close reset"]);
      }
      assert.equal(client.counts.connects + client.counts.sockets, 0);
      assert.equal(network.host("server").counts.sockets, 0);
    }
  });

  it("that is cancelled across a partition does not fill the backlog", async () => {
    const network = new SimNetwork(options);
    const { adapter } = network.host("client");
    await listenRaw(network.host("server").adapter, {}, { backlog: 1 });
    const pending = adapter.connect({ address: tcp("server", 80) }, {
      onConnect: () => assert.fail("connected"),
      onConnectError: assert.ifError,
    });
    await network.sleep(15);
    network.partition("client", "server");
    pending.cancel();
    await network.sleep(100);
    network.heal("client", "server");
    await network.idle();
    assert.equal(network.host("server").counts.sockets, 0);
    const start = network.now();
    await connectRaw(adapter);
    assertTime(network.now() - start, 20);
  });

  it("that is cancelled is not tried again and again", async () => {
    const network = new SimNetwork(options);
    const server = network.host("server");
    const { adapter } = network.host("client");
    await listenRaw(server.adapter, {}, { backlog: 1 });
    server.failAccepts("exhausted");
    await connectRaw(adapter);
    const pending = adapter.connect({ address: tcp("server", 80) }, {
      onConnect: () => assert.fail("connected"),
      onConnectError: assert.ifError,
    });
    await network.sleep(500);
    pending.cancel();
    await network.idle();
    assert.ok(network.now() < 2000);
  });

  it("is turned away when the listener closes before it is accepted", async () => {
    const network = new SimNetwork(options);
    const server = network.host("server");
    const { adapter } = network.host("client");
    const { listener, accepted } = await listenRaw(server.adapter);
    server.pause(1000);
    const peer = await connectRaw(adapter);
    const closing = listener.close();
    await assert.rejects(connectRaw(adapter), kind("refused"));
    assert.deepEqual(peer.heard, ["close reset"]);
    assert.ok(network.now() < 500);
    await closing;
    assert.deepEqual(accepted, []);
  });

  it("waits while the backlog is full, trying again and again", async () => {
    const network = new SimNetwork(options);
    const server = network.host("server");
    const { accepted } = await listenRaw(server.adapter, {}, { backlog: 1 });
    server.pause(2500);
    const { adapter } = network.host("client");
    const all = [1, 2, 3].map(() => connectRaw(adapter));
    await network.sleep(2000);
    assert.equal(accepted.length, 0);
    await Promise.all(all);
    await network.idle();
    assert.equal(accepted.length, 3);
    assert.ok(network.now() > 3000);
  });
});
