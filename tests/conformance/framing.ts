import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  MessageResult,
  MessageTooLargeError,
  type Reactor,
  SimRandom,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair } from "./peers.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  quietly,
  withRuntime,
} from "./support.ts";

const HEADER_SIZE = 4;

/**
 * Sizes of bodies: empty, tiny, around buffer sizes, and larger than any read.
 */
const BODY_SIZES = [0, 1, 2, 3, 250, 1019, 1020, 1021, 4096, 70_001, 600_000];

/** Messages are reassembled however the stream is cut. */
export function framingPromises(environment: Environment): void {
  const { adapter } = environment;
  describe(`${adapter.name}: messages`, () => {
    for (const [strategy, reading] of STRATEGIES) {
      for (const [cut, sizeOf] of CUTS) {
        it(`arrive whole, read by ${strategy}, from a stream sent ${cut}`, () =>
          withRuntime(adapter, {}, async (runtime) => {
            const bodies = [...BODY_SIZES, ...BODY_SIZES.toReversed()];
            const stream = frames(bodies);
            const server = new FrameReader((frame, ctx) =>
              void ctx.sendOrQueue(frame)
            );
            const checker = new PatternChecker();
            const client = new FrameReader((frame, ctx) => {
              checker.check(frame.subarray(HEADER_SIZE));
              if (client.sizes.length === bodies.length) ctx.close();
            });
            const pair = await openPair(
              environment,
              runtime,
              { ...handlersOf(server), ...reading },
              { ...handlersOf(client), ...reading },
              { server: { recvBufferMinSize: 100 } },
            );
            sendCut(pair.clientCtx, stream, sizeOf);
            assert.equal(await pair.client.closed, undefined);
            assert.equal(await pair.server.closed, undefined);
            assert.deepEqual(server.sizes, bodies);
            assert.deepEqual(client.sizes, bodies);
          }));
      }

      it(`arrive one after the other, read by ${strategy}, when one read brings many`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const bodies = Array.from({ length: 20_000 }, (_, i) => i % 23);
          const checker = new PatternChecker();
          const reader = new FrameReader((frame, ctx) => {
            checker.check(frame.subarray(HEADER_SIZE));
            if (reader.sizes.length === bodies.length) ctx.close();
          });
          const { server, clientCtx } = await openPair(environment, runtime, {
            ...handlersOf(reader),
            ...reading,
          });
          clientCtx.sendOrQueue(frames(bodies));
          assert.equal(await server.closed, undefined);
          assert.deepEqual(reader.sizes, bodies);
        }));
    }

    it("of exactly maxMessageSize arrive; one that announces more closes the connection with MessageTooLargeError before it arrives", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const maxMessageSize = 1000;
          const reader = new FrameReader(() => {});
          const { server, client, clientCtx } = await openPair(
            environment,
            runtime,
            handlersOf(reader),
            {},
            { server: { maxMessageSize } },
          );
          const largest = maxMessageSize - HEADER_SIZE;
          clientCtx.sendOrQueue(frames([largest]));
          const tooLarge = frames([largest + 1]);
          clientCtx.sendOrQueue(tooLarge.subarray(0, HEADER_SIZE));
          const reason = await server.closed;
          assert.ok(reason instanceof MessageTooLargeError, String(reason));
          assert.match(reason.message, /1001 bytes.*1000/);
          assert.deepEqual(reader.sizes, [largest]);
          const told = await client.closed;
          assert.equal(told !== undefined, environment.tellsReasons ?? false);
        })
      ));

    for (const [cut, sizeOf] of [...CUTS, IN_TWO]) {
      it(`that are incomplete at FIN close the connection with TruncatedMessageError, which says how many bytes there are, sent ${cut}`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          for (const isAnnounced of [true, false]) {
            for (const [strategy, reading] of STRATEGIES) {
              const bodies = [10, 2000, 3000];
              const missing = 1234;
              const reader = new FrameReader(() => {}, isAnnounced);
              const { server, clientCtx } = await openPair(
                environment,
                runtime,
                { ...handlersOf(reader), ...reading },
                {},
                { server: { recvBufferMinSize: 100 } },
              );
              const stream = frames(bodies);
              const sent = stream.subarray(0, stream.length - missing);
              sendCut(clientCtx, sent, sizeOf, () => clientCtx.close());
              const reason = await server.closed;
              assert.ok(reason instanceof TruncatedMessageError, `${reason}`);
              const count = HEADER_SIZE + bodies[2] - missing;
              assert.ok(reason.message.includes(`${count} bytes`), strategy);
              assert.deepEqual(reader.sizes, bodies.slice(0, 2), strategy);
            }
          }
        }));

      it(`of more than maxMessageSize are refused with MessageTooLargeError; those before them arrive, sent ${cut}`, () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime) => {
            for (const isAnnounced of [true, false]) {
              for (const [strategy, reading] of STRATEGIES) {
                const maxMessageSize = 1000;
                const bodies = [10, 996, 0, 2996, 5];
                const reader = new FrameReader(() => {}, isAnnounced);
                const { server, clientCtx } = await openPair(
                  environment,
                  runtime,
                  { ...handlersOf(reader), ...reading },
                  {},
                  { server: { maxMessageSize, recvBufferMinSize: 100 } },
                );
                sendCut(clientCtx, frames(bodies), sizeOf);
                const reason = await server.closed;
                assert.ok(reason instanceof MessageTooLargeError, `${reason}`);
                const size = isAnnounced ? "3000" : "more than 1000";
                const what = `a message of ${size} bytes`;
                assert.ok(reason.message.includes(what), reason.message);
                assert.deepEqual(reader.sizes, bodies.slice(0, 3), strategy);
                assert.ok(reader.longest <= maxMessageSize, strategy);
              }
            }
          })
        ));
    }
  });
}

const STRATEGIES: [string, Pick<Reactor, "onReadable">][] = [
  ["tryReadFastRead", {}],
  ["tryReadFastDispatch", {
    onReadable(this: Reactor, ctx) {
      ctx.reader.tryReadFastDispatch(ctx, this);
    },
  }],
];

/** Ways to cut a stream: they return the size of the piece at a position. */
const CUTS: [string, () => (position: number) => number][] = [
  ["in one go", () => () => Infinity],
  ["byte by byte at first", () => (at) => at < 2000 ? 1 : 300_001],
  ["in pieces of any size", () => {
    const random = new SimRandom(7);
    return () => random.integer(1, random.chance(0.5) ? 20 : 50_000);
  }],
];

const IN_TWO: typeof CUTS[number] = [
  "in two",
  () => (at) => at === 0 ? 1500 : Infinity,
];

/**
 * Sends `stream` in pieces, each when the previous one is sent, and signals
 * when all are.
 */
function sendCut(
  ctx: Context,
  stream: Uint8Array,
  cut: () => (position: number) => number,
  onSent: () => void = () => {},
): void {
  const sizeOf = cut();
  let position = 0;
  const sendNext = () => {
    if (position === stream.length) return onSent();
    const start = position;
    position = Math.min(start + sizeOf(start), stream.length);
    ctx.sendOrQueue(stream.subarray(start, position), sendNext);
  };
  sendNext();
}

/**
 * Frames whose bodies together form the stream that {@linkcode PatternChecker}
 * checks.
 */
function frames(bodySizes: readonly number[]): Uint8Array {
  const total = bodySizes.reduce((sum, size) => sum + HEADER_SIZE + size, 0);
  const stream = new Uint8Array(total);
  const header = new DataView(stream.buffer);
  let at = 0;
  let bodyPosition = 0;
  for (const size of bodySizes) {
    header.setUint32(at, size, true);
    stream.set(pattern(bodyPosition, size), at + HEADER_SIZE);
    at += HEADER_SIZE + size;
    bodyPosition += size;
  }
  return stream;
}

/** Reads frames, and checks every argument of every call. */
class FrameReader {
  /** The sizes of the bodies received. */
  readonly sizes: number[] = [];
  /** The most bytes passed to a handler at once. */
  longest = 0;
  readonly #onFrame: (frame: Uint8Array, ctx: DispatchContext) => void;
  readonly #isAnnounced: boolean;
  #seen = 0;
  #expected = 0;

  /** Announces the sizes of incomplete frames, or not. */
  constructor(
    onFrame: (frame: Uint8Array, ctx: DispatchContext) => void,
    isAnnounced = true,
  ) {
    this.#onFrame = onFrame;
    this.#isAnnounced = isAnnounced;
  }

  read(
    buf: Uint8Array,
    ctx: DispatchContext,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    assert.ok(newBytes > 0, "a call without new bytes");
    assert.equal(newBytes, buf.length - this.#seen);
    assert.equal(decodedMsgSize, this.#expected);
    assert.ok(buf.length >= decodedMsgSize, "a call before all is there");
    const { length } = buf;
    this.longest = Math.max(this.longest, length);
    const size = length < HEADER_SIZE ? 0 : HEADER_SIZE +
      new DataView(buf.buffer, buf.byteOffset).getUint32(0, true);
    if (size === 0 || size > length) {
      this.#seen = length;
      this.#expected = this.#isAnnounced ? size : 0;
      return MessageResult.expectMsgSize(this.#expected);
    }
    this.#seen = this.#expected = 0;
    this.sizes.push(size - HEADER_SIZE);
    this.#onFrame(buf.subarray(0, size), ctx);
    return MessageResult.dropMsgSize(size);
  }
}

function handlersOf(reader: FrameReader): Pick<Reactor, "onInboundMessage"> {
  return { onInboundMessage: (...args) => reader.read(...args) };
}
