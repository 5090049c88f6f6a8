import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BORROWED,
  SimContractError,
  SimNetwork,
  type Socket,
} from "../../mod.ts";
import { listenRaw, openRaw, type RawPair, RawSimPeer } from "./raw_peers.ts";
import { tcp } from "../support/tcp.ts";

describe("the simulated adapter finds", () => {
  finds("a write while bytes are borrowed", ({ client }) => {
    assert.equal(client.write(1), BORROWED);
    assert.equal(client.write(2), 0);
  }, /client 1c.* write while bytes are borrowed/);

  finds("a write after shutdownWrite", ({ client }) => {
    client.socket.shutdownWrite();
    client.write(1);
  }, /write after shutdownWrite/);

  finds("a write beyond its buffer", ({ client }) => {
    client.socket.write(new Uint8Array(3), 1, 4);
  }, /write of 1 to 4 of 3 bytes/);

  finds("a write of no bytes", ({ client }) => {
    client.socket.write(new Uint8Array(3), 2, 2);
  }, /write of 2 to 2 of 3 bytes/);

  finds("shutdownWrite twice", ({ client }) => {
    client.socket.shutdownWrite();
    client.socket.shutdownWrite();
  }, /shutdownWrite twice/);

  finds("shutdownWrite while bytes are borrowed", ({ client }) => {
    client.write(1);
    client.socket.shutdownWrite();
  }, /shutdownWrite while bytes are borrowed/);

  finds("borrowed bytes that are changed", ({ client }) => {
    const bytes = new Uint8Array(10);
    client.socket.write(bytes, 2, 8);
    bytes[7] = 1;
  }, /borrowed bytes were changed/);

  finds("borrowed bytes that are changed before onClose", ({ client }) => {
    const bytes = new Uint8Array(10);
    client.socket.write(bytes, 2, 8);
    client.socket.destroy();
    bytes[7] = 1;
  }, /borrowed bytes were changed/);

  finds("the buffer of a read that is under way, if it is changed", async ({
    network,
    client,
    server,
  }) => {
    const target = new Uint8Array(10);
    server.readBuffer = () => target;
    client.write(1, 2);
    await network.until(() => server.bytes.length === 2);
    target[1] = 1; // the next read is under way
    await network.idle();
    client.write(3, 4);
  }, /server 1a.* the buffer of a read that is under way was changed/);

  finds("a socket that is handed on while it may report", ({ client }) => {
    client.socket.start(client);
  }, /start again, outside of an event and a pause/);

  finds("a socket that is neither started nor destroyed", ({ network }) => {
    let socket: Socket | undefined;
    network.host("client").adapter.connect({ address: tcp("server", 80) }, {
      onConnect: (connected) => void (socket = connected),
      onConnectError: assert.ifError,
    });
    return network.until(() => socket !== undefined);
  }, /client 2c.* neither start nor destroy/);

  finds("a listener that is closed twice", ({ listener }) => {
    listener.close();
    listener.close();
  }, /server.* a listener closed twice/);

  finds("a timer out of its range", ({ network }) => {
    network.host("client").adapter.clock.setTimer(() => {}, -1);
  }, /client.* a timer of -1 ms/);

  it("no fault in what the contract allows", async () => {
    const { network, client, server, listener } = await openRaw({
      writes: "borrows",
    });
    const bytes = new Uint8Array(10);
    client.onEvent = (event) => event === "writable" && bytes.fill(1);
    client.socket.write(bytes, 2, 8);
    bytes[0] = bytes[9] = 1;
    for (let i = 0; i < 2; i++) {
      client.socket.pause();
      client.socket.resume();
      listener.resume();
    }
    await network.idle();
    client.socket.shutdownWrite();
    await network.idle();
    for (let i = 0; i < 2; i++) server.socket.destroy();
    server.write(1);
    await listener.close();
    await network.idle();
    assert.deepEqual(network.violations, []);
  });

  it("a start that comes too late, and hands nothing to it", async () => {
    const network = new SimNetwork();
    const { adapter } = network.host("server");
    await listenRaw(adapter);
    const late = new RawSimPeer();
    let socket: Socket | undefined;
    adapter.connect({ address: tcp("server", 80) }, {
      onConnect: (connected) => void (socket = connected),
      onConnectError: assert.ifError,
    });
    await network.until(() => socket !== undefined);
    late.take(socket!);
    await network.idle();
    assert.equal(network.violations.length, 2);
    assert.match(network.violations[1].message, /start outside of onAccept/);
    assert.deepEqual(late.heard, []);
  });
});

/** Has `misbehave` break one rule on a connection that borrows what is written. */
function finds(
  what: string,
  misbehave: (pair: RawPair) => Promise<void> | void,
  message: RegExp,
): void {
  it(what, async () => {
    const pair = await openRaw({ writes: "borrows" });
    assert.equal(pair.network.violations.length, 0);
    await misbehave(pair);
    await pair.network.idle();
    const { violations, trace } = pair.network;
    assert.equal(violations.length, 1);
    assert.ok(violations[0] instanceof SimContractError);
    assert.match(violations[0].message, message);
    assert.ok(trace.some((line) => line.includes("VIOLATION")));
  });
}
