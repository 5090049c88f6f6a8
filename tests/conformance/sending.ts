import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  Deferred,
  InvalidSliceError,
  MessageResult,
  SendOrQueueResult,
  SendQueueFullError,
  type SendResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair } from "./peers.ts";
import { checking, PatternSender } from "./streams.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  withRuntime,
} from "./support.ts";

const MiB = 2 ** 20;

/** Views of `size` bytes, some of which report a wrong size. */
const VIEWS: ((
  buffer: ArrayBuffer,
  start: number,
  size: number,
) => ArrayBufferView)[] = [
  (buffer, start, size) => new Uint16Array(buffer, start, size / 2),
  (buffer, start, size) => new Float64Array(buffer, start, size / 8),
  (buffer, start, size) => new DataView(buffer, start, size),
  ...[1e9, 10, 0].map(
    (length) => (buffer: ArrayBuffer, start: number, size: number) => {
      const bytes = new Uint8Array(buffer, start, size);
      for (const name of ["byteLength", "byteOffset", "subarray"]) {
        Object.defineProperty(bytes, name, { get: () => assert.fail("asked") });
      }
      return Object.defineProperty(bytes, "length", { value: length });
    },
  ),
  (buffer, start, size) => {
    const shared = new SharedArrayBuffer(buffer.byteLength);
    new Uint8Array(shared).set(new Uint8Array(buffer));
    return new Uint8Array(shared, start, size);
  },
];

/** Sends arrive in order, and every completion is called once. */
export function sendingPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: sending`, () => {
    it("takes any view as its bytes, small or large, by every way to send; and refuses what is none with InvalidSliceError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const sizes = [8, 4000, 20_000, 200_000];
        const checker = new PatternChecker();
        const { client, server, serverCtx: ctx } = await openPair(
          environment,
          runtime,
          {},
          checking(checker),
        );
        let position = 0;
        const send = (bytes: ArrayBufferView, size: number, way: number) => {
          if (way === 0) ctx.sendOrQueue(bytes);
          if (way === 1) ctx.sendSlice(bytes, 0, size);
          if (way === 2) {
            const buffer = ctx.acquireSend();
            try {
              assert.equal(buffer.write(bytes), size);
            } finally {
              buffer[Symbol.dispose]();
            }
          }
          if (way < 3) return size;
          return ctx.sendNoQueue(bytes);
        };
        for (const size of sizes) {
          for (const makeView of VIEWS) {
            for (const way of [0, 1, 2, 3]) {
              const buffer = new ArrayBuffer(size + 16);
              new Uint8Array(buffer).set(pattern(position, size), 8);
              position += send(makeView(buffer, 8, size), size, way);
            }
          }
        }
        const noViews = [null, [1], new ArrayBuffer(4), new Proxy(ctx, {}), 7];
        for (const value of noViews as never[]) {
          for (const way of [0, 1, 2, 3]) {
            assert.throws(() => send(value, 1, way), InvalidSliceError);
          }
        }
        ctx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
        assert.equal(checker.received, position);
        assert.ok(position > 0);
      }));

    it("is possible from everywhere, and what is sent first arrives first", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const rounds = 50;
        const places: string[] = [];
        let position = 0;
        let target: Context<string>;
        const sendFrom = (place: string, onSent?: () => void) => {
          places.push(place);
          const size = 1 + (position * 7) % 3001;
          target.sendOrQueue(pattern(position, size), onSent);
          position += size;
        };
        const checker = new PatternChecker();
        const { client, clientCtx, serverCtx } = await openPair<string>(
          environment,
          runtime,
          {
            onConnected(ctx) {
              target = ctx;
              sendFrom("onConnected");
            },
            onInboundMessage(buf) {
              sendFrom(
                "onInboundMessage",
                () => sendFrom("a completion"),
              );
              return MessageResult.dropMsgSize(buf.length);
            },
            onCommand: (cmd) => sendFrom(cmd),
          },
          checking(checker),
        );
        const other = await openPair<string>(environment, runtime, {
          onInboundMessage(buf) {
            sendFrom("another reactor");
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const { cmdSender } = runtime;
        const id = serverCtx.id;
        for (let i = 0; i < rounds; i++) {
          clientCtx.sendOrQueue(Uint8Array.of(1));
          other.clientCtx.sendOrQueue(Uint8Array.of(1));
          cmdSender.sendUserCmd(id, "a command");
          cmdSender.sendUserCmd(id, "a deferred command", {
            deferred: Deferred.after(i % 3),
          });
          await sleep(i % 2);
          sendFrom("outside");
        }
        await new Promise((resolve) =>
          cmdSender.sendUserCmd(id, "the last", {
            deferred: Deferred.after(50),
            completion: resolve,
          })
        );
        serverCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, position);
        assert.equal(places[0], "onConnected");
        assert.deepEqual([...new Set(places)].sort(), [
          "a command",
          "a completion",
          "a deferred command",
          "another reactor",
          "onConnected",
          "onInboundMessage",
          "outside",
          "the last",
        ]);
      }));

    it("10,000 small messages in one turn arrive complete and in order, from one buffer used again and again", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const checker = new PatternChecker();
        let position = 0;
        const { client } = await openPair(environment, runtime, {
          onConnected(ctx) {
            const buffer = new Uint8Array(64);
            for (let i = 0; i < 10_000; i++) {
              const size = i % 64;
              buffer.set(pattern(position, size));
              ctx.sendOrQueue(buffer.subarray(0, size));
              position += size;
            }
            buffer.fill(0);
            ctx.close();
          },
        }, checking(checker));
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, position);
      }));

    it("by sendNoQueue tells how much was taken, and sending the rest again gives the exact stream, also to a reader that stalls", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 24 * MiB;
        const checker = new PatternChecker();
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {},
          { onConnected: (ctx) => ctx.pauseReading(), ...checking(checker) },
        );
        let sent = 0;
        let refusals = 0;
        while (sent < total) {
          const bytes = pattern(sent, Math.min(200_003, total - sent)).slice();
          const taken = serverCtx.sendNoQueue(bytes);
          assert.ok(taken >= 0 && taken <= bytes.length, `${taken}`);
          bytes.fill(0);
          sent += taken;
          if (taken === 0 && ++refusals === 20) clientCtx.resumeReading();
          if (taken < bytes.length) await sleep(1);
        }
        assert.ok(refusals >= 20, "the reader stalled");
        serverCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, total);
      }));

    it("by sendSlice echoes what lies in the inbound message, whole and in order, also to a reader that stalls", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 16 * MiB;
        const size = 509;
        const checker = new PatternChecker();
        const { client, clientCtx } = await openPair(environment, runtime, {
          onInboundMessage(buf, ctx) {
            const length = Math.min(size, buf.length);
            ctx.sendSlice(buf, 0, length);
            return MessageResult.dropMsgSize(length);
          },
        }, {
          onConnected: (ctx) => ctx.pauseReading(),
          ...checking(checker, total),
        });
        new PatternSender(clientCtx, total);
        await sleep(100);
        clientCtx.resumeReading();
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, total);
      }));

    it("to a reader that stalls leaves 10,000 completions pending, each called once and in order when it goes on, none from inside a send", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const count = 10_000;
        const size = 2003;
        const called: number[] = [];
        const checker = new PatternChecker();
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {
            onConnected(ctx) {
              for (let i = 0; i < count; i++) {
                const result = ctx.sendOrQueue(
                  pattern(i * size, size),
                  ({ ok }) => called.push(ok ? i : -1),
                );
                assert.notEqual(result, SendOrQueueResult.Closed);
              }
              assert.equal(ctx.sender.pendingCount, count);
              assert.equal(called.length, 0);
            },
          },
          {
            onConnected: (ctx) => ctx.pauseReading(),
            ...checking(checker, count * size),
          },
        );
        await sleep(100);
        assert.ok(serverCtx.sender.pendingCount > 0, "some are pending");
        assert.equal(called.length + serverCtx.sender.pendingCount, count);
        clientCtx.resumeReading();
        assert.equal(await client.closed, undefined);
        assert.deepEqual(called, Array.from({ length: count }, (_, i) => i));
        assert.equal(serverCtx.sender.bytesSent, count * size);
      }));

    it("beyond maxSendQueue aborts the connection with SendQueueFullError, the reason of every pending send", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const maxSendQueue = 16 * MiB;
        const results: SendResult[] = [];
        const outcomes: SendOrQueueResult[] = [];
        const { server, serverCtx } = await openPair(
          environment,
          runtime,
          {},
          { onConnected: (ctx) => ctx.pauseReading() },
          { server: { maxSendQueue } },
        );
        for (const size of [maxSendQueue, maxSendQueue, 1]) {
          outcomes.push(
            serverCtx.sendOrQueue(
              new Uint8Array(size),
              (result) => results.push(result),
            ),
          );
        }
        assert.equal(results.length, 0);
        const reason = await server.closed;
        assert.ok(reason instanceof SendQueueFullError, String(reason));
        assert.match(reason.message, /maxSendQueue is 16777216/);
        assert.notEqual(outcomes[0], SendOrQueueResult.Closed);
        assert.deepEqual(outcomes.slice(1), ["closed", "closed"]);
        await eventually(() => results.length === 3, "all are settled");
        const errors = results.map((result) => result.ok || result.error);
        assert.equal(errors.filter((error) => error === reason).length, 2);
        assert.ok(
          errors.some((error) => error instanceof ConnectionClosedError),
        );
      }));

    it("beyond maxSendQueue throws SendQueueFullError if the policy is to reject, and sends nothing of it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const maxSendQueue = 8 * MiB;
        const size = MiB;
        const checker = new PatternChecker();
        let accepted = 0;
        let completed = 0;
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {},
          { onConnected: (ctx) => ctx.pauseReading(), ...checking(checker) },
          { server: { maxSendQueue, sendQueueOverflow: "reject" } },
        );
        const send = () => {
          serverCtx.sendOrQueue(pattern(accepted, size), () => completed++);
          accepted += size;
        };
        assert.throws(() => {
          for (let i = 0; i < 100; i++) send();
        }, SendQueueFullError);
        assert.ok(accepted >= maxSendQueue, `${accepted} were accepted`);
        assert.ok(serverCtx.sender.bytesQueued <= maxSendQueue);
        assert.equal(serverCtx.sender.pendingCount, accepted / size);
        clientCtx.resumeReading();
        while (serverCtx.sender.bytesQueued > 0) await sleep(1);
        send();
        serverCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(checker.received, accepted);
        assert.equal(completed, accepted / size);
      }));

    it("on a closed connection is harmless: the result is Closed, the completion gets ConnectionClosedError once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { server, serverCtx, clientCtx } = await openPair(
          environment,
          runtime,
        );
        clientCtx.close();
        await server.closed;
        const results: SendResult[] = [];
        const result = serverCtx.sendOrQueue(
          Uint8Array.of(1),
          (result) => results.push(result),
        );
        assert.equal(result, SendOrQueueResult.Closed);
        assert.equal(serverCtx.sendOrQueue(Uint8Array.of(1)), result);
        assert.equal(serverCtx.sendNoQueue(Uint8Array.of(1)), 0);
        assert.equal(results.length, 0);
        await sleep(20);
        const errors = results.map((result) => result.ok || result.error);
        assert.equal(errors.length, 1);
        assert.ok(errors[0] instanceof ConnectionClosedError);
      }));
  });
}
