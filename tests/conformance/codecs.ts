import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Codec,
  delimited,
  DelimiterInPayloadError,
  fixed,
  framed,
  FrameTooLargeError,
  InvalidFrameLengthError,
  InvalidTextError,
  lengthPrefixed,
  lines,
  messageCodec,
  type ReactRuntime,
  ReadOutOfBoundsError,
  UnreadBytesError,
  varintPrefixed,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { serve } from "./peers.ts";
import { quietly, signal, withRuntime } from "./support.ts";

type ErrorClass = new (message: string) => Error;

/** A codec, messages to send, and messages that it must refuse. */
interface Case<Message> {
  readonly name: string;
  readonly codec: Codec<Message>;
  /** Some of these are larger than any read. */
  readonly messages: readonly Message[];
  /** Copies a message, to compare it after its handler has returned. */
  readonly keep: (message: Message) => unknown;
  readonly refused: readonly [message: Message, error: ErrorClass][];
  readonly invalid: readonly [bytes: number[], error: ErrorClass][];
}

const SIZES = [0, 1, 2, 127, 128, 1000, 20_000, 300_000, 3];

/** Payloads without bytes below 2. */
const PAYLOADS = SIZES.map((size) =>
  new Uint8Array(size).map((_, i) => 2 + (i * 7 + size) % 254)
);
const TEXTS = SIZES.map((size) => "aé€😀 ".repeat(size / 11));
const copy = (bytes: Uint8Array) => bytes.slice();
const MAX = 300_100;
const TOO_LARGE = new Uint8Array(MAX).fill(9);

const numbers = messageCodec<number[]>(lengthPrefixed({ max: 100 }), {
  decode(reader) {
    const values = Array.from(
      { length: reader.readUint8() },
      () => reader.readInt24(),
    );
    return values;
  },
  encode(values, writer) {
    writer.writeUint8(values.length);
    for (const value of values) writer.writeUint24(value);
  },
});

function caseOf<Message>(one: Case<Message>): Case<never> {
  return one as unknown as Case<never>;
}

const CASES: readonly Case<never>[] = [
  caseOf({
    name: "lengthPrefixed",
    codec: lengthPrefixed({ includesHeader: true, max: MAX }),
    messages: PAYLOADS,
    keep: copy,
    refused: [[TOO_LARGE, FrameTooLargeError]],
    invalid: [
      [[0, 0, 0, 3], InvalidFrameLengthError],
      [[0xff, 0xff, 0xff, 0xff], FrameTooLargeError],
    ],
  }),
  caseOf({
    name: "varintPrefixed",
    codec: varintPrefixed({ max: MAX }),
    messages: PAYLOADS,
    keep: copy,
    refused: [[TOO_LARGE, FrameTooLargeError]],
    invalid: [
      [[0xff, 0xff, 0xff, 0xff, 0xff], InvalidFrameLengthError],
      [[0xff, 0xff, 0x7f], FrameTooLargeError],
    ],
  }),
  caseOf({
    name: "delimited",
    codec: delimited(Uint8Array.of(0, 1), { max: MAX }),
    messages: PAYLOADS,
    keep: copy,
    refused: [
      [TOO_LARGE, FrameTooLargeError],
      [Uint8Array.of(5, 0, 1, 5), DelimiterInPayloadError],
    ],
    invalid: [[Array(MAX).fill(9), FrameTooLargeError]],
  }),
  caseOf({
    name: "fixed",
    codec: fixed(70_000),
    messages: [1, 2, 3].map((byte) => new Uint8Array(70_000).fill(byte)),
    keep: copy,
    refused: [[new Uint8Array(69_999), InvalidFrameLengthError]],
    invalid: [],
  }),
  caseOf({
    name: "lines",
    codec: lines({ max: MAX }),
    messages: TEXTS,
    keep: (text) => text,
    refused: [
      ["x".repeat(MAX), FrameTooLargeError],
      ["a\nb", DelimiterInPayloadError],
    ],
    invalid: [
      [[0xff, 0x0a], InvalidTextError],
      [Array(MAX).fill(0x61), FrameTooLargeError],
    ],
  }),
  caseOf({
    name: "messageCodec",
    codec: numbers,
    messages: [[], [1, -1], [-(2 ** 23), 2 ** 23 - 1, 0]],
    keep: (values) => values,
    refused: [[Array(40).fill(0), FrameTooLargeError]],
    invalid: [
      [[0, 0, 0, 2, 1, 0], ReadOutOfBoundsError],
      [[0, 0, 0, 2, 0, 0], UnreadBytesError],
      [[0, 0, 0, 100], FrameTooLargeError],
    ],
  }),
];

/** The codecs of the library, on connections. */
export function codecPromises(environment: Environment): void {
  const { adapter, connectPeer } = environment;

  /** Sends each message back and forth. Resolves to what came back. */
  async function play<Message>(
    runtime: ReactRuntime,
    { codec, messages, keep, refused }: Case<Message>,
  ): Promise<unknown[]> {
    const back: unknown[] = [];
    const closed = signal<Error | undefined>();
    const address = await serve(
      environment,
      runtime,
      () => framed(codec, { onMessage: (it, ctx) => void ctx.send(it) }),
    );
    await runtime.connect(
      address,
      framed(codec, {
        onConnected(ctx) {
          for (const message of messages) {
            for (const [bad, errorClass] of refused) {
              assert.throws(() => ctx.send(bad), errorClass);
            }
            ctx.send(message);
          }
        },
        onMessage(message, ctx) {
          back.push(keep(message));
          if (back.length === messages.length) ctx.close();
        },
        onClose: (reason) => closed.resolve(reason),
      }),
    );
    assert.equal(await closed.promise, undefined);
    return back;
  }

  describe(`${adapter.name}: the codecs of the library`, () => {
    for (const one of CASES) {
      it(`carry messages of any size in both directions, and a refused one leaves no trace: ${one.name}`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const back = await play(runtime, one);
          assert.deepEqual(back, one.messages.map(one.keep));
        }));

      if (one.invalid.length === 0) continue;
      it(`close a connection that receives invalid bytes, with an error that says why: ${one.name}`, () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime) => {
            for (const [bytes, errorClass] of one.invalid) {
              const closed = signal<Error | undefined>();
              const address = await serve(
                environment,
                runtime,
                () =>
                  framed(one.codec, {
                    onMessage() {},
                    onClose: (reason) => closed.resolve(reason),
                  }),
              );
              const peer = await connectPeer(address);
              peer.send(Uint8Array.from(bytes));
              await peer.ended;
              peer.end();
              const reason = await closed.promise;
              assert.ok(reason instanceof errorClass, `${reason}`);
            }
          })
        ));
    }
  });
}
