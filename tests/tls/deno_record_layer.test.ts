import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { denoRecordLayer } from "../../src/adapters/tls/deno_record_layer.ts";
import type { DirectStream } from "../../src/adapters/tls/direct_stream.ts";
import type { NativeTlsSocket } from "../../src/adapters/tls/node_tls_types.ts";

const KiB = 1024;

/** The part of Deno's TLS handle that is used; it has decrypted what a test says. */
class Handle {
  /** What is reported to its socket. */
  readonly heard: string[] = [];
  onread = (): void => void this.heard.push("end");
  onerror = (error: Error): void => void this.heard.push(error.message);
  readonly _parentWrap: { readonly stream: object };
  #buffer: Uint8Array = new Uint8Array(0);
  #bytesRead = 0;

  constructor(stream: object) {
    this._parentWrap = { stream };
  }

  /** Counts `text` as decrypted, and delivers it, unless it fails before. */
  say(text: string, failure?: Error): void {
    const bytes = new TextEncoder().encode(text);
    this.#bytesRead += bytes.length;
    if (failure !== undefined) return this.onerror(failure);
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + this.#buffer.length);
      this.#buffer.set(piece);
      at += piece.length;
      this.onread();
    }
  }

  getBytesRead(): number {
    return this.#bytesRead;
  }

  useUserBuffer(buffer: Uint8Array): void {
    this.#buffer = buffer;
  }

  readStart(): number {
    return 0;
  }

  readBuffer(): void {}

  writeBuffer(): number {
    return 0;
  }

  drainEncOut(): Uint8Array {
    return new Uint8Array(0);
  }
}

/** A record layer over a handle, and what it reports. */
function scene(prototype: object = Handle.prototype) {
  const stream = { takeOverReads() {} };
  const handle = new Handle(stream);
  Object.setPrototypeOf(handle, prototype);
  const told: string[] = [];
  const layer = denoRecordLayer({
    stream: stream as unknown as DirectStream,
    native: { _handle: handle } as unknown as NativeTlsSocket,
    events: {
      onPlain: (buffer, length) =>
        void told.push(new TextDecoder().decode(buffer.slice(0, length))),
      onIdle: () => {},
    },
  });
  return { handle, told, layer };
}

describe("the record layer of Deno", () => {
  it("tells what was decrypted, of which more may come than its buffer has room for", () => {
    const { handle, told } = scene();
    handle.say("hello");
    const long = "abcdefg".repeat(50 * KiB);
    handle.say(long);
    assert.equal(told[0], "hello");
    assert.equal(told.slice(1).join(""), long);
    assert.ok(told.length > 2);
  });

  it("leaves an end to the socket, and what has failed", () => {
    const { handle, told } = scene();
    handle.say("hello");
    handle.onread();
    handle.onerror(new Error("broken"));
    assert.deepEqual(told, ["hello"]);
    assert.deepEqual(handle.heard, ["end", "broken"]);
  });

  it("does not take what others said for what was decrypted before a failure, and never told", () => {
    const other = scene();
    other.handle.say("a secret");
    const { handle, told } = scene();
    handle.say("unknown", new Error("broken"));
    handle.onread();
    assert.deepEqual(told, []);
    assert.deepEqual(handle.heard, ["broken", "end"]);
  });

  it("is not where a buffer would be given to what lies below TLS", () => {
    assert.equal(scene(Object.create(Handle.prototype)).layer, undefined);
    assert.ok(scene().layer);
  });
});
