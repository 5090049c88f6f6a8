import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  MessageResult,
  type MsgReader,
  type Reactor,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair } from "./peers.ts";
import { PatternSender } from "./streams.ts";
import { pattern, PatternChecker, withRuntime } from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const HALF = MiB / 2;

/** Sizes of messages: much larger than a read, with small ones in between. */
const SIZES = [MiB, 7, 300 * KiB, 300 * KiB, 1, 20 * KiB, 100, MiB, 5 * KiB];
const TOTAL = SIZES.reduce((sum, size) => sum + size, 0);

/**
 * Messages much larger than a read arrive whole, and may be dropped halfway.
 */
export function largeMessagePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: large messages`, () => {
    for (const how of ["sendSlice", "sendOrQueue"] as const) {
      for (const stalls of [false, true]) {
        const reader = stalls ? "a reader that stalls" : "a reader";
        it(`mixed with small ones are echoed to ${reader} by ${how}, whole and in order`, () =>
          withRuntime(adapter, {}, async (runtime) => {
            const checker = new PatternChecker();
            const { client, clientCtx } = await openPair(
              environment,
              runtime,
              inSizes(SIZES, (buf, size, ctx) => {
                if (how === "sendSlice") ctx.sendSlice(buf, 0, size);
                else ctx.sendOrQueue(buf.subarray(0, size));
              }),
              {
                onConnected: (ctx) => void (stalls && ctx.pauseReading()),
                ...inSizes(SIZES, (buf, size, ctx) => {
                  checker.check(buf.subarray(0, size));
                  if (checker.received === TOTAL) ctx.close();
                }),
              },
            );
            new PatternSender(clientCtx, TOTAL, [65_521, 5 * MiB]);
            await sleep(20);
            clientCtx.resumeReading();
            assert.equal(await client.closed, undefined);
            assert.equal(checker.received, TOTAL);
          }));
      }
    }

    it("arrive whole though reading is paused in the middle of each", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const receiver = new Receiver(MiB);
        const { handlers, checker } = receiver;
        const { clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          handlers,
        );
        for (let start = 0; start < 3 * MiB; start += MiB) {
          clientCtx.sendOrQueue(pattern(start, HALF));
          await inTheMiddle(receiver);
          serverCtx.pauseReading();
          clientCtx.sendOrQueue(pattern(start + HALF, HALF));
          await sleep(20);
          assert.equal(checker.received, start);
          serverCtx.resumeReading();
          await eventually(
            () => checker.received === start + MiB,
            "all of it is in",
          );
        }
      }));

    for (const pauses of [false, true]) {
      const when = pauses ? "in a pause" : "between two reads";
      it(`are dropped half received by reader.clear, ${when}: what follows is a new message`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const receiver = new Receiver(MiB);
          const { handlers, checker } = receiver;
          const { clientCtx, serverCtx } = await openPair(
            environment,
            runtime,
            handlers,
          );
          clientCtx.sendOrQueue(new Uint8Array(HALF));
          await inTheMiddle(receiver);
          await sleep(20); // the next read is in progress
          if (pauses) serverCtx.pauseReading();
          receiver.reader!.clear();
          assert.equal(receiver.held, 0);
          receiver.size = 300 * KiB;
          new PatternSender(clientCtx, 3 * receiver.size);
          await sleep(20);
          serverCtx.resumeReading();
          await eventually(
            () => checker.received === 3 * receiver.size,
            "three others are in",
          );
        }));
    }

    it("that end in their middle close the connection: at the peer's FIN with TruncatedMessageError, by a graceful close, by abort with its reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const ending of ["FIN", "close", "abort"] as const) {
          const reason = new Error("enough");
          const receiver = new Receiver(MiB);
          const { server, client, serverCtx, clientCtx } = await openPair(
            environment,
            runtime,
            receiver.handlers,
          );
          clientCtx.sendOrQueue(new Uint8Array(HALF));
          await inTheMiddle(receiver);
          if (ending === "FIN") clientCtx.close();
          if (ending === "close") serverCtx.close();
          if (ending === "abort") serverCtx.abort(reason);
          const closed = await server.closed;
          if (ending === "FIN") {
            assert.ok(closed instanceof TruncatedMessageError);
          } else {
            assert.equal(closed, ending === "abort" ? reason : undefined);
          }
          assert.equal(receiver.checker.received, 0);
          await client.closed;
        }
      }));
  });

  function inTheMiddle(receiver: Receiver): Promise<void> {
    return eventually(() => receiver.held === HALF, "half of it is in");
  }
}

/** Reads messages of one size that together form the pattern. */
class Receiver {
  readonly checker = new PatternChecker();
  size: number;
  reader: MsgReader | undefined = undefined;

  constructor(size: number) {
    this.size = size;
  }

  /** How much of a message has arrived. */
  get held(): number {
    return this.reader?.bytesBuffered ?? 0;
  }

  get handlers(): Partial<Reactor> {
    return {
      onReadable: (ctx) => {
        this.reader = ctx.reader;
        ctx.reader.tryReadFastRead(ctx, (buf) => this.#take(buf));
      },
    };
  }

  #take(buf: Uint8Array): MessageResult {
    if (buf.length < this.size) return MessageResult.expectMsgSize(this.size);
    this.checker.check(buf.subarray(0, this.size));
    return MessageResult.dropMsgSize(this.size);
  }
}

/** Reads messages of these sizes, over and over. */
function inSizes(
  sizes: readonly number[],
  onMessage: (buf: Uint8Array, size: number, ctx: DispatchContext) => void,
): Pick<Reactor, "onInboundMessage"> {
  let count = 0;
  return {
    onInboundMessage(buf, ctx) {
      const size = sizes[count % sizes.length];
      if (buf.length < size) return MessageResult.expectMsgSize(size);
      count++;
      onMessage(buf, size, ctx);
      return MessageResult.dropMsgSize(size);
    },
  };
}
