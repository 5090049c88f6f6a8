import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SocketEvents } from "../../src/contract/socket.ts";
import { Inflow } from "../../src/entries/websocket/inflow.ts";
import { Pongs } from "../../src/entries/websocket/pongs.ts";

/** An inflow, and what is heard of it. */
function scene() {
  const heard: string[] = [];
  const source = {
    pause: () => void heard.push("pause"),
    resume: () => void heard.push("resume"),
  };
  const inflow = new Inflow(source);
  inflow.events = {
    onData: (buffer: Uint8Array, length: number) =>
      void heard.push(`${buffer.subarray(0, length)}`),
    onEnd: () => void heard.push("end"),
  } as unknown as SocketEvents;
  return { heard, inflow };
}

describe("what comes in of a WebSocket", () => {
  it("is told to nobody once it is aborted, whatever was read together", () => {
    const { heard, inflow } = scene();
    inflow.push(Uint8Array.of(1));
    inflow.drop();
    inflow.push(Uint8Array.of(2));
    inflow.end();
    assert.deepEqual(heard, ["1"]);
  });

  it("is held in a pause with the end behind it, and read on until it comes", async () => {
    const { heard, inflow } = scene();
    inflow.pause();
    assert.deepEqual(heard, []);
    inflow.push(Uint8Array.of(1));
    inflow.push(Uint8Array.of(2));
    inflow.end();
    assert.deepEqual(heard, ["pause"]);
    inflow.resume();
    assert.deepEqual(heard, ["pause", "resume"], "not from inside the call");
    await Promise.resolve();
    assert.deepEqual(heard, ["pause", "resume", "1", "2", "end"]);
  });
});

describe("an end of a WebSocket that comes in a pause", () => {
  it("is held, and nothing is read behind it", async () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.end();
    assert.deepEqual(heard, ["pause"]);
    inflow.resume();
    await Promise.resolve();
    assert.deepEqual(heard, ["pause", "resume", "end"]);
  });

  it("waits behind the messages if the connection closes meanwhile, and the close waits for it", async () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.push(Uint8Array.of(1));
    inflow.end();
    inflow.finish(() => void heard.push("close"));
    inflow.resume();
    assert.deepEqual(heard, ["pause"]);
    await Promise.resolve();
    assert.deepEqual(heard, ["pause", "1", "end", "close"]);
  });

  it("is never reported if the connection is aborted meanwhile", async () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.push(Uint8Array.of(1));
    inflow.end();
    inflow.finish(() => void heard.push("close"));
    inflow.drop();
    inflow.resume();
    await Promise.resolve();
    assert.deepEqual(heard, ["pause"]);
  });

  it("is not made of a close that no end came before, which waits as well", async () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.finish(() => void heard.push("close"));
    assert.deepEqual(heard, []);
    inflow.resume();
    await Promise.resolve();
    assert.deepEqual(heard, ["close"]);
  });

  it("does not hold up a close once everything is dropped", () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.drop();
    inflow.finish(() => void heard.push("close"));
    assert.deepEqual(heard, ["close"]);
  });

  it("that was reported lets the close pass a pause", () => {
    const { heard, inflow } = scene();
    inflow.end();
    inflow.pause();
    inflow.finish(() => void heard.push("close"));
    assert.deepEqual(heard, ["end", "close"]);
  });

  it("is reported by a close that comes just after the pause", () => {
    const { heard, inflow } = scene();
    inflow.pause();
    inflow.push(Uint8Array.of(1));
    inflow.end();
    inflow.resume();
    inflow.finish(() => void heard.push("close"));
    assert.deepEqual(heard, ["pause", "resume", "1", "end", "close"]);
  });
});

describe("the answers to pings", () => {
  it("keep the last of those that wait, in memory of its own", () => {
    const sent: string[] = [];
    let onOut = () => {};
    const pongs = new Pongs({
      pong(payload, callback) {
        sent.push(`${payload}`);
        onOut = callback;
      },
    });
    const read = new Uint8Array(65_536);
    for (const value of [1, 2, 3]) {
      pongs.onPing(read.subarray(0, 2).fill(value));
    }
    read.fill(9);
    assert.deepEqual(sent, ["1,1"]);
    onOut();
    assert.deepEqual(sent, ["1,1", "3,3"]);
    onOut();
    assert.equal(sent.length, 2);
  });
});
