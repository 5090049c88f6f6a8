import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AutoSendBufferDisposedError,
  type DispatchContext,
  MessageResult,
  SendOrQueueResult,
  type SendResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair } from "./peers.ts";
import { checking } from "./streams.ts";
import { pattern, PatternChecker, withRuntime } from "./support.ts";

/** An AutoSendBuffer is sent at the end of its scope. */
export function sendBufferPromises(environment: Environment): void {
  const { adapter, sleep } = environment;
  /**
   * Lets a server write with `write` and close. Resolves to what its client
   * receives.
   */
  async function received(
    write: (ctx: DispatchContext) => void,
  ): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    await withRuntime(adapter, {}, async (runtime) => {
      const { client, server } = await openPair(environment, runtime, {
        onConnected(ctx) {
          write(ctx);
          ctx.close();
        },
      }, {
        onInboundMessage(buf) {
          text += decoder.decode(buf, { stream: true });
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      assert.equal(await client.closed, undefined);
      assert.equal(await server.closed, undefined);
    });
    return text;
  }

  describe(`${adapter.name}: AutoSendBuffer`, () => {
    it("sends the bytes and text written to it at the end of its scope, after what was sent in between", async () => {
      const text = await received((ctx) => {
        {
          const buffer = ctx.acquireSend();
          assert.equal(buffer.writeText("grüße "), 8);
          assert.equal(buffer.write(Uint8Array.of(65, 66)), 2);
          assert.equal(buffer.writeText(""), 0);
          assert.equal(buffer.writeText("😀"), 4);
          assert.equal(buffer.bytesWritten, 14);
          sendText(ctx, "first, ");
          assert.equal(ctx.sender.bytesQueued, 7);
          buffer[Symbol.dispose]();
        }
        sendText(ctx, ", last");
      });
      assert.equal(text, "first, grüße AB😀, last");
    });

    it("may be one of several that are open at once: each is whole, sent in the order their scopes end", async () => {
      const text = await received((ctx) => {
        const last = ctx.acquireSend();
        const second = ctx.acquireSend();
        {
          const first = ctx.acquireSend();
          for (const digit of "123") {
            last.writeText(`c${digit}`);
            first.writeText(`a${digit}`);
            second.writeText(`b${digit}`);
          }
          first[Symbol.dispose]();
        }
        sendText(ctx, "-");
        second[Symbol.dispose]();
        last[Symbol.dispose]();
      });
      assert.equal(text, "a1a2a3-b1b2b3c1c2c3");
    });

    it("shows what is written by getWritten, to be changed, and drops it by clear", async () => {
      const text = await received((ctx) => {
        const buffer = ctx.acquireSend();
        buffer.writeText("dropped");
        buffer.clear();
        assert.equal(buffer.bytesWritten, 0);
        assert.equal(buffer.getWritten().length, 0);
        buffer.writeText("?kept");
        assert.equal(new TextDecoder().decode(buffer.getWritten()), "?kept");
        buffer.getWritten()[0] = "!".charCodeAt(0);
        ctx.acquireSend()[Symbol.dispose]();
        buffer[Symbol.dispose]();
        buffer[Symbol.dispose]();
      });
      assert.equal(text, "!kept");
    });

    it("is sent early by send(completion) and begins anew", async () => {
      const results: SendResult[] = [];
      const text = await received((ctx) => {
        const buffer = ctx.acquireSend();
        buffer.writeText("one, ");
        buffer.send((result) => results.push(result));
        assert.equal(buffer.bytesWritten, 0);
        buffer.writeText("two, ");
        sendText(ctx, "between, ");
        buffer.send((result) => results.push(result));
        buffer.writeText("three");
        buffer[Symbol.dispose]();
      });
      assert.equal(text, "one, between, two, three");
      assert.deepEqual(results, [{ ok: true }, { ok: true }]);
    });

    it("takes large messages written piece by piece", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 3_000_017;
        const checker = new PatternChecker();
        const { client } = await openPair(environment, runtime, {
          onConnected(ctx) {
            const buffer = ctx.acquireSend();
            let position = 0;
            while (position < total) {
              const size = Math.min(1 + position % 4999, total - position);
              position += buffer.write(pattern(position, size));
            }
            buffer[Symbol.dispose]();
          },
        }, checking(checker, total));
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, total);
      }));

    it("throws AutoSendBufferDisposedError when it is written to after its scope, which sends nothing more", async () => {
      const text = await received((ctx) => {
        const buffer = ctx.acquireSend();
        buffer.writeText("once");
        buffer[Symbol.dispose]();
        const writes = [
          () => buffer.writeText("again"),
          () => buffer.write(Uint8Array.of(1)),
          () => buffer.write(new Uint8Array(0)),
          () => buffer.writeText(""),
          () => buffer.writeUint8(1),
          () => buffer.writeBigUint64(1n),
          () => buffer.setUint16(0, 1),
        ];
        for (const write of writes) {
          assert.throws(write, AutoSendBufferDisposedError);
        }
        buffer[Symbol.dispose]();
        assert.equal(buffer.bytesWritten, 0);
      });
      assert.equal(text, "once");
    });

    it("writes numbers in both byte orders between bytes and text, and sets them when they are known", async () => {
      const text = await received((ctx) => {
        const buffer = ctx.acquireSend();
        buffer.writeUint32(0);
        buffer.writeUint8(0x61);
        buffer.writeUint16(0x6263);
        buffer.writeUint16(0x6564, true);
        buffer.writeUint32(0x66676869);
        buffer.writeUint32(0x6d6c6b6a, true);
        buffer.writeText("-");
        buffer.writeBigUint64(0x6e6f707172737475n);
        buffer.write(new TextEncoder().encode("<-->"), 1, 3);
        buffer.setUint32(0, 0x53495a45);
        buffer[Symbol.dispose]();
      });
      assert.equal(text, "SIZEabcdefghijklm-nopqrstu--");
    });

    it("is sent also if its handler throws in the scope of using, and not without using", async () => {
      for (const isScoped of [true, false]) {
        let text = "";
        await withRuntime(adapter, {}, async (runtime) => {
          const { client, server } = await openPair(environment, runtime, {
            onConnected(ctx) {
              ctx.sendOrQueue(Uint8Array.of(0x61));
            },
            onInboundMessage(_buf, ctx) {
              if (isScoped) {
                const buffer = ctx.acquireSend();
                try {
                  buffer.writeText("half");
                  throw new Error("half-way");
                } finally {
                  buffer[Symbol.dispose]();
                }
              }
              ctx.acquireSend().writeText("half");
              throw new Error("half-way");
            },
          }, {
            onInboundMessage(buf, ctx) {
              text += new TextDecoder().decode(buf);
              if (text === "a") ctx.sendOrQueue(Uint8Array.of(1));
              return MessageResult.dropMsgSize(buf.length);
            },
          });
          assert.equal((await server.closed)?.message, "half-way");
          await client.closed;
        });
        assert.equal(text, isScoped ? "ahalf" : "a");
      }
    });

    it("is harmless on a closed connection, and its completion is told", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { server, serverCtx, clientCtx } = await openPair(
          environment,
          runtime,
        );
        clientCtx.close();
        await server.closed;
        const results: SendResult[] = [];
        {
          const buffer = serverCtx.acquireSend();
          buffer.writeText("lost");
          assert.equal(
            buffer.send((result) => results.push(result)),
            SendOrQueueResult.Closed,
          );
          buffer.writeText("lost, too");
          buffer[Symbol.dispose]();
        }
        await sleep(20);
        assert.deepEqual(results.map(({ ok }) => ok), [false]);
      }));
  });
}

function sendText(ctx: DispatchContext, text: string): void {
  ctx.sendOrQueue(new TextEncoder().encode(text));
}
