import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Codec,
  framed,
  InvalidCodecError,
  InvalidReactorError,
} from "../../mod.ts";

const bytes: Codec<Uint8Array> = {
  maxFrameSize: 10,
  frameSize: (_bytes, start, end) => end - start,
  decode: (bytes, start, end) => bytes.slice(start, end),
  encode: (message, out) => void out.write(message),
};

describe("framed", () => {
  it("refuses anything but a codec, and says what is missing", () => {
    const wrong: [codec: unknown, said: RegExp][] = [
      [undefined, /undefined as a codec: it has no frameSize/],
      [{}, /it has no frameSize/],
      [{ ...bytes, decode: 1 }, /it has no decode/],
      [{ ...bytes, encode: undefined }, /it has no encode/],
      [{ ...bytes, maxFrameSize: 0 }, /maxFrameSize 0: it must be/],
      [{ ...bytes, maxFrameSize: 1.5 }, /maxFrameSize 1\.5/],
      [{ ...bytes, maxFrameSize: 2 ** 30 + 1 }, /maxFrameSize 1073741825/],
      [{ ...bytes, maxFrameSize: "9" }, /maxFrameSize "9"/],
      [Promise.reject(new Error("lost")), /it has no frameSize/],
    ];
    for (const [codec, said] of wrong) {
      assert.throws(
        () => framed(codec as Codec<Uint8Array>, { onMessage() {} }),
        (error) =>
          error instanceof InvalidCodecError && said.test(error.message),
      );
    }
  });

  it("takes a codec of a class, and methods from its prototype", () => {
    class Fixed implements Codec<number> {
      get maxFrameSize() {
        return 2 ** 30;
      }
      frameSize = () => 1;
      decode(bytes: Uint8Array, start: number) {
        return bytes[start];
      }
      encode() {}
    }
    assert.equal(
      typeof framed(new Fixed(), { onMessage() {} }).onInboundMessage,
      "function",
    );
  });

  it("refuses handlers without onMessage", () => {
    for (const handlers of [undefined, null, {}, { onMessage: 1 }]) {
      assert.throws(
        () => framed(bytes, handlers as never),
        InvalidReactorError,
      );
    }
  });

  it("has the handlers that it was given, and no others", () => {
    const few = framed(bytes, { onMessage() {} });
    assert.equal(few.onCommand, undefined);
    assert.equal(few.onPeerEnd, undefined);
    assert.equal(few.onDrain, undefined);
    const many = framed(bytes, {
      onMessage() {},
      onCommand() {},
      onPeerEnd() {},
      onDrain() {},
    });
    assert.equal(typeof many.onCommand, "function");
    assert.equal(typeof many.onPeerEnd, "function");
    assert.equal(typeof many.onDrain, "function");
  });
});
