import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe } from "node:test";
import { MessageTooLargeError } from "../../src/api/errors.ts";
import type { InboundHandler } from "../../src/api/msg_reader.ts";
import { LARGE_CACHE_SIZE, SMALL_CACHE_SIZE } from "../../src/tuning.ts";
import {
  SimpleIoReactor,
  type SimpleIoReactorContext,
} from "../../src/helpers/simple.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import { newReader } from "../io/readers.ts";
import { type CodecName, CODECS } from "./codecs.ts";
import { type CaseDraw, property } from "./property.ts";

const NO_CONTEXT = undefined as unknown as SimpleIoReactorContext;

const STRATEGIES = ["tryReadFastRead", "tryReadFastDispatch"] as const;

/** How a handler processes messages. */
const HANDLERS = [
  "one by one, announced",
  "one by one, not announced",
  "all that are there at once",
  "SimpleIo",
] as const;

interface Case {
  readonly maxMessageSize: number;
  readonly recvBufferMinSize: number;
  readonly codec: CodecName;
  readonly bodies: readonly number[];
  /** Sizes of reads, used in rotation. */
  readonly sizes: readonly number[];
  /** Where the stream is split in two. */
  readonly cut: number;
  /** The handler runs only after every this many reads. */
  readonly looksAfter: number;
}

const MOST_BYTES = 300_000;

/** A stream that needs more reads than this gets larger ones. */
const MOST_READS = 1000;

function drawCase(draw: CaseDraw): Case {
  const maxMessageSize = draw.pick([
    1000,
    1,
    2,
    5,
    100,
    SMALL_CACHE_SIZE - 1,
    SMALL_CACHE_SIZE,
    SMALL_CACHE_SIZE + 1,
    9000,
    LARGE_CACHE_SIZE,
    LARGE_CACHE_SIZE + 1,
    100_000,
  ]);
  const codec = draw.pick(
    [
      "delimited",
      "length in 4 bytes",
      "length in 2 bytes",
      "9000 bytes",
      "100 bytes",
    ] as const,
  );
  const largest = 2 * maxMessageSize + 10;
  return {
    maxMessageSize,
    codec,
    bodies: draw.list(
      Math.min(draw.pick([4, 40]), Math.ceil(MOST_BYTES / largest)),
      () => draw.size(largest, [maxMessageSize - 2, maxMessageSize]),
    ),
    // The handler may be called once per this many bytes.
    recvBufferMinSize: draw.pick(
      maxMessageSize > 1000 ? [1024, 20_000] : [1024, 0, 1, 100, 20_000],
    ),
    sizes: draw.list(5, () => 1 + draw.size(largest, [maxMessageSize])),
    cut: draw.size(largest, [maxMessageSize]),
    looksAfter: draw.integer(1, 3),
  };
}

/** The outcome of a stream. */
interface Outcome {
  /** The sizes of the messages that were delivered. */
  readonly handedOut: number[];
  refusal: string | undefined;
}

/** Receives messages, in one of several ways. */
class Receiver {
  readonly outcome: Outcome = { handedOut: [], refusal: undefined };
  readonly handler: InboundHandler<SimpleIoReactorContext>;
  readonly #sizeOf: (buf: Uint8Array) => number;
  readonly #most: number;
  #longest = 0;

  constructor(
    how: typeof HANDLERS[number],
    { codec, maxMessageSize }: Case,
  ) {
    this.#sizeOf = CODECS[codec].sizeOf;
    this.#most = maxMessageSize;
    const simple = new SimpleIoReactor({
      onMessage: (buf) => this.#takeAll(buf),
    });
    const isAnnounced = how === "one by one, announced";
    this.handler = how === "SimpleIo" ? simple : {
      onInboundMessage: (buf) => {
        if (how === "all that are there at once") {
          const taken = this.#takeAll(buf);
          return taken > 0
            ? MessageResult.dropMsgSize(taken)
            : MessageResult.expectMsgSize(0);
        }
        const size = this.#take(buf);
        if (size > 0) return MessageResult.dropMsgSize(size);
        return MessageResult.expectMsgSize(isAnnounced ? -size : 0);
      },
    };
  }

  /** The most bytes seen of one message. */
  get longest(): number {
    return this.#longest;
  }

  /** The size of the first message in `buf`: negative if it is incomplete, 0 if unknown. */
  #take(buf: Uint8Array): number {
    assert.ok(buf.length <= this.#most, `${buf.length} bytes at once`);
    this.#longest = Math.max(this.#longest, buf.length);
    const size = this.#sizeOf(buf);
    if (size > buf.length) return -size;
    if (size > 0) this.outcome.handedOut.push(size);
    return size;
  }

  #takeAll(buf: Uint8Array): number {
    let taken = 0;
    while (taken < buf.length) {
      const size = this.#take(buf.subarray(taken));
      if (size <= 0) break;
      taken += size;
    }
    return taken;
  }
}

/** Feeds `stream` to the reader as a connection does, in reads of the sizes from `sizeOf`. */
function receive(
  stream: Uint8Array,
  settings: Case,
  strategy: typeof STRATEGIES[number],
  receiver: Receiver,
  sizeOf: (read: number) => number,
): void {
  const reader = newReader(settings);
  let isLastLook = false;
  for (let read = 0, position = 0; !isLastLook; read++) {
    const size = read < MOST_READS ? sizeOf(read) : stream.length;
    const chunk = stream.slice(position, position + size);
    position += chunk.length;
    isLastLook = position === stream.length;
    if (chunk.length > 0) reader.receive(chunk, chunk.length);
    try {
      if (isLastLook || read % settings.looksAfter === 0) {
        reader[strategy](NO_CONTEXT, receiver.handler);
      }
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      receiver.outcome.refusal = error.message;
      return;
    }
    reader.retain();
  }
}

/** The expected outcome. */
function expected(settings: Case, isAnnounced: boolean): Outcome {
  const { codec, bodies, maxMessageSize } = settings;
  const { encode, headerSize } = CODECS[codec];
  const sizes = bodies.map((length) => encode(length).length);
  const tooLarge = sizes.findIndex((size) => size > maxMessageSize);
  if (tooLarge < 0) return { handedOut: sizes, refusal: undefined };
  const isKnown = isAnnounced && codec !== "delimited" &&
    headerSize <= maxMessageSize;
  const size = isKnown ? sizes[tooLarge] : `more than ${maxMessageSize}`;
  return {
    handedOut: sizes.slice(0, tooLarge),
    refusal:
      `Cannot receive a message of ${size} bytes: maxMessageSize is ${maxMessageSize}`,
  };
}

describe("MsgReader and maxMessageSize", () => {
  property(
    "the same messages are handed out, and the same one is refused, however the stream is cut, read and framed",
    { runs: 60 },
    drawCase,
    (settings) => {
      const { codec, bodies, sizes, cut } = settings;
      const stream = new Uint8Array(
        Buffer.concat(bodies.map((length) => CODECS[codec].encode(length))),
      );
      const cuts: Record<string, (read: number) => number> = {
        "in one piece": () => stream.length,
        "in two": (read) => read === 0 ? cut : stream.length,
        "byte by byte": () => 1,
        "at random": (read) => sizes[read % sizes.length] ?? stream.length,
      };
      for (const how of HANDLERS) {
        const outcome = expected(settings, how === "one by one, announced");
        for (const strategy of STRATEGIES) {
          for (const [name, sizeOf] of Object.entries(cuts)) {
            const receiver = new Receiver(how, settings);
            receive(stream, settings, strategy, receiver, sizeOf);
            const what = `${how}, by ${strategy}, ${name}`;
            assert.deepEqual(receiver.outcome, outcome, what);
            if (outcome.refusal?.includes("more than")) {
              assert.equal(receiver.longest, settings.maxMessageSize, what);
            }
          }
        }
      }
    },
  );
});
