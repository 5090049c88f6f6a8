import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { directStreams } from "../../src/adapters/tls/direct_stream.ts";

type Done = (error?: Error | null) => void;

/** A stream, the events it has emitted, and the writes that are not done yet. */
function watchedStream() {
  const told: string[] = [];
  const writes: { text: string; done: Done }[] = [];
  let reads = 0;
  const Stream = directStreams();
  const stream = new Stream({
    allowHalfOpen: true,
    autoDestroy: false,
    read: () => void reads++,
    write: (chunk, _encoding, done) =>
      void writes.push({ text: textOf(chunk), done }),
  });
  const on = (event: string, listener: (bytes: Uint8Array) => void) =>
    stream.on(event as "error", listener as () => void);
  on("data", (bytes) => told.push(textOf(bytes)));
  on("end", () => told.push("end"));
  on("close", () => told.push("close"));
  const texts = () => writes.map(({ text }) => text);
  return { stream, on, told, writes, texts, readCount: () => reads };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const microtask = () => Promise.resolve();

describe("a direct stream that is read", () => {
  it("passes on at once what is pushed, itself and not a copy, and asks for more when it is resumed", () => {
    const { stream, on, told, readCount } = watchedStream();
    stream.resume();
    stream.resume();
    assert.equal(readCount(), 1);
    const bytes = bytesOf("a");
    let passed: unknown;
    on("data", (it) => passed = it);
    assert.equal(stream.push(bytes), true);
    assert.deepEqual(told, ["a"]);
    assert.equal(passed, bytes);
    assert.equal(stream.push(null), true);
    assert.deepEqual(told, ["a", "end"]);
  });

  it("holds copies while it is paused, and passes them on in order, not from inside of resume", async () => {
    const { stream, told, readCount } = watchedStream();
    const bytes = bytesOf("a");
    assert.equal(stream.push(bytes), false);
    bytes.fill(0);
    stream.push(bytesOf("b"));
    stream.push(null);
    assert.equal(stream.readableLength, 3);
    stream.resume();
    assert.deepEqual(told, []);
    await microtask();
    assert.deepEqual(told, ["a", "b", "end"]);
    assert.equal(stream.readableLength, 0);
    assert.equal(readCount(), 1);
  });

  it("passes what is pushed behind what it holds, though it was resumed", async () => {
    const { stream, told } = watchedStream();
    stream.push(bytesOf("a"));
    stream.resume();
    assert.equal(stream.push(bytesOf("b")), false);
    await microtask();
    assert.deepEqual(told, ["a", "b"]);
  });

  it("stops where it is paused from inside of an event", async () => {
    const { stream, on, told, readCount } = watchedStream();
    on("data", () => void stream.pause());
    stream.push(bytesOf("a"));
    stream.push(bytesOf("b"));
    stream.resume();
    await microtask();
    assert.deepEqual(told, ["a"]);
    assert.equal(readCount(), 0);
    stream.resume();
    await microtask();
    assert.deepEqual(told, ["a", "b"]);
  });
});

describe("a direct stream that is diverted", () => {
  it("calls in place of the event, for what it holds, too", async () => {
    const { stream, told } = watchedStream();
    const diverted: string[] = [];
    stream.push(bytesOf("a"));
    stream.takeOverReads((bytes) => void diverted.push(textOf(bytes)));
    stream.resume();
    await microtask();
    stream.push(bytesOf("b"));
    stream.push(null);
    assert.deepEqual(diverted, ["a", "b"]);
    assert.deepEqual(told, ["end"]);
  });
});

describe("a direct stream that is written to", () => {
  it("has one write under way, and joins what comes meanwhile", () => {
    const { stream, writes, texts } = watchedStream();
    const done: string[] = [];
    stream.write(bytesOf("a"), () => void done.push("a"));
    stream.write(bytesOf("b"), () => void done.push("b"));
    stream.writeAll([bytesOf("c"), bytesOf("d")]);
    stream.write(bytesOf("e"), "buffer", () => void done.push("e"));
    assert.deepEqual(texts(), ["a"]);
    assert.deepEqual(done, []);
    writes[0].done();
    assert.deepEqual(texts(), ["a", "bcde"]);
    assert.deepEqual(done, ["a"]);
    writes[1].done();
    assert.deepEqual(done, ["a", "b", "e"]);
    assert.equal(writes.length, 2);
  });

  it("writes what was written while it was corked as one", () => {
    const { stream, texts } = watchedStream();
    stream.cork();
    stream.write(bytesOf("a"));
    stream.writeAll([bytesOf("b")]);
    assert.deepEqual(texts(), []);
    stream.uncork();
    assert.deepEqual(texts(), ["ab"]);
  });

  it("leaves alone what it has joined while that is being written, and not what was taken at once", () => {
    const kept: Uint8Array[] = [];
    const slowStream = new (directStreams())({
      allowHalfOpen: true,
      autoDestroy: false,
      read: () => {},
      write: (chunk) => void kept.push(chunk),
    });
    slowStream.writeAll([bytesOf("a"), bytesOf("b")]);
    const taken: Uint8Array[] = [];
    const fast = new (directStreams())({
      allowHalfOpen: true,
      autoDestroy: false,
      read: () => {},
      write: (chunk, _encoding, done) => {
        taken.push(chunk);
        done();
      },
    });
    fast.writeAll([bytesOf("c"), bytesOf("d")]);
    fast.writeAll([bytesOf("e"), bytesOf("f")]);
    fast.writeAll([new Uint8Array(100_000), new Uint8Array(100_000)]);
    assert.equal(taken[2].length, 200_000);
    assert.equal(textOf(kept[0]), "ab");
    assert.equal(taken[0].buffer, taken[1].buffer);
    assert.notEqual(taken[0].buffer, kept[0].buffer);
  });

  it("goes on with what is written from inside of a callback", () => {
    const { stream, writes, texts } = watchedStream();
    stream.write(bytesOf("a"), () => void stream.write(bytesOf("b")));
    writes[0].done();
    assert.deepEqual(texts(), ["a", "b"]);
  });

  it("ends by a callback, and is destroyed by an event, not from inside of the call", async () => {
    const { stream, told } = watchedStream();
    let hasEnded = false;
    stream.end(() => hasEnded = true);
    stream.destroy();
    assert.equal(hasEnded, false);
    assert.deepEqual(told, []);
    await microtask();
    assert.equal(hasEnded, true);
    assert.deepEqual(told, ["close"]);
  });
});
