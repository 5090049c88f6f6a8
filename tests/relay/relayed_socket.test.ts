import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BORROWED, SocketFailure } from "../../mod.ts";
import { costOf } from "../../src/threads/relay/protocol.ts";
import { eventually, sleep } from "../conformance/support.ts";
import { fakeRelay } from "./fake_relay.ts";
import { RELAY_WINDOW } from "../../src/tuning.ts";

describe("a relayed socket", () => {
  it("passes options on, and FIN after everything written", async () => {
    const { real, socket, log, end } = await fakeRelay();
    const keepAlive = { idleMs: 5000, intervalMs: 2000, count: 3 };
    socket.setOptions({ noDelay: true, keepAlive });
    socket.setOptions({ keepAlive: false });
    assert.equal(socket.write(Uint8Array.of(0, 1, 2, 3), 1, 3), BORROWED);
    await eventually(() => real.written.length === 1, "it is written");
    assert.deepEqual(real.calls, [
      `options ${JSON.stringify({ noDelay: true, keepAlive })}`,
      'options {"keepAlive":false}',
    ]);
    assert.deepEqual([...real.written[0]], [1, 2]);
    real.events.onWritable();
    await eventually(() => log.length === 1, "it is out");
    socket.shutdownWrite();
    await eventually(() => real.calls.length === 3, "our FIN");
    assert.equal(real.calls.at(-1), "shutdownWrite");
    await end();
  });

  it("says that what it sends is out when the real one has taken all of it, not before", async () => {
    const { real, socket, log, end } = await fakeRelay();
    const size = 1000;
    real.write = (buffer, start, end) => {
      real.written.push(buffer.slice(start, end));
      return real.written.length < 3 ? 1 : BORROWED;
    };
    const bytes = Uint8Array.from({ length: size }, (_, i) => i);
    assert.equal(socket.write(bytes, 0, size), BORROWED);
    bytes.fill(0); // they are the caller's, as far as the relay is concerned
    for (const writeCount of [1, 2, 3]) {
      await eventually(() => real.written.length === writeCount, "it writes");
      await sleep(20);
      assert.deepEqual(log, [], `after write ${writeCount}`);
      real.events.onWritable();
    }
    await eventually(() => log.length > 0, "it is out");
    assert.deepEqual(log, ["writable"]);
    assert.deepEqual(
      real.written.map((part) => part.length),
      [size, size - 1, size - 2],
    );
    assert.equal(real.written[2][0], 2);
    assert.equal(socket.write(bytes, 0, 1), BORROWED, "and it takes more");
    await end();
  });

  it("says so while it is paused, too, and before it says that it is closed", async () => {
    const { real, socket, log, end } = await fakeRelay();
    socket.pause();
    assert.equal(socket.write(Uint8Array.of(1), 0, 1), BORROWED);
    await eventually(() => real.written.length === 1, "it is written");
    real.events.onWritable();
    real.events.onClose(new SocketFailure("reset", "gone"));
    await eventually(() => log.length === 2, "it failed");
    assert.deepEqual(log, ["writable", ["closed", "reset"]]);
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

  it("closes gracefully only after what was held", async () => {
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
