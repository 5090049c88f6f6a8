import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DirectTls } from "../../src/adapters/tls/direct_tls.ts";
import type { RecordLayerEvents } from "../../src/adapters/tls/record_layer.ts";

const KiB = 1024;

/** A record layer and a carrier under the test's control, and what their owner is told. */
function scene() {
  const written: number[] = [];
  const told: string[] = [];
  const state = { isIdle: true, isDrained: true, isListening: true };
  let onDrained: (() => void) | undefined;
  let events!: RecordLayerEvents;
  let isAsked = false;
  const carrier = {
    get isDrained() {
      return state.isDrained;
    },
    onceDrained(callback: () => void) {
      if (state.isDrained) callback();
      else onDrained = callback;
    },
  };
  const owner = {
    get isListening() {
      return state.isListening;
    },
    onPlain: (buffer: Uint8Array, length: number) =>
      void told.push(new TextDecoder().decode(buffer.subarray(0, length))),
    onRoom: () => void told.push("room"),
  };
  const layer = {
    get isIdle() {
      return state.isIdle;
    },
    write: (bytes: Uint8Array) => void written.push(bytes.length),
    notifyIdle: () => void (isAsked = true),
  };
  const tls = new DirectTls(
    (it) => {
      events = it;
      return layer;
    },
    carrier,
    owner,
  );
  const say = (text: string) => {
    const bytes = new TextEncoder().encode(`${text}...`);
    events.onPlain(bytes, text.length);
    bytes.fill(0);
  };
  return {
    ...{ tls, state, written, told, say, owner },
    /** Reports it only if that was requested, unless `always`. */
    idle(always = false) {
      state.isIdle = true;
      if (isAsked || always) events.onIdle();
      isAsked = false;
    },
    drain() {
      state.isDrained = true;
      const callback = onDrained;
      onDrained = undefined;
      callback?.();
    },
  };
}

describe("what is heard in TLS", () => {
  it("is told at once, and while nobody listens it is kept, in order", () => {
    const { tls, state, told, say } = scene();
    say("a");
    state.isListening = false;
    say("b");
    say("c");
    assert.deepEqual(told, ["a"]);
    assert.equal(tls.isAllDelivered, false);
    state.isListening = true;
    say("d");
    assert.deepEqual(told, ["a"]);
    tls.deliverHeld();
    assert.deepEqual(told, ["a", "b", "c", "d"]);
    assert.equal(tls.isAllDelivered, true);
  });

  it("is told no further than to who stops listening", () => {
    const { tls, state, told, say, owner } = scene();
    state.isListening = false;
    say("a");
    say("b");
    const { onPlain } = owner;
    owner.onPlain = (buffer, length) => {
      onPlain(buffer, length);
      state.isListening = false;
    };
    state.isListening = true;
    tls.deliverHeld();
    assert.deepEqual(told, ["a"]);
    state.isListening = true;
    tls.deliverHeld();
    assert.deepEqual(told, ["a", "b"]);
  });
});

describe("what is said in TLS", () => {
  it("is encrypted 64 KiB at a time, as long as all of it is out at once", () => {
    const { tls, written, told } = scene();
    const all = new Uint8Array(200 * KiB);
    assert.equal(tls.write(all, 1, all.length), all.length - 1);
    assert.deepEqual(written, [64 * KiB, 64 * KiB, 64 * KiB, 8 * KiB - 1]);
    assert.deepEqual(told, []);
  });

  it("waits while records wait to be written: so no more than 64 KiB of them ever do", () => {
    const { tls, state, written, told, drain } = scene();
    const all = new Uint8Array(100 * KiB);
    state.isDrained = false;
    assert.equal(tls.write(all, 0, all.length), 0);
    assert.deepEqual(written, []);
    drain();
    assert.deepEqual(told, ["room"]);
    drain();
    assert.deepEqual(told, ["room"]);
  });

  it("waits while what was said before is still being encrypted, and then for its records", () => {
    const { tls, state, written, told, idle, drain } = scene();
    state.isIdle = false;
    assert.equal(tls.write(new Uint8Array(10), 0, 10), 0);
    state.isDrained = false;
    idle();
    assert.deepEqual(told, []);
    drain();
    assert.deepEqual(told, ["room"]);
    assert.deepEqual(written, []);
  });

  it("is over when all is encrypted", () => {
    const { tls, state, told, idle } = scene();
    tls.onceIdle(() => told.push("at once"));
    state.isIdle = false;
    tls.onceIdle(() => told.push("later"));
    assert.deepEqual(told, ["at once"]);
    idle();
    idle();
    assert.deepEqual(told, ["at once", "later"]);
  });

  it("tells of no room to who has not asked for more", () => {
    const { tls, told, idle } = scene();
    assert.equal(tls.write(new Uint8Array(10), 0, 10), 10);
    idle(true);
    assert.deepEqual(told, []);
  });
});
