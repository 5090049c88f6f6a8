import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BORROWED, SimRandom } from "../../mod.ts";
import { connectRaw, openRaw, type RawSimPeer } from "./raw_peers.ts";

/** Writes `bytes`, as far as the socket takes them, again and again. */
function pour(peer: RawSimPeer, bytes: Uint8Array, onDone: () => void): void {
  let position = 0;
  let size = 0;
  const write = () => {
    while (position < bytes.length) {
      const taken = peer.socket.write(bytes, position, bytes.length);
      if (taken === BORROWED) {
        size = bytes.length - position;
        return;
      }
      position += taken;
      if (position < bytes.length && taken === 0) return;
    }
    peer.onEvent = () => {};
    onDone();
  };
  peer.onEvent = (event) => {
    if (event !== "writable") return;
    position += size;
    size = 0;
    write();
  };
  write();
}

describe("a simulated connection", () => {
  it("brings every byte in order, whatever the buffers, the jitter and the faults", async () => {
    const random = new SimRandom(1);
    const faults = {
      shortReads: 0.3,
      shortWrites: 0.3,
      refusedWrites: 0.1,
      spuriousWritable: 0.3,
      lostPackets: 0.01,
    };
    for (const writes of ["counts", "borrows", "mixed"] as const) {
      for (const [sendBufferBytes, receiveBufferBytes] of SIZES) {
        const { network, client, server } = await openRaw({
          seed: random.integer(1, 2 ** 31),
          jitterMs: 9,
          writes,
          sendBufferBytes,
          receiveBufferBytes,
          faults,
        });
        const bytes = random.bytes(20 * receiveBufferBytes + 777);
        pour(client, bytes, () => client.socket.shutdownWrite());
        await network.until(() => server.heard.includes("end"), {
          timeoutMs: 1e9,
        });
        assert.deepEqual(Uint8Array.from(server.bytes), bytes);
        assert.deepEqual(network.violations, []);
      }
    }
  });

  it("takes the latency to bring bytes, which arrive together", async () => {
    const { network, client, server } = await openRaw();
    const start = network.now();
    client.write(1);
    client.write(2, 3);
    await network.until(() => server.bytes.length > 0);
    const elapsed = network.now() - start;
    assert.ok(elapsed >= 10 && elapsed < 10.1, `${elapsed} ms`);
    assert.deepEqual(server.heard, ["data 3"]);
  });

  it("takes the time that its bandwidth wants", async () => {
    const { network, client, server } = await openRaw({
      bytesPerSecond: 10_000,
    });
    const start = network.now();
    pour(client, new Uint8Array(20_000), () => {});
    await network.until(() => server.bytes.length === 20_000);
    const elapsed = network.now() - start;
    assert.ok(elapsed >= 2010 && elapsed < 2012, `${elapsed} ms`);
  });

  it("stalls the sender when buffers are full, until the reader reads", async () => {
    const { network, client, server } = await openRaw({
      sendBufferBytes: 100,
      receiveBufferBytes: 1000,
    });
    server.socket.pause();
    let taken = 0;
    const bytes = new Uint8Array(5000);
    const write = () => {
      let count;
      do taken += count = client.socket.write(bytes, 0, 60); while (count > 0);
    };
    client.onEvent = (event) => event === "writable" && write();
    write();
    await network.idle();
    assert.equal(taken, 1100);
    assert.deepEqual(server.heard, []);
    assert.deepEqual(client.heard, []);
    server.onEvent = (event) =>
      event.startsWith("data") && server.socket.pause();
    server.socket.resume();
    await network.idle();
    assert.deepEqual(server.heard, ["data 1000"]);
    assert.equal(taken, 2100);
  });

  it("borrows until the bytes are with the system", async () => {
    const { network, client, server } = await openRaw({
      writes: "borrows",
      sendBufferBytes: 100,
      receiveBufferBytes: 1000,
    });
    server.socket.pause();
    assert.equal(client.socket.write(new Uint8Array(1101), 0, 1101), BORROWED);
    await network.idle();
    assert.deepEqual(client.heard, []);
    server.socket.resume();
    await network.idle();
    assert.deepEqual(client.heard, ["writable"]);
    assert.equal(server.bytes.length, 1101);
  });

  it("mixes counting and borrowing by the seed", async () => {
    const { network, client } = await openRaw({ writes: "mixed" });
    const results = new Set<number>();
    for (let i = 0; i < 20; i++) {
      results.add(client.write(1));
      await network.idle();
    }
    assert.deepEqual([...results].sort(), [BORROWED, 1]);
  });

  it("hands out a buffer that is overwritten after the call", async () => {
    const { network, client, server } = await openRaw();
    let kept: Uint8Array = new Uint8Array();
    const { onData } = server;
    server.onData = (buffer, length) => {
      kept = buffer.subarray(0, length);
      onData.call(server, buffer, length);
    };
    client.write(1, 2, 3);
    await network.idle();
    assert.deepEqual(server.bytes, [1, 2, 3]);
    assert.ok(!kept.includes(1) && !kept.includes(2) && !kept.includes(3));
  });

  it("hands out another buffer when its reader has transferred one away", async () => {
    const { network, client, server } = await openRaw();
    const { onData } = server;
    server.onData = (bytes, length) => {
      const buffer = bytes.buffer as ArrayBuffer;
      const taken = structuredClone(buffer, { transfer: [buffer] });
      onData.call(server, new Uint8Array(taken), length);
    };
    client.write(1, 2, 3);
    await network.idle();
    client.write(4);
    await network.idle();
    assert.deepEqual(server.bytes, [1, 2, 3, 4]);
  });

  it("while paused hands out neither bytes nor FIN, and both in order afterwards", async () => {
    const { network, client, server } = await openRaw();
    server.socket.pause();
    client.write(1, 2);
    client.socket.shutdownWrite();
    await network.idle();
    assert.deepEqual(server.heard, []);
    server.onEvent = (event) => event === "data 2" && server.socket.pause();
    server.socket.resume();
    await network.idle();
    assert.deepEqual(server.heard, ["data 2"]);
    server.socket.resume();
    await network.idle();
    assert.deepEqual(server.heard, ["data 2", "end"]);
  });

  it("sends on after the peer's FIN, and closes by itself when both have sent theirs", async () => {
    const { network, client, server } = await openRaw();
    client.socket.shutdownWrite();
    await network.idle();
    assert.deepEqual(server.heard, ["end"]);
    server.write(1, 2, 3);
    server.socket.shutdownWrite();
    await network.idle();
    assert.deepEqual(server.heard, ["end", "close"]);
    assert.deepEqual(client.heard, ["data 3", "end", "close"]);
    assert.equal(network.host("client").counts.sockets, 0);
    assert.equal(network.host("server").counts.sockets, 0);
    assert.equal(client.write(1), 0);
  });

  it("sends what it has accepted before FIN, though its owner has closed it", async () => {
    const { network, client, server } = await openRaw({
      receiveBufferBytes: 10,
    });
    server.socket.shutdownWrite();
    await network.idle();
    client.socket.write(new Uint8Array(100), 0, 100);
    client.socket.shutdownWrite();
    await network.until(() => client.heard.includes("close"));
    await network.idle();
    assert.equal(server.bytes.length, 100);
    assert.deepEqual(server.heard.slice(-2), ["end", "close"]);
  });

  it("that is destroyed closes here, and is reset there", async () => {
    const { network, client, server } = await openRaw();
    client.write(1);
    client.socket.destroy();
    client.socket.destroy();
    assert.equal(client.write(1), 0);
    await network.idle();
    assert.deepEqual(client.heard, ["close"]);
    assert.deepEqual(server.heard, ["data 1", "close reset"]);
    assert.equal(server.write(1), 0);
    server.socket.destroy();
    await network.idle();
    assert.equal(server.heard.length, 2);
  });

  it("that is destroyed when both have sent FIN loses nothing", async () => {
    const { network, client, server } = await openRaw({
      receiveBufferBytes: 10,
    });
    server.socket.write(new Uint8Array(100), 0, 100);
    server.socket.shutdownWrite();
    server.onEvent = (event) => event === "end" && server.socket.destroy();
    client.socket.shutdownWrite();
    await network.idle();
    assert.deepEqual(server.heard, ["end", "close"]);
    assert.equal(client.bytes.length, 100);
    assert.deepEqual(client.heard.slice(-2), ["end", "close"]);
  });

  it("tells of room even if it told without cause before", async () => {
    const { network, client, server } = await openRaw({
      sendBufferBytes: 100,
      receiveBufferBytes: 100,
      faults: { spuriousWritable: 1 },
    });
    server.socket.pause();
    for (const taken of [100, 100, 0]) {
      assert.equal(client.socket.write(new Uint8Array(200), 0, 200), taken);
    }
    server.write(1);
    await network.idle();
    assert.deepEqual(client.heard, ["data 1", "writable"]);
    server.socket.resume();
    await network.idle();
    assert.deepEqual(client.heard, ["data 1", "writable", "writable"]);
  });

  it("that is reset closes while it is paused, too, and drops what was not read", async () => {
    const { network, client, server } = await openRaw();
    server.socket.pause();
    client.write(1);
    client.socket.destroy();
    await network.idle();
    assert.deepEqual(server.heard, ["close reset"]);
  });

  it("takes the latency that its link is set to", async () => {
    const { network, client, server } = await openRaw();
    network.setLink("client", "server", { latencyMs: 300 });
    const start = network.now();
    client.write(1);
    await network.until(() => server.bytes.length === 1);
    assert.ok(network.now() - start >= 300);
  });

  it("borrows or counts as its host is told to", async () => {
    const { network, client, server } = await openRaw({ writes: "mixed" });
    const hosts = {
      mixed: network.host("client"),
      counts: network.host("a", { writes: "counts" }),
      borrows: network.host("b", { writes: "borrows" }),
    };
    assert.equal(client.socket.borrowsWrites, true);
    for (let i = 0; i < 10; i++) {
      const counting = await connectRaw(hosts.counts.adapter);
      assert.equal(counting.socket.borrowsWrites, false);
      assert.equal(counting.write(1), 1);
      const borrowing = await connectRaw(hosts.borrows.adapter);
      assert.equal(borrowing.socket.borrowsWrites, true);
      assert.equal(borrowing.write(1), BORROWED);
    }
    assert.deepEqual([client.heard, server.heard], [[], []]);
  });
});

const SIZES: readonly (readonly [number, number])[] = [
  [1, 1],
  [3, 100],
  [100, 3],
  [1000, 1024],
];
