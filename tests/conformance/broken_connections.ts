import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionResetError,
  formatAddress,
  MessageResult,
  type Reactor,
  type SendResult,
  type SocketAddress,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { overfill, PatternSender } from "./streams.ts";
import { type Context, pattern, signal, withRuntime } from "./support.ts";

const PIECE = 4099;

/**
 * More than a paused peer reads, but less than the systems of both ends buffer.
 */
const MUCH = 200 * 1024;

/** The errors of connections that end in the middle of a message. */
const ERRORS = {
  "FIN": TruncatedMessageError,
  "a reset": ConnectionResetError,
};

/** A broken connection closes both reactors, and fails every pending send. */
export function breakingPromises(environment: Environment): void {
  const {
    adapter,
    connectPeer,
    endingOfAbort,
    eventually,
    hosts,
    sleep,
    startDyingPeer,
  } = environment;
  describe(`${adapter.name}: a connection that breaks`, () => {
    const AbortError = ERRORS[endingOfAbort];
    it(`closes with ${AbortError.name} if the peer aborts in the middle of a message, which here is ${endingOfAbort}`, () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { server, serverCtx, client, clientCtx } = await openPair(
          environment,
          runtime,
          halfRead(),
        );
        clientCtx.sendOrQueue(pattern(0, PIECE));
        await eventually(
          () => server.calls.includes("onInboundMessage"),
          "half a message is in",
        );
        const reason = new Error("enough");
        clientCtx.abort(reason);
        const lost = await server.closed;
        assert.ok(lost instanceof AbortError, String(lost));
        assert.equal(await client.closed, reason);
        assert.equal(server.calls.at(-1), "onClose");
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
        assert.equal(serverCtx.sender.pendingCount, 0);
      }));

    it("closes with TruncatedMessageError at FIN in the middle of a message, and the answers before it go out", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched({
          onInboundMessage(buf, ctx) {
            if (buf.length < 2) return MessageResult.expectMsgSize(2);
            ctx.sendOrQueue(buf.subarray(0, 2));
            return MessageResult.dropMsgSize(2);
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.write(1, 2, 3);
        peer.end();
        const reason = await server.closed;
        assert.ok(reason instanceof TruncatedMessageError, String(reason));
        const { remoteAddress } = (await server.connected).socket;
        assert.ok(reason.message.includes(shown(remoteAddress)));
        assert.match(reason.message, / 1 byte/);
        await peer.ended;
        assert.equal(peer.received, 2);
      }));

    it("by a reset settles every pending send once, in order, with the reason of the close, and calls onClose once and last", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          { onConnected: (ctx) => ctx.pauseReading() },
        );
        const sends = manySends(clientCtx);
        await eventually(() => sends.results.length > 0, "some are out");
        assert.ok(clientCtx.sender.pendingCount > 0, "some are pending");
        serverCtx.abort();
        const reason = await client.closed;
        assert.ok(reason instanceof ConnectionResetError, String(reason));
        sends.check(reason);
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
      }));

    it("by a reset while it closes ends with ConnectionResetError, and so does what was queued", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.pause();
        const ctx = await server.connected;
        const lost = signal<SendResult>();
        overfill(ctx, lost.resolve);
        ctx.close();
        await sleep(50);
        peer.destroy(); // with unread bytes, which makes it a reset
        const reason = await server.closed;
        assert.ok(reason instanceof ConnectionResetError, String(reason));
        assert.deepEqual(await lost.promise, { ok: false, error: reason });
      }));

    it("by a reset has the same message everywhere, with the peer's address, which onClose can read even if nobody has read it before", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const address = await serve(environment, runtime, () => server.reactor);
        const peer = await connectPeer(address);
        peer.pause();
        const ctx = await server.connected;
        overfill(ctx, () => {});
        await sleep(50);
        peer.destroy(); // with unread bytes, which makes it a reset
        const reason = await server.closed;
        const { remoteAddress } = ctx.socket;
        assert.notDeepEqual(remoteAddress, address);
        const peers = shown(remoteAddress);
        assert.equal(
          reason?.message,
          `Lost the connection to ${peers}: it was reset`,
        );
      }));

    // How much peers read ahead on Unix sockets differs: see unix_sockets.ts.
    if (hosts.length > 0) {
      for (const pausedWhen of ["onConnected", "onInboundMessage"]) {
        for (const hasEnded of [false, true]) {
          it(
            `by a reset behind unread bytes is not taken for the peer's FIN, paused in ${pausedWhen}, ${
              hasEnded ? "behind" : "without"
            } an end of its own`,
            () =>
              withRuntime(adapter, {}, async (runtime) => {
                const server = watched({
                  onConnected(ctx) {
                    if (pausedWhen === "onConnected") ctx.pauseReading();
                  },
                  onInboundMessage(buf, ctx) {
                    if (pausedWhen === "onInboundMessage" && buf[0] === 1) {
                      ctx.pauseReading();
                    }
                    return MessageResult.dropMsgSize(1);
                  },
                  onPeerEnd() {},
                });
                const peer = await connectPeer(
                  await serve(environment, runtime, () => server.reactor),
                );
                peer.pause();
                const ctx = await server.connected;
                ctx.sendOrQueue(pattern(0, MUCH));
                if (hasEnded) ctx.end();
                peer.write(1);
                await sleep(30);
                peer.write(2, 3);
                await sleep(30);
                peer.destroy(); // with unread bytes, which makes it a reset
                await sleep(30);
                ctx.resumeReading();
                await eventually(
                  () => /onClose|onPeerEnd/.test(server.calls.join()),
                  "it is told",
                );
                assert.ok(!server.calls.includes("onPeerEnd"));
                const reason = await server.closed;
                assert.ok(
                  reason instanceof ConnectionResetError,
                  String(reason),
                );
              }),
          );
        }
      }
    }

    it("by our abort settles every pending send once, in order, with the reason given", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { client, clientCtx } = await openPair(
          environment,
          runtime,
          { onConnected: (ctx) => ctx.pauseReading() },
        );
        const sends = manySends(clientCtx);
        await eventually(() => sends.results.length > 0, "some are out");
        const reason = new Error("enough");
        clientCtx.abort(reason);
        clientCtx.abort(new Error("too late"));
        assert.equal(await client.closed, reason);
        sends.check(reason);
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
      }));

    it("while both ends send ends both of them", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const half = signal();
        let received = 0;
        const { server, client, clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {
            onInboundMessage(buf) {
              received += buf.length;
              if (received > 2 ** 20) half.resolve();
              return MessageResult.dropMsgSize(buf.length);
            },
          },
        );
        new PatternSender(clientCtx, Infinity);
        new PatternSender(serverCtx, Infinity);
        await half.promise;
        const reason = new Error("enough");
        serverCtx.abort(reason);
        assert.equal(await server.closed, reason);
        assert.ok(await client.closed instanceof ConnectionResetError);
      }));

    it("because the peer's process is killed in the middle of a message closes with TruncatedMessageError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched(
          halfRead((ctx) => void ctx.sendOrQueue(Uint8Array.of(1))),
        );
        startDyingPeer(await serve(environment, runtime, () => server.reactor));
        const reason = await server.closed;
        assert.ok(reason instanceof TruncatedMessageError, String(reason));
      }));
  });
}

/** The address of a peer as messages show it; a Unix socket has none. */
function shown(address: SocketAddress): string {
  return address.transport === "unknown" ? "the peer" : formatAddress(address);
}

/** Waits for more bytes than arrive. */
function halfRead(
  onHalf: (ctx: Context) => void = () => {},
): Pick<Reactor, "onInboundMessage"> {
  return {
    onInboundMessage(_buf, ctx) {
      onHalf(ctx);
      return MessageResult.expectMsgSize(2 * PIECE);
    },
  };
}

/**
 * Sends more than the system accepts for a peer that does not read, and records
 * the outcomes.
 */
function manySends(ctx: Context): {
  results: [number, SendResult][];
  check(reason: Error): void;
} {
  const count = 5000;
  const bytes = pattern(0, PIECE);
  const results: [number, SendResult][] = [];
  for (let i = 0; i < count; i++) {
    ctx.sendOrQueue(bytes, (result) => results.push([i, result]));
  }
  return {
    results,
    check(reason) {
      assert.deepEqual(
        results.map(([i]) => i),
        Array.from({ length: count }, (_, i) => i),
      );
      const failed = results.findIndex(([, { ok }]) => !ok);
      assert.ok(failed > 0, "some are out, some are lost");
      for (const [, result] of results.slice(failed)) {
        assert.deepEqual(result, { ok: false, error: reason });
      }
    },
  };
}
