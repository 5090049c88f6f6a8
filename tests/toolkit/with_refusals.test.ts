import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  type Codec,
  CodecError,
  DefaultTcpListenerHandler,
  DelimiterInPayloadError,
  framed,
  FrameTooLargeError,
  InvalidCodecError,
  lengthPrefixed,
  lines,
  messageCodec,
  MessageResult,
  serve,
  simulate,
  type TcpListenerHandler,
  testCodec,
  withRefusals,
} from "../../mod.ts";

const short = withRefusals(lines({ max: 24 }));
const ENDLESS = "x".repeat(40);

/** All that `handler` answers to `pieces`, until it closes. */
async function answers(
  handler: TcpListenerHandler,
  pieces: readonly string[],
): Promise<string> {
  const texts = new Set<string>();
  await simulate({ seeds: 3, faults: "gentle" }, async (sim) => {
    let text = "";
    await sim.runtime("server").listen("server:80", handler);
    const client = await sim.runtime("client").connect("server:80", {
      onConnected(ctx) {
        pieces.forEach((piece, i) =>
          ctx.after(i, () => {
            ctx.sendOrQueue(new TextEncoder().encode(piece));
          })
        );
      },
      onInboundMessage(buf) {
        text += new TextDecoder().decode(buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    });
    await client.whenClosed;
    texts.add(text);
  });
  assert.equal(texts.size, 1, "they are the same, whatever the network does");
  return [...texts].join();
}

describe("a codec with refusals", () => {
  it("has serve answer what came before, then the refusal, and nothing behind it", async () => {
    const seen: string[] = [];
    const server = serve(short, async (line, peer) => {
      if (line instanceof CodecError) {
        peer.drain();
        return line.name;
      }
      seen.push(line);
      await Promise.resolve();
      return line.toUpperCase();
    });
    for (const pieces of [[`a\nb\n${ENDLESS}\nc\n`], ["a\nb\nxxxx", ENDLESS]]) {
      seen.length = 0;
      assert.equal(
        await answers(server, pieces),
        "A\nB\nFrameTooLargeError\n",
      );
      assert.ok(!seen.includes("c"), "what follows is no request");
    }
  });

  it("has a handler of messages, and a loop, answer it before they close", async () => {
    const answer = (line: string | CodecError) =>
      line instanceof FrameTooLargeError ? "too long" : `${line}`;
    const handler = new DefaultTcpListenerHandler(() =>
      framed(short, {
        onMessage(line, ctx) {
          ctx.send(answer(line));
          if (line instanceof CodecError) ctx.close();
        },
      })
    );
    const loop = acceptMessages(short, async (connection) => {
      for await (const line of connection) {
        await connection.send(answer(line));
        if (line instanceof CodecError) break;
      }
    });
    for (const one of [handler, loop]) {
      assert.equal(await answers(one, ["a\n", ENDLESS]), "a\ntoo long\n");
    }
  });

  it("hands out what decode refuses, too, and throws every other error", () => {
    const bytes = Uint8Array.of(0xff, 0x0a);
    const refusal = short.decode(bytes, 0, 2);
    assert.ok(refusal instanceof CodecError);
    assert.equal(refusal.name, "InvalidTextError");
    const broken: Codec<string> = {
      maxFrameSize: 10,
      frameSize: () => 1,
      decode: () => {
        throw new TypeError("a bug");
      },
      encode: () => {},
    };
    assert.throws(() => withRefusals(broken).decode(bytes, 0, 1), TypeError);
  });

  it("hands out what is larger than maxFrameSize, also if the codec only says so, or never says an end", async () => {
    for (const size of [9, 0]) {
      const broken: Codec<string> = {
        maxFrameSize: 8,
        frameSize: () => size,
        decode: () => "none of this is whole",
        encode: (text, out) => void out.write(new TextEncoder().encode(text)),
      };
      const server = serve(withRefusals(broken), (message, peer) => {
        peer.drain();
        return message instanceof CodecError ? message.name : message;
      });
      const answer = await answers(server, ["1234", "567890"]);
      assert.equal(answer, "FrameTooLargeError");
    }
  });

  it("is the codec in all else", async () => {
    const numbers = messageCodec<number>(lengthPrefixed({ bytes: 1 }), {
      decode: (reader) => reader.readUint32(),
      encode: (number, out) => out.writeUint32(number),
    });
    const codec = withRefusals(numbers);
    assert.equal(codec.maxFrameSize, numbers.maxFrameSize);
    await testCodec(codec, {
      arbitrary: (random) => random.integer(0, 2 ** 32 - 1),
      rounds: 50,
    });
    await assert.rejects(
      testCodec(short, { values: ["a\nb"], rounds: 1 }),
      (error: Error) => error.message.includes(DelimiterInPayloadError.name),
    );
  });

  it("is made of a codec only", () => {
    assert.throws(() => withRefusals({} as typeof short), InvalidCodecError);
  });
});
