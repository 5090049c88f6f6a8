import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BufferedBytesError,
  type ConnectOptions,
  MessageResult,
  type SendResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { logging, pattern, PeerLines, sink, withRuntime } from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** More than the systems of both ends buffer if one end does not read. */
const BEYOND_BUFFERS = 16 * MiB;

/**
 * Enough to exceed the systems' buffers, but together with another connection's
 * queue less than the limit.
 */
const QUESTIONS = 80;
const ANSWER = 256 * KiB;

/** Drops messages of `size` bytes. */
function messagesOf(size: number) {
  return sink({
    onInboundMessage: (buf) =>
      buf.length < size
        ? MessageResult.expectMsgSize(size)
        : MessageResult.dropMsgSize(size),
  });
}

/** The bytes that all connections of a runtime hold are counted and limited. */
export function bufferedBytesPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: maxBufferedBytes`, () => {
    it("bufferedBytes counts what is held of incoming messages and in send queues, and is 0 when nothing is", () =>
      withRuntime(adapter, {}, async (runtime) => {
        assert.equal(runtime.bufferedBytes, 0);
        const server = watched(messagesOf(MiB));
        const address = await serve(
          environment,
          runtime,
          () => server.reactor,
        );
        const peer = await connectPeer(address);
        const ctx = await server.connected;
        assert.equal(runtime.bufferedBytes, 0);
        peer.send(pattern(0, MiB - 1));
        await eventually(() => runtime.bufferedBytes >= MiB - 1, "it is held");
        assert.ok(runtime.bufferedBytes <= 2 * MiB);
        peer.write(1);
        await eventually(() => runtime.bufferedBytes === 0, "it is dropped");
        peer.pause();
        ctx.sendOrQueue(pattern(0, BEYOND_BUFFERS));
        const { bytesQueued } = ctx.sender;
        assert.ok(runtime.bufferedBytes >= bytesQueued);
        peer.resume();
        await peer.has(BEYOND_BUFFERS);
        await eventually(() => runtime.bufferedBytes === 0, "all is out");
        peer.send(pattern(0, 300 * KiB));
        peer.pause();
        await eventually(() => runtime.bufferedBytes > 0, "it is held");
        ctx.sendOrQueue(pattern(0, BEYOND_BUFFERS));
        ctx.abort();
        await server.closed;
        assert.equal(runtime.bufferedBytes, 0, "lost with the connection");
        peer.resume();
        peer.destroy();
      }));

    it("beyond it the connection that holds the most is aborted with BufferedBytesError, which fails its sends; the others stay open", async () => {
      const said = new PeerLines();
      await logging(
        said.sink,
        () =>
          withRuntime(
            adapter,
            { maxBufferedBytes: 10 * MiB, closeTimeoutMs: 60_000 },
            async (runtime) => {
              const servers = Array.from({ length: 3 }, () => watched());
              let count = 0;
              const address = await serve(
                environment,
                runtime,
                () => servers[count++].reactor,
              );
              const results: SendResult[][] = [[], [], []];
              const peers = [];
              for (const i of [0, 1, 2]) {
                const peer = await connectPeer(address);
                peer.pause();
                peers.push(peer);
                const ctx = await servers[i].connected;
                ctx.sendOrQueue(
                  pattern(0, [4, 24, 4][i] * MiB),
                  (result) => results[i].push(result),
                );
                await sleep(5);
                if (i < 1) assert.ok(runtime.bufferedBytes <= 10 * MiB);
              }
              const reason = await servers[1].closed;
              assert.ok(reason instanceof BufferedBytesError, `${reason}`);
              assert.match(
                reason.message,
                /holds \d+ bytes.*maxBufferedBytes is 10485760/,
              );
              assert.deepEqual(results[1], [{ ok: false, error: reason }]);
              await sleep(10);
              assert.ok(runtime.bufferedBytes <= 10 * MiB);
              for (const i of [0, 2]) {
                peers[i].resume();
                await peers[i].has(4 * MiB);
                await eventually(() => results[i].length === 1, "it is out");
                assert.deepEqual(results[i], [{ ok: true }]);
              }
              peers[1].resume();
              for (const peer of peers) peer.end();
              await Promise.all([servers[0].closed, servers[2].closed]);
            },
          ),
      );
      assert.equal(said.count, 1, "one line of log");
    });

    it("of many connections that each hold part of a message, some are closed until the rest fits; one that holds little stays open", () =>
      logging(() => {}, () =>
        withRuntime(
          adapter,
          { maxBufferedBytes: 4 * MiB },
          async (runtime) => {
            const servers = Array.from(
              { length: 20 },
              () => watched(messagesOf(MiB)),
            );
            let accepted = 0;
            const address = await serve(
              environment,
              runtime,
              () => servers[accepted++].reactor,
            );
            const small = await openPair(environment, runtime, {
              onInboundMessage(buf, ctx) {
                ctx.sendOrQueue(buf);
                return MessageResult.dropMsgSize(buf.length);
              },
            });
            const peers = [];
            for (let i = 0; i < 20; i++) {
              const peer = await connectPeer(address);
              peer.send(pattern(0, 700 * KiB));
              peers.push(peer);
              small.clientCtx.sendOrQueue(pattern(0, 100));
              await sleep(5);
            }
            const countClosed = () =>
              servers.filter(({ calls }) => calls.includes("onClose")).length;
            await eventually(
              () => countClosed() >= 14 && runtime.bufferedBytes <= 4 * MiB,
              "enough are closed",
            );
            await sleep(20);
            assert.ok(countClosed() < 20, `${countClosed()} are closed`);
            assert.ok(!small.server.calls.includes("onClose"));
            for (const peer of peers) peer.destroy();
            await eventually(() => countClosed() === 20, "all are gone");
            assert.equal(runtime.bufferedBytes, 0);
            small.clientCtx.close();
            await small.client.closed;
          },
        )));

    it("sending to many connections in one turn closes none if everything goes out with the turn", () =>
      withRuntime(adapter, { maxBufferedBytes: 40 * KiB }, async (runtime) => {
        const pairs: Awaited<ReturnType<typeof openPair>>[] = [];
        let receivedCount = 0;
        for (let i = 0; i < 20; i++) {
          const pair = await openPair(environment, runtime, {}, {
            onInboundMessage(buf) {
              receivedCount += buf.length;
              return MessageResult.dropMsgSize(buf.length);
            },
          });
          pairs.push(pair);
        }
        const sendToAll = () => {
          for (const { serverCtx } of pairs) {
            serverCtx.sendOrQueue(pattern(0, 100));
          }
        };
        const arrive = async (count: number) => {
          await eventually(
            () => receivedCount === count * 20 * 100,
            `all ${count}`,
          );
          await sleep(5);
        };
        runtime.after(1, sendToAll);
        await arrive(1);
        pairs[0].serverCtx.after(1, sendToAll);
        await arrive(2);
        sendToAll();
        await arrive(3);
        assert.equal(runtime.bufferedBytes, 0);
        for (const { clientCtx } of pairs) clientCtx.close();
        for (const { client } of pairs) await client.closed;
      }));

    it("from half of it on queues are kept short: a peer that sends requests without reading is no longer read from, and no connection is closed", () =>
      withRuntime(
        adapter,
        { maxBufferedBytes: 24 * MiB },
        async (runtime) => {
          const options: ConnectOptions = { sendHighWaterMark: 2 ** 30 };
          const filler = await openPair(environment, runtime, {}, {
            onConnected: (ctx) => ctx.pauseReading(),
          });
          const { sender } = filler.serverCtx;
          while (sender.bytesQueued < 14 * MiB) {
            sender.sendOrQueue(pattern(0, MiB));
            await sleep(1);
          }
          let asked = 0;
          const asking = watched({
            onInboundMessage(_buf, ctx) {
              asked++;
              void Promise.resolve().then(() =>
                ctx.sendOrQueue(pattern(0, ANSWER))
              );
              return MessageResult.dropMsgSize(1);
            },
          });
          const peer = await connectPeer(
            await serve(environment, runtime, () => asking.reactor, options),
          );
          peer.pause();
          const ctx = await asking.connected;
          assert.ok(runtime.bufferedBytes > 12 * MiB);
          for (let i = 0; i < QUESTIONS; i++) {
            peer.write(1);
            await sleep(2);
          }
          await sleep(20);
          assert.ok(ctx.sender.bytesQueued > 0);
          assert.ok(asked < QUESTIONS, `${asked} are asked`);
          assert.ok(runtime.bufferedBytes < 24 * MiB);
          assert.equal(runtime.connectionCount, 3);
          filler.clientCtx.resumeReading();
          await eventually(() => sender.bytesQueued === 0, "there is room");
          peer.resume();
          await peer.has(QUESTIONS * ANSWER);
          filler.serverCtx.close();
          await filler.client.closed;
          peer.end();
          await asking.closed;
        },
      ));
  });
}
