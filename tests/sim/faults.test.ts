import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BORROWED, SimNetwork, type SocketFailure } from "../../mod.ts";
import { connectRaw, listenRaw, openRaw } from "./raw_peers.ts";
import { tcp } from "../support/tcp.ts";

function kind(expected: string): (failure: SocketFailure) => boolean {
  return (failure) => failure.kind === expected;
}

describe("a partition", () => {
  it("holds bytes back, and FIN, and they come when it heals", async () => {
    const { network, client, server } = await openRaw();
    network.partition("client", network.host("server"));
    client.write(1, 2, 3);
    client.socket.shutdownWrite();
    server.write(4);
    await network.sleep(60_000);
    assert.deepEqual([client.heard, server.heard], [[], []]);
    network.heal("client", "server");
    await network.sleep(1000);
    assert.deepEqual(server.heard, ["data 3", "end"]);
    assert.deepEqual(client.heard, ["data 1"]);
  });

  it("that lasts too long ends the connection of who sends, and then of who hears of it", async () => {
    const { network, client, server } = await openRaw({ sendGiveUpMs: 5000 });
    network.partition("client");
    client.write(1);
    const start = network.now();
    await network.until(() => client.heard.length > 0);
    assert.deepEqual(client.heard, ["close timed-out"]);
    assert.ok(network.now() - start >= 5000 && network.now() - start < 5100);
    network.heal();
    await network.idle();
    assert.deepEqual(server.heard, []);
    server.write(1);
    await network.idle();
    assert.deepEqual(server.heard, ["close reset"]);
  });

  it("loses a reset: the peer hears of it when it sends after the end", async () => {
    const { network, client, server } = await openRaw();
    network.partition("client", "server");
    client.socket.destroy();
    await network.idle();
    network.heal("client", "server");
    await network.idle();
    assert.deepEqual(server.heard, []);
    server.write(1);
    await network.idle();
    assert.deepEqual(server.heard, ["close reset"]);
  });

  it("may cut one way only", async () => {
    const { network, client, server } = await openRaw();
    network.partition("client", "server", { oneWay: true });
    client.write(1);
    server.write(1);
    await network.sleep(100);
    assert.deepEqual([client.heard, server.heard], [["data 1"], []]);
    network.heal("server", "client");
    await network.idle();
    assert.deepEqual(server.heard, ["data 1"]);
  });

  it("leaves alone who is not concerned, and the host itself", async () => {
    const { network, client, server } = await openRaw();
    const third = network.host("third").adapter;
    network.partition("client", "server");
    await connectRaw(third);
    await connectRaw(network.host("server").adapter);
    network.heal("client", "server");
    network.partition("server");
    await connectRaw(network.host("server").adapter);
    const connecting = connectRaw(third);
    client.write(1);
    await network.sleep(5000);
    assert.deepEqual(server.heard, []);
    network.heal("server");
    await connecting;
  });
});

describe("a reset by hand", () => {
  it("ends the connections between two hosts, at both ends", async () => {
    const { network, client, server } = await openRaw();
    const other = await connectRaw(network.host("third").adapter);
    await network.idle();
    assert.equal(network.resetConnections("server", "client"), 1);
    assert.equal(network.resetConnections("server", "client"), 0);
    await network.idle();
    assert.deepEqual(client.heard, ["close reset"]);
    assert.deepEqual(server.heard, ["close reset"]);
    assert.deepEqual(other.heard, []);
    assert.equal(network.resetConnections("third"), 1);
    assert.equal(network.resetConnections(), 0);
  });
});

describe("a crash", () => {
  it("silences the process: no event, no timer, no call has an effect", async () => {
    const { network, client, server, listener } = await openRaw();
    const host = network.host("server");
    const { adapter } = host;
    let calls = 0;
    adapter.clock.setTimer(() => calls++, 100);
    adapter.endOfTurn(() => calls++);
    adapter.connect({ address: tcp("client", 1) }, {
      onConnect: () => calls++,
      onConnectError: () => calls++,
    });
    client.write(1);
    host.crash({ silent: true });
    host.crash();
    assert.equal(host.isUp, false);
    assert.deepEqual(host.counts, {
      sockets: 0,
      listeners: 0,
      connects: 0,
      timers: 0,
    });
    adapter.clock.setTimer(() => calls++, 1);
    adapter.endOfTurn(() => calls++);
    listener.close().then(() => calls++);
    listenRaw(adapter, { port: 81 }).then(() => calls++);
    connectRaw(adapter, "client").catch(() => calls++);
    assert.equal(server.write(1), 0);
    server.socket.resume();
    server.socket.shutdownWrite();
    server.socket.destroy();
    await network.idle();
    assert.equal(calls, 0);
    assert.deepEqual(server.heard, []);
    assert.equal(network.now() < 100, true);
    assert.deepEqual(network.violations, []);
  });

  it("resets the peers, or is silent until they send, by the seed if not said", async () => {
    for (const silent of [false, true]) {
      const { network, client } = await openRaw();
      network.host("server").crash({ silent });
      await network.idle();
      assert.deepEqual(client.heard, silent ? [] : ["close reset"]);
      client.write(1);
      await network.idle();
      assert.deepEqual(client.heard, ["close reset"]);
    }
    const heard = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const { network, client } = await openRaw({ seed });
      network.host("server").crash();
      await network.idle();
      heard.add(client.heard.length);
    }
    assert.deepEqual([...heard].sort(), [0, 1]);
  });

  it("may be silent for who has not heard yet that it is connected", async () => {
    for (const silent of [false, true]) {
      const network = new SimNetwork({ latencyMs: 10, jitterMs: 0 });
      const { accepted } = await listenRaw(network.host("server").adapter);
      const host = network.host("client");
      connectRaw(host.adapter).then(() => assert.fail("connected"));
      host.pause(1000);
      await network.until(() => accepted.length === 1);
      host.crash({ silent });
      await network.idle();
      assert.deepEqual(accepted[0].heard, silent ? [] : ["close reset"]);
    }
  });

  it("ends with a restart: a new adapter, and the address is free", async () => {
    const { network, client } = await openRaw();
    const host = network.host("server");
    const old = host.adapter;
    host.crash({ silent: true });
    assert.equal(host.adapter, old);
    await assert.rejects(
      connectRaw(network.host("client").adapter),
      kind("refused"),
    );
    host.restart();
    assert.equal(host.isUp, true);
    assert.notEqual(host.adapter, old);
    await listenRaw(host.adapter);
    await connectRaw(network.host("client").adapter);
    client.write(1);
    await network.idle();
    assert.deepEqual(client.heard, ["close reset"]);
    host.restart();
    await assert.rejects(
      connectRaw(network.host("client").adapter),
      kind("refused"),
    );
  });
});

describe("a process that is killed", () => {
  it("is silenced as by a crash", async () => {
    const { network, client, server } = await openRaw();
    const host = network.host("server");
    host.adapter.clock.setTimer(() => assert.fail("a timer fired"), 1);
    client.write(1);
    host.kill();
    host.kill();
    await network.idle();
    assert.equal(host.isUp, false);
    assert.deepEqual(server.heard, []);
    await assert.rejects(
      connectRaw(network.host("client").adapter),
      kind("refused"),
    );
    host.restart();
    await listenRaw(host.adapter);
    await connectRaw(network.host("client").adapter);
  });

  it("leaves FIN behind what its system has taken, and a reset for who goes on sending", async () => {
    const { network, client, server } = await openRaw({
      sendBufferBytes: 100,
      receiveBufferBytes: 10,
    });
    assert.equal(server.socket.write(new Uint8Array(200), 0, 200), 100);
    network.host("server").kill();
    await network.idle();
    assert.equal(client.bytes.length, 100);
    assert.equal(client.heard.at(-1), "end");
    client.write(1);
    await network.idle();
    assert.equal(client.heard.at(-1), "close reset");
  });

  it("leaves a connection that closes in order, if the peer does no more than close", async () => {
    const { network, client, server } = await openRaw();
    client.socket.pause();
    server.write(1, 2);
    network.host("server").kill();
    client.socket.shutdownWrite();
    await network.idle();
    client.socket.resume();
    await network.idle();
    assert.deepEqual(client.heard, ["data 2", "end", "close"]);
  });

  it("sends nothing after the reset with which its system has answered", async () => {
    const { network, client, server } = await openRaw();
    network.partition("server", "client", { oneWay: true });
    server.write(1);
    network.host("server").kill();
    client.write(1);
    await network.sleep(100);
    network.heal();
    await network.idle();
    assert.deepEqual(client.heard, ["close reset"]);
  });

  it("loses what it has borrowed and not written", async () => {
    const { network, client, server } = await openRaw({
      writes: "borrows",
      sendBufferBytes: 100,
      receiveBufferBytes: 10,
    });
    assert.equal(server.socket.write(new Uint8Array(200), 0, 200), BORROWED);
    network.host("server").kill();
    await network.idle();
    assert.equal(client.bytes.length, 110);
    assert.equal(client.heard.at(-1), "end");
  });

  it("resets who sent what was not read, and who was not accepted", async () => {
    const { network, client, server } = await openRaw();
    const host = network.host("server");
    server.socket.pause();
    client.write(1);
    await network.idle();
    host.pause(1000);
    const waiting = await connectRaw(network.host("client").adapter);
    await network.sleep(100);
    host.kill();
    await network.idle();
    assert.deepEqual(client.heard, ["close reset"]);
    assert.deepEqual(waiting.heard, ["close reset"]);
  });
});

describe("a host", () => {
  it("that stands still does nothing, then everything at once, in order", async () => {
    const { network, client, server } = await openRaw();
    const host = network.host("server");
    const heard: string[] = [];
    server.onEvent = (event) => heard.push(`${event} ${network.now()}`);
    const at = network.now() + 1000;
    const setTimer = (ms: number) =>
      host.adapter.clock.setTimer(
        () => heard.push(`${ms} ms ${network.now()}`),
        ms,
      );
    for (const ms of [30, 10, 20]) setTimer(ms);
    const cleared = setTimer(25);
    host.pause(500);
    host.pause(1000);
    host.pause(500);
    setTimer(1000);
    client.write(1, 2);
    await network.sleep(100);
    assert.equal(heard.length, 0);
    host.adapter.clock.clearTimer(cleared);
    await network.idle();
    assert.ok(heard.includes(`data 2 ${at}`), heard.join());
    assert.deepEqual(
      heard.filter((line) => !line.startsWith("data")),
      [`10 ms ${at}`, `20 ms ${at}`, `30 ms ${at}`, `1000 ms ${at}`],
    );
  });

  it("has accepts fail, and goes on after resume", async () => {
    const network = new SimNetwork();
    const host = network.host("server");
    const { listener, accepted, failures } = await listenRaw(host.adapter);
    for (const expected of ["exhausted", "transient", "other"] as const) {
      host.failAccepts(expected);
      const before = accepted.length;
      const { adapter } = network.host("client");
      const peer = await connectRaw(adapter);
      await network.idle();
      await connectRaw(adapter);
      await network.idle();
      assert.equal(failures.at(-1)!.kind, expected);
      assert.equal(accepted.length, before);
      listener.resume();
      await network.idle();
      const isLost = expected === "transient";
      assert.equal(accepted.length, before + (isLost ? 1 : 2));
      assert.deepEqual(peer.heard, isLost ? ["close reset"] : []);
    }
    assert.equal(failures.length, 3);
  });

  it("has connects fail as often as it is told to", async () => {
    const network = new SimNetwork();
    const host = network.host("client");
    await listenRaw(network.host("server").adapter);
    for (const expected of ["refused", "unreachable", "exhausted"] as const) {
      host.failConnects(expected, 2);
      for (let i = 0; i < 2; i++) {
        await assert.rejects(connectRaw(host.adapter), kind(expected));
      }
      await connectRaw(host.adapter);
    }
    host.failConnects("timed-out");
    const start = network.now();
    await assert.rejects(connectRaw(host.adapter), kind("timed-out"));
    assert.ok(network.now() - start >= 127_000);
  });
});
