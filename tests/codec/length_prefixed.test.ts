import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryWriter,
  delimited,
  fixed,
  FrameTooLargeError,
  InvalidFrameLengthError,
  InvalidOptionError,
  InvalidSliceError,
  lengthPrefixed,
  type LengthPrefixedOptions,
  varintPrefixed,
  WriterFullError,
} from "../../mod.ts";
import { framesOf, hex, written } from "./streams.ts";

/** A frame, what is decoded of it, and what is encoded to get it. */
interface Variant {
  readonly name: string;
  readonly options: LengthPrefixedOptions;
  readonly frame: Uint8Array;
  readonly payload: Uint8Array;
  /** If that is not what is decoded: with a length in it that does not matter. */
  readonly sent?: Uint8Array;
}

const BODY = "48 45 4c 4c 4f";

const VARIANTS: Variant[] = [
  {
    name: "the length, and then as many bytes, which are the payload",
    options: { bytes: 2 },
    frame: hex("00 05", BODY),
    payload: hex(BODY),
  },
  {
    name: "the same, the whole frame being the payload",
    options: { bytes: 2, strip: 0 },
    frame: hex("00 05", BODY),
    payload: hex("00 05", BODY),
    sent: hex("ff ff", BODY),
  },
  {
    name: "a part of the length in the payload",
    options: { bytes: 4, strip: 2 },
    frame: hex("00 00 00 05", BODY),
    payload: hex("00 05", BODY),
    sent: hex("ff ff", BODY),
  },
  {
    name: "a length that counts itself",
    options: { bytes: 2, includesHeader: true },
    frame: hex("00 07", BODY),
    payload: hex(BODY),
  },
  {
    name: "the same by adjusting it",
    options: { bytes: 2, adjust: -2 },
    frame: hex("00 07", BODY),
    payload: hex(BODY),
  },
  {
    name: "a field before the length",
    options: { bytes: 3, offset: 2 },
    frame: hex("ca fe 00 00 05", BODY),
    payload: hex("ca fe 00 00 05", BODY),
    sent: hex("ca fe 11 22 33", BODY),
  },
  {
    name: "a field behind the length that it does not count",
    options: { bytes: 3, adjust: 2 },
    frame: hex("00 00 05 ca fe", BODY),
    payload: hex("ca fe", BODY),
  },
  {
    name: "fields before and behind it, the first two not in the payload",
    options: {
      bytes: 2,
      offset: 1,
      adjust: 1,
      strip: 3,
      header: hex("ca 00 00"),
    },
    frame: hex("ca 00 05 fe", BODY),
    payload: hex("fe", BODY),
  },
  {
    name: "the same, the length counting everything",
    options: {
      bytes: 2,
      offset: 1,
      includesHeader: true,
      strip: 3,
      header: hex("ca ff ff"),
    },
    frame: hex("ca 00 09 fe", BODY),
    payload: hex("fe", BODY),
  },
  {
    name: "a header of which only what comes behind the length is kept",
    options: { bytes: 1, offset: 1, strip: 4, header: hex("aa 00 bb cc") },
    frame: hex("aa 07 bb cc", BODY),
    payload: hex(BODY),
  },
  {
    name: "the header of Modbus over TCP",
    options: { bytes: 2, offset: 4 },
    frame: hex("00 01 00 00 00 06 11 03 00 6b 00 03"),
    payload: hex("00 01 00 00 00 06 11 03 00 6b 00 03"),
    sent: hex("00 01 00 00 00 00 11 03 00 6b 00 03"),
  },
  ...([1, 2, 3, 4, 8] as const).flatMap((bytes) =>
    (["big", "little"] as const).map((endian) => {
      const zeros = "00".repeat(bytes - 1);
      const length = endian === "big" ? `${zeros}05` : `05${zeros}`;
      return {
        name: `a length of ${bytes} bytes, ${endian}-endian`,
        options: { bytes, endian },
        frame: hex(length, BODY),
        payload: hex(BODY),
      };
    })
  ),
];

/** 8, 16, 24 or 32 bits of which every byte is another one. */
const LENGTH_OF = {
  1: 0xf1,
  2: 0xe2f1,
  3: 0x02e3f1,
  4: 0x0102e3f1,
  8: 0x0102e3f1,
};

describe("lengthPrefixed", () => {
  for (const { name, options, frame, payload, sent = payload } of VARIANTS) {
    it(`reads and writes ${name}`, () => {
      const codec = lengthPrefixed(options);
      const stream = hex("ee").length; // something before it
      const bytes = new Uint8Array(stream + frame.length + 1);
      bytes.set(frame, stream);
      const end = stream + frame.length;
      for (let there = 1; there <= frame.length; there++) {
        const size = codec.frameSize(bytes, stream, stream + there, stream);
        const known = (options.offset ?? 0) + (options.bytes ?? 4);
        assert.equal(size, there < known ? 0 : frame.length);
      }
      assert.deepEqual(codec.decode(bytes, stream, end), payload);
      const start = codec.payloadStart(bytes, stream, end);
      const behind = codec.payloadEnd(bytes, stream, end);
      assert.deepEqual(bytes.slice(start, behind), payload);
      const prefix = hex("dd dd");
      const expected = new Uint8Array([...prefix, ...frame]);
      const whole = written((out) => {
        out.write(prefix);
        codec.encode(sent, out);
      });
      assert.deepEqual(whole, expected);
      const later = written((out) => {
        out.write(prefix);
        const encode = () => void out.write(sent);
        codec.encodeFrame(undefined, { encode }, out);
      });
      assert.deepEqual(later, expected);
    });
  }

  for (const bytes of [1, 2, 3, 4, 8] as const) {
    for (const endian of ["big", "little"] as const) {
      it(`has the bytes of a length in the right order: ${bytes}, ${endian}-endian`, () => {
        const codec = lengthPrefixed({ bytes, endian, max: 2 ** 30 });
        const size = bytes + LENGTH_OF[bytes];
        const header = new Uint8Array(bytes);
        for (let i = 0; i < Math.min(bytes, 4); i++) {
          const at = endian === "little" ? i : bytes - 1 - i;
          header[at] = LENGTH_OF[bytes] >>> 8 * i;
        }
        assert.equal(codec.frameSize(header, 0, bytes, 0), size);
        if (bytes > 3) return;
        const body = new Uint8Array(LENGTH_OF[bytes]);
        const out = new BinaryWriter();
        codec.encode(body, out);
        assert.deepEqual(out.getWritten().slice(0, bytes), header);
        out.clear();
        codec.encodeFrame(body, {
          encode: (body, writer) => void writer.write(body),
        }, out);
        assert.deepEqual(out.getWritten().slice(0, bytes), header);
      });
    }
  }

  it("has 4 bytes, big-endian, if nothing is said", () => {
    const frame = written((out) => lengthPrefixed().encode(hex("aa"), out));
    assert.deepEqual(frame, hex("00 00 00 01 aa"));
  });

  it("reads frames however they are cut", () => {
    const codec = lengthPrefixed({ bytes: 2 });
    const stream = written((out) => {
      for (const size of [0, 1, 300, 2]) {
        codec.encode(new Uint8Array(size), out);
      }
    });
    const expected = [[0, 2], [2, 5], [5, 307], [307, 311]];
    for (const size of [1, 2, 3, 7, 1000]) {
      assert.deepEqual(framesOf(codec, stream, size), expected);
    }
  });

  it("hands out a view of what was read, a plain Uint8Array", () => {
    const bytes = hex("01 aa");
    const payload = lengthPrefixed({ bytes: 1 }).decode(bytes, 0, 2);
    assert.equal(payload.buffer, bytes.buffer);
    assert.equal(payload.constructor, Uint8Array);
  });

  it("takes any view to send, as the bytes that it shows", () => {
    const codec = lengthPrefixed({ bytes: 1 });
    const view = new DataView(hex("01 02 03 04").buffer, 1, 2);
    for (const it of [view, new Uint16Array(view.buffer.slice(1, 3))]) {
      const frame = written((out) =>
        codec.encode(it as unknown as Uint8Array, out)
      );
      assert.deepEqual(frame, hex("02 02 03"));
    }
    for (const it of ["text", null, undefined, [1], new ArrayBuffer(1)]) {
      const out = new BinaryWriter();
      assert.throws(
        () => codec.encode(it as unknown as Uint8Array, out),
        InvalidSliceError,
      );
      assert.equal(out.bytesWritten, 0);
    }
  });

  it("refuses a view that says another length than it has, and leaves the writer as it was", () => {
    const codecs = [lengthPrefixed(), varintPrefixed(), delimited(hex("ff"))];
    for (const codec of [...codecs, fixed(5)]) {
      const out = new BinaryWriter();
      const view = hex("01 02 03");
      Object.defineProperty(view, "length", { value: 5 });
      assert.throws(() => codec.encode(view, out), InvalidSliceError);
      assert.equal(out.bytesWritten, 0);
    }
  });

  it("refuses a frame larger than max as soon as its length is read, and takes one of max", () => {
    const codec = lengthPrefixed({ bytes: 2, max: 10 });
    assert.equal(codec.maxFrameSize, 10);
    assert.equal(codec.frameSize(hex("00 08"), 0, 2, 0), 10);
    assert.throws(
      () => codec.frameSize(hex("00 09"), 0, 2, 0),
      (error) =>
        error instanceof FrameTooLargeError &&
        /11 bytes.* 10$/.test(error.message),
    );
  });

  it("refuses to send a frame larger than max, and leaves the writer as it was, however it is written", () => {
    const codec = lengthPrefixed({ bytes: 2, max: 10 });
    const out = new BinaryWriter();
    codec.encode(new Uint8Array(8), out);
    const before = out.getWritten().slice();
    const encoder = {
      encode: (size: number, writer: { write(bytes: Uint8Array): void }) =>
        writer.write(new Uint8Array(size)),
    };
    const tries = [
      () => codec.encode(new Uint8Array(9), out),
      () => codec.encodeFrame(9, encoder, out),
    ];
    for (const encode of tries) {
      assert.throws(encode, FrameTooLargeError);
      assert.deepEqual(out.getWritten(), before);
    }
  });

  it("has no frame that its length cannot tell", () => {
    assert.equal(lengthPrefixed({ bytes: 1 }).maxFrameSize, 256);
    assert.equal(
      lengthPrefixed({ bytes: 1, includesHeader: true }).maxFrameSize,
      255,
    );
    assert.equal(lengthPrefixed({ bytes: 1, adjust: 10 }).maxFrameSize, 266);
    const out = new BinaryWriter();
    assert.throws(
      () => lengthPrefixed({ bytes: 1 }).encode(new Uint8Array(256), out),
      FrameTooLargeError,
    );
  });

  it("leaves the writer as it was if that is full", () => {
    const out = new BinaryWriter({ max: 8 });
    const codec = lengthPrefixed();
    codec.encode(hex("01"), out);
    assert.throws(() => codec.encode(hex("02"), out), WriterFullError);
    assert.deepEqual(out.take(), hex("00 00 00 01 01"));
  });

  it("refuses a length that makes the frame negative, or shorter than its header or what is stripped", () => {
    const cases: [LengthPrefixedOptions, string][] = [
      [{ bytes: 2, includesHeader: true }, "00 01"],
      [{ bytes: 2, includesHeader: true }, "00 00"],
      [{ bytes: 2, adjust: -10 }, "00 00"],
      [{ bytes: 2, adjust: -10 }, "00 09"],
      [{ bytes: 1, offset: 2, includesHeader: true }, "aa bb 02"],
      [{ bytes: 1, strip: 3, header: hex("00 00 00") }, "01"],
    ];
    for (const [options, bytes] of cases) {
      const codec = lengthPrefixed(options);
      const frame = hex(bytes);
      assert.throws(
        () => codec.frameSize(frame, 0, frame.length, 0),
        InvalidFrameLengthError,
        JSON.stringify(options),
      );
    }
  });

  it("refuses lengths of 8 bytes from 2^53 on, and all others that are too large", () => {
    const codec = lengthPrefixed({ bytes: 8, max: 2 ** 30 });
    for (
      const length of [
        "00 20 00 00 00 00 00 00",
        "ff ff ff ff ff ff ff ff",
        "80 00 00 00 00 00 00 00",
        "00 1f ff ff ff ff ff ff",
        "00 00 00 01 00 00 00 00",
      ]
    ) {
      const bytes = hex(length);
      assert.throws(() => codec.frameSize(bytes, 0, 8, 0), FrameTooLargeError);
      const little = lengthPrefixed({ bytes: 8, endian: "little" });
      const turned = bytes.toReversed();
      assert.throws(
        () => little.frameSize(turned, 0, 8, 0),
        FrameTooLargeError,
      );
    }
  });

  it("refuses to send a payload that lacks its part of the header", () => {
    const out = new BinaryWriter();
    const modbus = lengthPrefixed({ bytes: 2, offset: 4 });
    assert.throws(
      () => modbus.encode(hex("00 01"), out),
      InvalidFrameLengthError,
    );
    const adjusted = lengthPrefixed({ bytes: 2, adjust: 3 });
    assert.throws(
      () => adjusted.encode(hex("00"), out),
      InvalidFrameLengthError,
    );
    adjusted.encode(hex("01 02 03"), out);
    assert.deepEqual(out.take(), hex("00 00 01 02 03"));
  });

  it("refuses options that go with no frame, or none that can be sent, as it is made", () => {
    const cases: [LengthPrefixedOptions, RegExp][] = [
      [{ bytes: 5 as 4 }, /bytes 5/],
      [{ endian: "middle" as "big" }, /endian "middle"/],
      [{ offset: -1 }, /offset -1/],
      [{ max: 3 }, /max 3: .* 4/],
      [{ bytes: 1, adjust: -300 }, /adjust -300/],
      [{ bytes: 2, offset: 2, strip: 1 }, /header undefined: .* 1 bytes/],
      [{ bytes: 2, strip: 3 }, /header undefined: .* 3 bytes/],
      [{ bytes: 2, strip: 3, header: hex("00") }, /header .*: .* 3 bytes/],
      [{ bytes: 2, header: "ca" as unknown as Uint8Array }, /header "ca"/],
    ];
    for (const [options, message] of cases) {
      assert.throws(
        () => lengthPrefixed(options),
        (error) =>
          error instanceof InvalidOptionError && message.test(error.message),
        JSON.stringify(options),
      );
    }
  });

  it("has a header of its own: what is done to the one that was given changes nothing", () => {
    const header = hex("ca 00");
    const codec = lengthPrefixed({ bytes: 1, offset: 1, strip: 2, header });
    header.fill(0xff);
    assert.deepEqual(
      written((out) => codec.encode(hex("01"), out)),
      hex("ca 01 01"),
    );
  });
});
