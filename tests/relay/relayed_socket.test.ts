import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SocketFailure } from "../../mod.ts";
import { costOf } from "../../src/threads/relay/protocol.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { fakeRelay } from "./fake_relay.ts";
import { RELAY_WINDOW } from "../../src/tuning.ts";

describe("a relayed socket", () => {
  it("passes options on, and FIN after everything written", async () => {
    const { real, socket, end } = await fakeRelay();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 1234);
    assert.equal(socket.write(Uint8Array.of(0, 1, 2, 3), 1, 3), 2);
    socket.shutdownWrite();
    await eventually(() => real.written.length === 1, "it is written");
    await sleep(20);
    assert.deepEqual(real.calls, ["noDelay true", "keepAlive true 1234"]);
    assert.deepEqual([...real.written[0]], [1, 2]);
    real.events.onWritable();
    assert.equal(real.calls.at(-1), "shutdownWrite");
    await end();
  });

  it("takes no more than the window, and the rest when there is room", async () => {
    const { real, socket, log, end } = await fakeRelay();
    const bytes = new Uint8Array(2 * RELAY_WINDOW);
    assert.equal(socket.write(bytes, 0, bytes.length), RELAY_WINDOW);
    assert.equal(socket.write(bytes, RELAY_WINDOW, bytes.length), 0);
    await eventually(() => real.written.length === 1, "the first part is lent");
    await sleep(20);
    assert.deepEqual(log, []);
    real.events.onWritable();
    await eventually(() => log.length > 0, "there is room");
    assert.deepEqual(log, ["writable"]);
    assert.equal(
      socket.write(bytes, RELAY_WINDOW, bytes.length),
      RELAY_WINDOW / 2,
    );
    await end();
  });

  it("fills the window exactly: all is taken, nothing more until half of it is written", async () => {
    const { real, socket, log, end } = await fakeRelay();
    const bytes = new Uint8Array(RELAY_WINDOW);
    assert.equal(socket.write(bytes, 0, RELAY_WINDOW), RELAY_WINDOW);
    await eventually(() => real.written.length === 1, "the first part is lent");
    real.events.onWritable();
    await sleep(20);
    assert.deepEqual(log, [], "nobody waits for room");
    assert.equal(socket.write(bytes, 0, RELAY_WINDOW), RELAY_WINDOW / 2);
    assert.equal(socket.write(bytes, 0, 1), 0);
    await end();
  });

  it("pauses the real one as soon as what was read fills the window exactly, not before", async () => {
    const { real, socket, end } = await fakeRelay();
    socket.pause();
    const cost = costOf(new ArrayBuffer(0));
    const bytes = new Uint8Array(RELAY_WINDOW - 2 * cost - 1);
    real.events.onData(bytes, bytes.length);
    assert.deepEqual(real.calls, []);
    real.events.onData(bytes, 1);
    assert.deepEqual(real.calls, ["pause"]);
    socket.resume();
    await eventually(() => real.calls.includes("resume"), "it reads again");
    await end();
  });

  it("tells nothing but a failure while paused, and nothing from inside a call", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.pause();
    real.events.onData(Uint8Array.of(1, 2, 3), 2);
    real.events.onEnd();
    await sleep(20);
    assert.deepEqual(log, []);
    socket.resume();
    assert.deepEqual(log, []);
    await eventually(() => log.length === 2, "it goes on");
    assert.deepEqual(log, [2, "end"]);
    socket.pause();
    real.events.onClose(new SocketFailure("timed-out", "too late"));
    await eventually(() => log.length === 3, "it failed");
    assert.deepEqual(log[2], ["closed", "timed-out"]);
    assert.equal(socket.write(Uint8Array.of(1), 0, 1), 0);
    await end();
  });

  it("closes in good order only after what was held", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.pause();
    socket.shutdownWrite();
    await eventually(() => real.calls.includes("shutdownWrite"), "our FIN");
    real.events.onEnd();
    await end();
    assert.deepEqual(log, []);
    socket.resume();
    await eventually(() => log.length === 2, "it goes on");
    assert.deepEqual(log, ["end", ["closed", undefined]]);
  });

  it("that is destroyed destroys the real one and closes once, later", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.destroy();
    socket.destroy();
    assert.deepEqual(log, []);
    await eventually(() => real.calls.length > 0, "the real one hears of it");
    await end();
    assert.deepEqual(real.calls, ["destroy"]);
    assert.deepEqual(log, [["closed", undefined]]);
  });

  it("bounds also how many small reads are held", async () => {
    const { real, socket, end } = await fakeRelay();
    socket.pause();
    for (let i = 0; i < 1024 && !real.calls.includes("pause"); i++) {
      real.events.onData(Uint8Array.of(1), 1);
    }
    assert.ok(real.calls.includes("pause"));
    await sleep(20);
    assert.ok(!real.calls.includes("resume"));
    socket.resume();
    await eventually(() => real.calls.includes("resume"), "it reads again");
    await end();
  });
});
