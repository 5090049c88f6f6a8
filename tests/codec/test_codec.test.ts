import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryReader,
  type ByteWriter,
  type Codec,
  CodecError,
  CodecTestError,
  delimited,
  fixed,
  InvalidCodecError,
  InvalidOptionError,
  lengthPrefixed,
  lines,
  messageCodec,
  testCodec,
  type TestCodecOptions,
  varintPrefixed,
} from "../../mod.ts";
import { hex } from "./streams.ts";

/** Texts behind their length in one byte, as one would write it by hand. */
const SHORT_TEXTS: Codec<string> = {
  maxFrameSize: 100,
  frameSize(bytes, start) {
    const size = 1 + bytes[start];
    if (size > 100) throw new CodecError(`${size} bytes are too many`);
    return size;
  },
  decode: (bytes, start, end) =>
    new BinaryReader(bytes, start + 1, end).readText(),
  encode(text, out) {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > 99) throw new CodecError("too long");
    out.writeUint8(bytes.length);
    out.write(bytes);
  },
};

/** Bytes behind their length in two bytes. */
const LONG_BYTES: Codec<Uint8Array> = {
  maxFrameSize: 1000,
  frameSize(bytes, start, end) {
    if (end - start < 2) return 0;
    const size = 2 + (bytes[start] << 8 | bytes[start + 1]);
    if (size > 1000) throw new CodecError(`${size} bytes are too many`);
    return size;
  },
  decode: (bytes, start, end) => bytes.slice(start + 2, end),
  encode(bytes, out) {
    if (bytes.length > 998) throw new CodecError("too long");
    out.writeUint16(bytes.length);
    out.write(bytes);
  },
};

const CR = 13;
const LF = 10;

/** Texts of letters that end with CR LF. */
const LETTERS: Codec<string> = {
  maxFrameSize: 50,
  frameSize(bytes, start, end, scanned) {
    for (let at = Math.max(start, scanned - 1); at + 1 < end; at++) {
      if (at + 2 - start > 50) break;
      if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2 - start;
    }
    if (end - start >= 50) throw new CodecError("no end");
    return 0;
  },
  decode: (bytes, start, end) =>
    String.fromCharCode(...bytes.subarray(start, end - 2)),
  encode(text, out) {
    if (/[^a-z]/.test(text) || text.length > 48) throw new CodecError("no");
    out.writeText(`${text}\r\n`);
  },
};

const TEXTS = ["", "a", "grüße", "€".repeat(30)];
const WORDS = ["", "a", "abc", "z".repeat(48)];
const someBytes: TestCodecOptions<Uint8Array> = {
  arbitrary: (random) => random.bytes(random.integer(0, 300)),
};

describe("testCodec, of a codec that is right,", () => {
  it("says how much it has tried", async () => {
    const report = await testCodec(SHORT_TEXTS, { values: TEXTS, rounds: 50 });
    assert.equal(report.rounds, 50);
    assert.ok(report.messages > 50 && report.bytes > report.messages);
  });

  it("takes values, or makes them up, or both, and those that are refused", async () => {
    await testCodec(SHORT_TEXTS, {
      values: TEXTS,
      refused: ["x".repeat(100)],
      invalid: [hex("64"), hex("01 ff")],
    });
    await testCodec(LONG_BYTES, {
      ...someBytes,
      refused: [new Uint8Array(999)],
    });
    await testCodec(LETTERS, {
      values: WORDS,
      arbitrary: (random) =>
        random.pick(["x", "y"]).repeat(random.integer(0, 48)),
      refused: ["A", "\n"],
    });
  });

  it("gives the same cases for the same seed, and others for another", async () => {
    const drawn = async (seed: number) => {
      const sizes: number[] = [];
      await testCodec(LONG_BYTES, {
        seed,
        rounds: 20,
        arbitrary(random) {
          const size = random.integer(0, 100);
          sizes.push(size);
          return random.bytes(size);
        },
      });
      return sizes.join();
    };
    assert.equal(await drawn(1), await drawn(1));
    assert.notEqual(await drawn(1), await drawn(1000));
  });

  it("compares what is in messages, or as it is told to", async () => {
    interface Thing {
      readonly at: Date;
      readonly tags: Map<string, number[]>;
      readonly none?: undefined;
    }
    const json = messageCodec<Thing>(lengthPrefixed(), {
      decode(reader) {
        const { at, tags } = JSON.parse(reader.readText());
        return { at: new Date(at), tags: new Map(tags) };
      },
      encode: ({ at, tags }, out) =>
        void out.writeText(JSON.stringify({ at, tags: [...tags] })),
    });
    const values: Thing[] = [
      { at: new Date(1), tags: new Map([["a", [1, 2]]]), none: undefined },
    ];
    await testCodec(json, { values });
    const lower = messageCodec<string>(fixed(1), {
      decode: (reader) => reader.readText(),
      encode: (text, out) => void out.writeText(text.toLowerCase()),
    });
    await testCodec(lower, {
      values: ["A"],
      equals: (received, sent) => received === sent.toLowerCase(),
    });
    await testCodec(lower, {
      values: ["A"],
      equals: (received, sent) => assert.equal(received, sent.toLowerCase()),
    });
  });
});

describe("testCodec, of the codecs of the library,", () => {
  const bytes = (most: number): TestCodecOptions<Uint8Array> => ({
    arbitrary: (random) => random.bytes(random.integer(0, most)),
    views: true,
    rounds: 100,
  });
  const behind = (
    size: number,
    most: number,
  ): TestCodecOptions<Uint8Array> => ({
    arbitrary: (random) => random.bytes(random.integer(size, most)),
    equals: (a, b) => a.length === b.length,
    views: true,
    rounds: 50,
  });

  for (const width of [1, 2, 3, 4, 8] as const) {
    for (const endian of ["big", "little"] as const) {
      it(`finds nothing wrong with lengthPrefixed: ${width} bytes, ${endian}-endian`, async () => {
        await testCodec(lengthPrefixed({ bytes: width, endian }), bytes(200));
        await testCodec(
          lengthPrefixed({
            bytes: width,
            endian,
            max: 100,
            includesHeader: true,
          }),
          { ...bytes(92), refused: [new Uint8Array(100)] },
        );
      });
    }
  }

  it("finds nothing wrong with lengthPrefixed, whatever lies around the length", async () => {
    await testCodec(
      lengthPrefixed({ bytes: 2, offset: 3, max: 500 }),
      { ...behind(5, 500), refused: [new Uint8Array(4)] },
    );
    await testCodec(
      lengthPrefixed({ bytes: 2, adjust: 4 }),
      behind(4, 90),
    );
    await testCodec(lengthPrefixed({ bytes: 1, adjust: -1 }), bytes(200));
    const header = hex("ca 00 fe");
    await testCodec(
      lengthPrefixed({ bytes: 1, offset: 1, strip: 3, header }),
      behind(1, 90),
    );
  });

  it("finds nothing wrong with varintPrefixed, delimited, fixed and lines", async () => {
    await testCodec(varintPrefixed({ max: 1000 }), {
      ...bytes(900),
      refused: [new Uint8Array(999)],
      invalid: [hex("ff ff ff ff ff"), hex("ff 7f")],
    });
    for (const delimiter of ["00", "0d 0a", "00 00 01", "00 01 00"]) {
      const end = hex(delimiter);
      await testCodec(delimited(end, { max: 500 }), {
        ...bytes(400),
        arbitrary: (random) =>
          random.bytes(random.integer(0, 400)).map((byte) => byte | 4),
        refused: [end, new Uint8Array(500).fill(9)],
      });
    }
    await testCodec(fixed(7), {
      arbitrary: (random) => random.bytes(7),
      views: true,
      refused: [new Uint8Array(6), new Uint8Array(8)],
    });
    for (const ending of ["\n", "\r\n"] as const) {
      await testCodec(lines({ max: 64, ending }), {
        values: ["", "a", "€", "😀", "\ufeff", "x".repeat(60)],
        refused: ["\r", "a\n", "x".repeat(64), "€".repeat(22)],
        invalid: [hex("c0 0a")],
      });
    }
  });

  it("finds nothing wrong with messages in any of their frames", async () => {
    const framings = [
      lengthPrefixed({ bytes: 2, endian: "little" }),
      lengthPrefixed({ bytes: 3, includesHeader: true }),
      varintPrefixed(),
      delimited(hex("00")),
      lines(),
      fixed(9),
    ];
    for (const framing of framings) {
      const codec = messageCodec<{ id: number; name: string }>(framing, {
        decode: (reader) => ({
          id: Number(reader.readText(6)),
          name: reader.readText(),
        }),
        encode({ id, name }, writer) {
          writer.writeText(`${id}`);
          writer.writeText(name);
        },
      });
      await testCodec(codec, {
        arbitrary: (random) => ({
          id: random.integer(100_000, 999_999),
          name: random.pick(["abc", "x y", "€"]),
        }),
        rounds: 100,
      });
    }
  });
});

/** A codec that breaks a promise, what is sent by it, and what has to be found. */
interface Broken {
  readonly name: string;
  // deno-lint-ignore no-explicit-any
  readonly codec: Codec<any>;
  // deno-lint-ignore no-explicit-any
  readonly options: TestCodecOptions<any>;
  readonly found: RegExp;
}

let calls = 0;
const reused = { text: "" };

const BROKEN: Broken[] = [
  {
    name: "reads a length of which only the first byte is there",
    codec: {
      ...LONG_BYTES,
      frameSize: (bytes, start) => 2 + (bytes[start] << 8 | bytes[start + 1]),
    },
    options: someBytes,
    found: /frameSize returns/,
  },
  {
    name: "looks at the beginning of what was read",
    codec: { ...SHORT_TEXTS, frameSize: (bytes) => 1 + bytes[0] % 99 },
    options: { values: TEXTS },
    found: /frameSize returns/,
  },
  {
    name:
      "makes a DataView of the buffer and forgets where the bytes begin in it",
    codec: {
      ...LONG_BYTES,
      frameSize: (bytes, start, end) =>
        end - start < 2
          ? 0
          : 2 + new DataView(bytes.buffer).getUint16(start) % 998,
    },
    options: someBytes,
    found: /frameSize (returns|has returned)|A connection with/,
  },
  {
    name:
      "goes on behind where the search stopped, in the middle of a delimiter",
    codec: {
      ...LETTERS,
      frameSize: (bytes, start, end, scanned) =>
        LETTERS.frameSize(bytes, start, end, scanned + 1),
    },
    options: { values: WORDS },
    found: /it has not seen before/,
  },
  {
    name: "takes `scanned` for a number of bytes",
    codec: {
      ...LETTERS,
      frameSize: (bytes, start, end, scanned) =>
        LETTERS.frameSize(bytes, start, end, start + scanned),
    },
    options: { values: WORDS },
    found: /for a whole frame[^]*`scanned` is an offset in `bytes`/,
  },
  {
    name: "keeps something from one call to the next",
    codec: {
      ...SHORT_TEXTS,
      frameSize: (bytes, start) => 1 + (bytes[start] + (calls++ & 1)) % 99,
    },
    options: { values: TEXTS },
    found: /frameSize returns/,
  },
  {
    name: "is one byte off",
    codec: {
      ...SHORT_TEXTS,
      frameSize: (bytes, start) => bytes[start] % 99 || 1,
    },
    options: { values: TEXTS },
    found: /of \d+ bytes from encode/,
  },
  {
    name: "waits for the byte behind the frame",
    codec: {
      ...SHORT_TEXTS,
      frameSize: (bytes, start, end, scanned) =>
        end - start < 2 ? 0 : SHORT_TEXTS.frameSize(bytes, start, end, scanned),
    },
    options: { values: TEXTS },
    found: /for a whole frame|depend on how it is cut/,
  },
  {
    name: "announces frames larger than maxFrameSize",
    codec: { ...SHORT_TEXTS, frameSize: (bytes, start) => 1 + bytes[start] },
    options: { values: TEXTS },
    found: /must return an integer from 1 to maxFrameSize, which is 100/,
  },
  {
    name: "searches for ever",
    codec: {
      ...LETTERS,
      frameSize(bytes, start, end, scanned) {
        for (let at = Math.max(start, scanned - 1); at + 1 < end; at++) {
          const isEnd = bytes[at] === CR && bytes[at + 1] === LF;
          if (isEnd && at + 2 - start <= 50) return at + 2 - start;
        }
        return 0;
      },
    },
    options: { values: WORDS },
    found: /waits for more than the first \d+ bytes of a frame/,
  },
  {
    name: "refuses a frame because much came in behind it",
    codec: {
      ...LETTERS,
      frameSize(bytes, start, end, scanned) {
        if (end - start > 50) throw new CodecError("too long");
        return LETTERS.frameSize(bytes, start, end, scanned);
      },
    },
    options: { values: WORDS },
    found: /is refused/,
  },
  {
    name: "looks for a mark only if enough is there",
    codec: {
      ...LONG_BYTES,
      frameSize(bytes, start, end, scanned) {
        if (end - start > 2 && bytes[start + 2] === 0xff) {
          throw new CodecError("a mark");
        }
        return LONG_BYTES.frameSize(bytes, start, end, scanned);
      },
      decode(bytes, start, end) {
        return LONG_BYTES.decode(bytes, start, end);
      },
    },
    options: { values: [hex("01 02"), hex("03")] },
    found: /has returned \d for a frame, but refuses it once 3 bytes/,
  },
  {
    name: "changes what was read",
    codec: {
      ...SHORT_TEXTS,
      frameSize(bytes, start, end, scanned) {
        const size = SHORT_TEXTS.frameSize(bytes, start, end, scanned);
        if (end - start >= size && size > 2) bytes[start + 1] = 0x61;
        return size;
      },
    },
    options: { values: ["xyz"] },
    found: /changes the bytes of the read buffer|comes back as/,
  },
  {
    name: "says NaN",
    codec: { ...LONG_BYTES, frameSize: () => NaN },
    options: someBytes,
    found: /frameSize returns NaN/,
  },
  {
    name: "keeps a view",
    codec: {
      ...LONG_BYTES,
      decode: (bytes, start, end) => bytes.subarray(start + 2, end),
    },
    options: someBytes,
    found: /when the read buffer is overwritten/,
  },
  {
    name: "gives the same object each time",
    codec: {
      ...SHORT_TEXTS,
      decode(bytes, start, end) {
        reused.text = SHORT_TEXTS.decode(bytes, start, end);
        return reused;
      },
      encode: ({ text }, out) => SHORT_TEXTS.encode(text, out),
    },
    options: { values: TEXTS.map((text) => ({ text })) },
    found: /when the read buffer is overwritten/,
  },
  {
    name: "decodes all that was read",
    codec: { ...LONG_BYTES, decode: (bytes, start) => bytes.slice(start + 2) },
    options: someBytes,
    found: /comes back as/,
  },
  {
    name: "decodes what it does not encode",
    codec: {
      ...SHORT_TEXTS,
      decode: (bytes, start, end) =>
        String.fromCharCode(...bytes.subarray(start + 1, end)),
    },
    options: { values: TEXTS },
    found: /"grüße" comes back as/,
  },
  {
    name: "sets the length at the beginning of the writer",
    codec: {
      ...LONG_BYTES,
      encode(bytes: Uint8Array, out: ByteWriter) {
        out.writeUint16(0);
        out.write(bytes);
        out.setUint16(0, bytes.length);
      },
    },
    options: someBytes,
    found:
      /changes the bytes that the writer held|refused|comes back|bytes from encode/,
  },
  {
    name: "takes back what others wrote",
    codec: {
      ...SHORT_TEXTS,
      encode(text, out) {
        out.truncate(0);
        SHORT_TEXTS.encode(text, out);
      },
    },
    options: { values: TEXTS },
    found: /changes the bytes that the writer held|encode writes 0 bytes/,
  },
  {
    name: "writes nothing",
    codec: {
      ...SHORT_TEXTS,
      encode: (text, out) => void (text && out.writeText("")),
    },
    options: { values: TEXTS },
    found: /encode writes 0 bytes for/,
  },
  {
    name: "writes more than a frame may have",
    codec: { ...LONG_BYTES, maxFrameSize: 200 },
    options: someBytes,
    found: /encode writes \d+ bytes/,
  },
  {
    name: "encodes later",
    codec: {
      ...SHORT_TEXTS,
      encode: (text, out) =>
        Promise.resolve().then(() =>
          SHORT_TEXTS.encode(text, out)
        ) as unknown as void,
    },
    options: { values: TEXTS },
    found: /encode returns a promise/,
  },
  {
    name: "refuses what can be sent",
    codec: SHORT_TEXTS,
    options: { values: ["x".repeat(100)] },
    found: /encode refuses "xxx/,
  },
  {
    name: "takes what cannot be sent",
    codec: SHORT_TEXTS,
    options: { values: TEXTS, refused: ["short"] },
    found: /encode accepts "short", which it should refuse/,
  },
  {
    name: "takes what no peer may send",
    codec: SHORT_TEXTS,
    options: { values: TEXTS, invalid: [hex("01 61 05")] },
    found:
      /should be refused, but is accepted as 1 frame and the beginning of one/,
  },
  {
    name: "sends a delimiter within a message",
    codec: {
      ...LETTERS,
      encode: (text, out) => void out.writeText(`${text}\r\n`),
    },
    options: { values: ["a\r\nb"] },
    found: /frameSize returns 3 for a frame of 6 bytes from encode/,
  },
  {
    name: "fails as a bug does because of what came in",
    codec: {
      ...SHORT_TEXTS,
      decode(bytes, start, end) {
        const kinds: Record<number, { read(): string }> = {
          0x61: { read: () => "a" },
        };
        return end - start > 1 ? kinds[bytes[start + 1]].read() : "";
      },
    },
    options: { values: ["", "a"] },
    found: /decode fails on received bytes.*TypeError/,
  },
  {
    name: "throws something other than an error",
    codec: {
      ...SHORT_TEXTS,
      decode(bytes, start, end) {
        if (bytes[start + 1] !== 0x61) throw "no a";
        return SHORT_TEXTS.decode(bytes, start, end);
      },
    },
    options: { values: ["a"] },
    found: /decode fails on received bytes: "no a"/,
  },
];

describe("testCodec finds a codec that", () => {
  for (const { name, codec, options, found } of BROKEN) {
    it(name, async () => {
      await assert.rejects(testCodec(codec, options), (error) => {
        assert.ok(error instanceof CodecTestError, String(error));
        assert.match(error.message, found);
        return true;
      });
    });
  }
});

describe("testCodec, if a codec is broken,", () => {
  const broken: Codec<Uint8Array> = {
    ...LONG_BYTES,
    decode(bytes, start, end) {
      const message = LONG_BYTES.decode(bytes, start, end);
      if (message.length > 4) message[4] = 0;
      return message;
    },
  };
  const options: TestCodecOptions<Uint8Array> = {
    arbitrary: (random) => random.bytes(random.integer(0, 300)),
  };

  it("shows the smallest message that it can find, what to do, and how to see it again", async () => {
    const error = await testCodec(broken, options).catch((it) => it);
    assert.ok(error instanceof CodecTestError);
    assert.match(
      error.message,
      /bytes\(00 00 00 00 01\) comes back as bytes\(00 00 00 00 00\)/,
    );
    assert.match(
      error.message,
      /decode must return the message that encode was given/,
    );
    assert.match(error.message, /messages: \[bytes\(00 00 00 00 01\)\]/);
    assert.ok(error.cause instanceof Error);
    const [, seed] = /seed: (\d+), rounds: 1 \}\)$/.exec(error.message) ?? [];
    const again = await testCodec(broken, {
      ...options,
      seed: Number(seed),
      rounds: 1,
    }).catch((it) => it);
    assert.equal(again.message, error.message);
  });

  it("leaves what arbitrary throws as it is", async () => {
    const thrown = new Error("no message today");
    const arbitrary = () => {
      throw thrown;
    };
    await assert.rejects(
      testCodec(LONG_BYTES, { arbitrary }),
      (error) => error === thrown,
    );
  });
});

describe("testCodec, of a codec whose other end has another one,", () => {
  /** The two ends of a protocol: questions are numbers, answers texts, which are longer. */
  const server: Codec<number, string> = {
    maxFrameSize: 4,
    frameSize: () => 4,
    decode: (bytes, start, end) =>
      new BinaryReader(bytes, start, end).readUint32(),
    encode: (text, out) => SHORT_TEXTS.encode(text, out),
  };
  const client: Codec<string, number> = {
    maxFrameSize: SHORT_TEXTS.maxFrameSize,
    frameSize: (...where) => SHORT_TEXTS.frameSize(...where),
    decode: (...where) => SHORT_TEXTS.decode(...where),
    encode(question, out) {
      if (question >= 2 ** 32) throw new CodecError("too large");
      out.writeUint32(question);
    },
  };

  it("has that read what is sent, in each direction", async () => {
    const report = await testCodec(server, {
      peer: client,
      values: ["", "hello", "x".repeat(99)],
      refused: ["x".repeat(100)],
      invalid: [Uint8Array.of(200)],
      equals: (received, sent) => received === sent,
    });
    assert.equal(report.rounds, 200);
    await testCodec(client, {
      peer: server,
      arbitrary: (random) => random.integer(0, 2 ** 32 - 1),
      refused: [2 ** 32],
    });
  });

  it("finds what is wrong with either", async () => {
    const deaf = { ...client, decode: () => "what?" };
    const mute: Codec<number, string> = {
      ...server,
      encode: (_text, out) => out.write(new Uint8Array(101)),
    };
    for (
      const [codec, peer, what] of [
        [server, deaf, /comes back as/],
        [mute, client, /encode writes 101 bytes/],
      ] as const
    ) {
      await assert.rejects(
        testCodec(codec, { peer, values: ["hello"], rounds: 5 }),
        (error: Error) =>
          error instanceof CodecTestError && what.test(error.message),
      );
    }
  });

  it("says so if it is tested alone", async () => {
    for (const codec of [server, client] as Codec<unknown, never>[]) {
      await assert.rejects(
        testCodec(codec, { values: [5, "hello"] as never[] }),
        (error: Error) =>
          error instanceof CodecTestError &&
          /`peer`/.test(error.message),
      );
    }
  });

  it("refuses a peer that is not a codec", async () => {
    for (const peer of [null, {}, { encode() {} }]) {
      await assert.rejects(
        testCodec(server, { peer: peer as never, values: ["a"] }),
        InvalidCodecError,
      );
    }
  });
});

describe("testCodec", () => {
  it("refuses anything but a codec, and bad options", async () => {
    const { encode: _, ...rest } = LONG_BYTES;
    const none = [rest, undefined, { ...LONG_BYTES, maxFrameSize: 0 }];
    for (const codec of none) {
      await assert.rejects(
        testCodec(codec as Codec<Uint8Array>, someBytes),
        InvalidCodecError,
      );
    }
    const bad: TestCodecOptions<Uint8Array>[] = [
      {},
      { values: [] },
      { values: "text" as unknown as Uint8Array[] },
      { arbitrary: 1 as unknown as () => Uint8Array },
      { ...someBytes, rounds: 0 },
      { ...someBytes, seed: 0.5 },
    ];
    for (const options of bad) {
      await assert.rejects(testCodec(LONG_BYTES, options), InvalidOptionError);
    }
  });
});
