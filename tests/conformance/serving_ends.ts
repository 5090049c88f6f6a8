import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CodecError,
  ConnectionClosedError,
  DrainTimeoutError,
  lengthPrefixed,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  serve,
  TruncatedMessageError,
} from "../../mod.ts";
import { bytesOf, call, calls, valuesOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import {
  ByHand,
  type Handler,
  openServer,
  range,
  received,
  type ServerOptions,
} from "./by_hand.ts";
import type { Environment } from "./environment.ts";
import {
  pattern,
  quietly,
  signal,
  withRuntime,
  withTwoRuntimes,
} from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** How a server's connection ends. */
export function servingEndPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  const open = (
    runtime: ReactRuntime,
    handler: Handler,
    options?: ServerOptions,
  ) => openServer(environment, runtime, handler, options);

  /**
   * Returns a function that tells whether `onDrain` was called for the
   * connections of `runtime`.
   */
  const hearOfDraining = async (runtime: ReactRuntime) => {
    let isOpen = false;
    let isDraining = false;
    const reactor: Reactor = {
      onConnected: () => void (isOpen = true),
      onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
      onDrain(ctx) {
        isDraining = true;
        ctx.abort();
      },
    };
    const onNewConnection = () => ({ reactor });
    const { address } = await runtime.listen(anyPort, { onNewConnection });
    await connectPeer(asTcp(address));
    await eventually(() => isOpen, "it is accepted");
    return () => isDraining;
  };

  describe(`${adapter.name}: serve: the end of a connection`, () => {
    it("after the peer's FIN requests under way are answered, then the connection closes gracefully", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { peer, closed } = await open(runtime, hand.handler, {
          concurrency: 2,
        });
        peer.send(bytesOf(call(0), call(1), call(2)));
        peer.end();
        await eventually(() => hand.begun.length === 2, "two are begun");
        hand.answer(0, 1);
        await eventually(() => hand.begun.length === 3, "the third is begun");
        await sleep(20);
        hand.answer(2);
        await peer.ended;
        assert.equal(await closed, undefined);
        assert.deepEqual(valuesOf(peer.chunks), range(3, 1000));
      }));

    it("after the peer's FIN with nothing under way it closes at once", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { peer, closed } = await open(runtime, () => undefined);
        peer.end();
        await peer.ended;
        assert.equal(await closed, undefined);
      }));

    it("a FIN in the middle of a request closes it with TruncatedMessageError", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { peer, closed } = await open(
          runtime,
          ({ value }) => call(value),
        );
        peer.send(bytesOf(call(7)).subarray(0, 3));
        peer.end();
        await peer.ended;
        assert.ok(await closed instanceof TruncatedMessageError);
      }));

    it("a bad request closes it with the error of the codec; what was answered before goes out", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { peer, closed } = await open(runtime, ({ value }) =>
            call(value));
          peer.send(Uint8Array.of(...bytesOf(call(7)), 255, 1, 2, 3));
          await peer.ended;
          peer.end();
          assert.ok(await closed instanceof CodecError);
          assert.deepEqual(valuesOf(peer.chunks), [7]);
        })
      ));

    it("drain() of a peer answers requests under way, including the one that calls it, then closes: no other begins", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const isAtOnce of [true, false]) {
          const hand = new ByHand();
          const handler: Handler = (request, peer, context) => {
            const isLast = request.value === 2;
            if (isLast) peer.drain();
            return isLast && isAtOnce
              ? call(1002)
              : hand.handler(request, peer, context);
          };
          const { peer, closed, server } = await open(runtime, handler);
          peer.send(bytesOf(...range(5).map((value) => call(value))));
          await eventually(() => server.requestCount === 3, "three came in");
          await sleep(1);
          hand.answer(2, 1, 0);
          await peer.ended;
          peer.end();
          assert.equal(await closed, undefined);
          assert.deepEqual(valuesOf(peer.chunks), range(3, 1000));
          assert.equal(server.requestCount, 3);
        }
      }));

    it("drain() of a peer with nothing under way closes it at once; of one that is closed it does nothing", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const isAtOnce of [true, false]) {
          let ask: (() => void) | undefined;
          const { peer, closed } = await open(runtime, (request, served) => {
            ask = () => served.drain();
            if (isAtOnce) ask();
            return call(request.value);
          });
          peer.send(bytesOf(call(7)));
          await received(peer, 1);
          ask?.();
          await peer.ended;
          peer.end();
          assert.equal(await closed, undefined);
          ask?.();
          assert.deepEqual(valuesOf(peer.chunks), [7]);
        }
      }));

    it("aborts the signals of requests under way with the reason, and drops and counts their answers", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { server, peer, closed } = await open(runtime, hand.handler);
        peer.send(bytesOf(...range(4).map((value) => call(value))));
        await eventually(() => hand.begun.length === 4, "all are begun");
        const [asked, ...others] = hand.contexts;
        const told = signal<unknown>();
        asked.signal.addEventListener(
          "abort",
          () => told.resolve(asked.signal.reason),
        );
        hand.answer(1); // waits for its turn
        await sleep(1);
        const reason = new Error("enough");
        hand.peers[0].ctx.abort(reason);
        assert.equal(await told.promise, reason);
        assert.equal(await closed, reason);
        assert.equal(others[1].signal.reason, reason, "asked for later");
        hand.answer(0, 2);
        hand.fail(3, reason);
        await eventually(() => server.activeCount === 0, "all are done");
        assert.equal(server.droppedCount, 3);
        assert.equal(server.failedCount, 0);
      }));

    it("aborts signals with ConnectionClosedError if it ended cleanly", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { peer, closed } = await open(runtime, hand.handler);
        peer.send(bytesOf(call(0)));
        await eventually(() => hand.begun.length === 1, "it is begun");
        hand.peers[0].close();
        peer.end();
        assert.equal(await closed, undefined);
        const { reason } = hand.contexts[0].signal;
        assert.ok(reason instanceof ConnectionClosedError);
      }));

    it("a peer that sends requests and never reads is no longer read from", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const total = 20_000;
        const answer = new Uint8Array(16 * 1024);
        let isOpen = true;
        const server = serve(
          { ...calls, encode: (bytes: Uint8Array, out) => out.write(bytes) },
          () => Promise.resolve(answer),
          {
            order: "any",
            sendHighWaterMark: 2 ** 16,
            maxSendQueue: 2 ** 22,
            onClose: () => void (isOpen = false),
          },
        );
        const { address } = await runtime.listen(anyPort, server);
        const peer = await connectPeer(asTcp(address));
        peer.pause();
        peer.send(bytesOf(...range(total).map(() => call(0))));
        let before;
        do {
          before = server.requestCount;
          await sleep(50);
        } while (server.requestCount !== before || before === 0);
        assert.ok(before < total, "not all was read");
        assert.equal(isOpen, true, "what is queued is bounded");
        peer.destroy();
      }));

    for (const order of ["request", "any"] as const) {
      it(`answers to a peer that reads late wait in their turn, even beyond maxSendQueue, and all go out: order "${order}"`, () =>
        withRuntime(
          adapter,
          { sendHighWaterMark: 64 * KiB, maxSendQueue: 4 * MiB },
          async (runtime: ReactRuntime) => {
            const codec = lengthPrefixed({ max: MiB });
            let reason: Error | undefined = undefined;
            const answer = pattern(0, 500 * KiB);
            const server = serve(codec, async ([number]) => {
              if (number % 2 === 0) await sleep(1);
              return answer;
            }, { order, onClose: (thrown) => void (reason = thrown) });
            const { address } = await runtime.listen(anyPort, server);
            const peer = await connectPeer(asTcp(address));
            peer.pause();
            for (let i = 0; i < 40; i++) peer.write(0, 0, 0, 1, i);
            await eventually(() => server.requestCount > 0, "they are begun");
            await sleep(20);
            assert.ok(runtime.bufferedBytes <= 2 * MiB);
            peer.resume();
            await peer.has(40 * (answer.length + 4));
            peer.end();
            await peer.closed;
            assert.equal(reason, undefined);
            assert.equal(server.droppedCount, 0);
          },
        ));
    }

    it("when the runtime is stopped 32 of 32 requests under way are answered, and none is begun", () =>
      withTwoRuntimes(adapter, async (first, second) => {
        for (
          const [server, order] of [[first, "request"], [
            second,
            "any",
          ]] as const
        ) {
          const hand = new ByHand();
          const { peer, closed } = await open(server, hand.handler, { order });
          peer.send(bytesOf(...range(32).map((value) => call(value))));
          await eventually(() => hand.begun.length === 32, "32 are begun");
          const isDraining = await hearOfDraining(server);
          const stopped = server.stop({ drainMs: 60_000 });
          await eventually(isDraining, "the runtime drains");
          peer.send(bytesOf(...range(8, 32).map((value) => call(value))));
          await sleep(20);
          hand.answer(...range(32).reverse());
          await peer.ended;
          peer.end();
          await stopped;
          assert.equal(await closed, undefined);
          const values = valuesOf(peer.chunks).sort((a, b) => a - b);
          assert.deepEqual(values, range(32, 1000));
          assert.equal(hand.begun.length, 32);
        }
      }));

    it("when the runtime is stopped onDrain of each connection can answer requests that would wait longer, and can send", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const drained: unknown[] = [];
        const { peer, closed, connect } = await open(runtime, hand.handler, {
          onDrain(served) {
            drained.push(served);
            served.send(call(7));
            hand.answer(0);
          },
        });
        const idle = await connect();
        peer.send(bytesOf(call(0)));
        await eventually(
          () => hand.begun.length === 1 && runtime.connectionCount === 2,
          "it is begun",
        );
        const stopped = runtime.stop({ drainMs: 60_000 });
        await Promise.all([peer.ended, idle.ended]);
        peer.end();
        idle.end();
        await stopped;
        assert.equal(await closed, undefined);
        assert.deepEqual(valuesOf(peer.chunks), [7, 1000]);
        assert.deepEqual(valuesOf(idle.chunks), [7]);
        assert.equal(drained.length, 2);
        assert.ok(drained.includes(hand.peers[0]));
      }));

    it("an error thrown in onDrain closes its own connection only", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const error = new Error("onDrain has failed");
          const { peer, closed, connect } = await open(runtime, hand.handler, {
            onDrain(served) {
              if (served === hand.peers[0]) throw error;
              hand.answer(1);
            },
          });
          peer.send(bytesOf(call(0)));
          await eventually(() => hand.begun.length === 1, "it is begun");
          const other = await connect();
          other.send(bytesOf(call(1)));
          await eventually(() => hand.begun.length === 2, "so is the other");
          const stopped = runtime.stop({ drainMs: 60_000 });
          peer.end();
          assert.equal(await closed, error);
          await other.ended;
          other.end();
          await stopped;
          assert.deepEqual(valuesOf(other.chunks), [1001]);
        })
      ));

    it("when the runtime is stopped requests not answered within drainMs have their signal aborted", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const { peer, closed } = await open(runtime, hand.handler);
          peer.send(bytesOf(call(0)));
          await eventually(() => hand.begun.length === 1, "it is begun");
          const stopped = runtime.stop({ drainMs: 20 });
          await peer.ended;
          peer.end();
          await stopped;
          assert.ok(await closed instanceof DrainTimeoutError);
          const { reason } = hand.contexts[0].signal;
          assert.ok(reason instanceof DrainTimeoutError);
        })
      ));
  });
}
