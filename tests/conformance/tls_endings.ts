import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionResetError,
  formatAddress,
  MessageResult,
  nodeAdapter,
  type Reactor,
  type ReactRuntime,
  TlsHandshakeError,
  TruncatedConnectionError,
} from "../../mod.ts";
import { ca, server } from "../support/certificates.ts";
import { connectHeld } from "./held_client.ts";
import { Middlebox } from "./middlebox.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { steady } from "./steady.ts";
import {
  ANY_PORT,
  echo,
  pattern,
  PatternChecker,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./support.ts";
import { serveTls } from "./tls_server.ts";

/** How TLS handshakes and connections end, and what happens in between. */
export function tlsEndingPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, anyPort, connectPeer, eventually } = environment;
  const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
    quietly(() => withRuntime(adapter, {}, body));

  /** The `node:tls` of Bun answers an end with its own. */
  const endsBothWays = "Bun" in globalThis &&
    surroundings.adapter === nodeAdapter;

  const asLocalhost = { tls: { ca, serverName: "localhost" } };
  /** Listens, and resolves to an address that peers can reach. */
  const serve = (runtime: ReactRuntime, limits = {}, tls = {}) =>
    serveTls(runtime, { ...server, ...tls }, echo, limits, anyPort);

  describe(`${adapter.name}: TLS: how it ends`, () => {
    it(
      "TLS to a plain port fails",
      withOne(async (runtime) => {
        const handle = await runtime.listen(ANY_PORT, {
          onNewConnection: () => ({ reactor: echo() }),
        });
        await assert.rejects(
          runtime.connect(handle.address, sink(), {
            tls: { ca, handshakeTimeoutMs: 2000 },
          }),
          TlsHandshakeError,
        );
      }),
    );

    it(
      "a connect to a silent server times out",
      withOne(async (runtime) => {
        const handle = await runtime.listen(ANY_PORT, {
          onNewConnection: () => ({ reactor: sink() }),
        });
        await assert.rejects(
          runtime.connect(handle.address, sink(), {
            tls: { ca, handshakeTimeoutMs: 40 },
          }),
          (error) =>
            error instanceof TlsHandshakeError && error.reason === "timeout" &&
            error.message.includes("40 ms (handshakeTimeoutMs)"),
        );
      }),
    );

    for (const ending of ["close", "stopAccepting"] as const) {
      it(
        `a listener that is to ${ending} drops the handshakes under way, each counted and reported, and closes`,
        withOne(async (runtime) => {
          const { handle, address, drops } = await serve(runtime);
          const plain = await connectPeer(address);
          plain.write(22, 3, 1);
          // A later client that is done shows that the first one has been
          // accepted.
          const opened = await runtime.connect(address, sink(), asLocalhost);
          await eventually(() => handle.connectionCount === 1, "one is in");
          await opened.close();
          await eventually(() => handle.connectionCount === 0, "it is gone");
          await handle[ending]();
          assert.equal(await handle.whenClosed, undefined);
          await Promise.race([plain.ended, plain.closed]);
          plain.destroy();
          assert.equal(handle.dropCounts.closing, 1);
          assert.deepEqual(drops, [["closing", undefined]]);
          assert.equal(handle.connectionCount, 0);
        }),
      );
    }

    it(
      "a paused reactor gets what came before both ends had ended, and then the end",
      withOne(async (runtime) => {
        const heard: number[] = [];
        const serving = watched({
          onConnected(ctx) {
            ctx.pauseReading();
            ctx.end();
          },
          onInboundMessage(buf) {
            heard.push(...buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const { address } = await serveTls(
          runtime,
          server,
          () => serving.reactor,
          {},
          anyPort,
        );
        const client = watched({
          onConnected(ctx) {
            ctx.sendOrQueue(Uint8Array.of(1, 2));
            ctx.end();
          },
        });
        await runtime.connect(address, client.reactor, asLocalhost);
        assert.equal(await client.closed, undefined);
        await environment.sleep(20);
        assert.deepEqual(heard, []);
        (await serving.connected).resumeReading();
        assert.equal(await serving.closed, undefined);
        assert.deepEqual(heard, [1, 2]);
      }),
    );

    it(
      "an end that has sent its end still receives, or the sender learns that it cannot",
      withOne(async (runtime) => {
        const serving = watched({
          onPeerEnd: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1, 2, 3)),
        });
        const { address } = await serveTls(
          runtime,
          server,
          () => serving.reactor,
          {},
          anyPort,
        );
        const heard: number[] = [];
        const client = watched({
          onConnected: (ctx) => ctx.end(),
          onInboundMessage(buf) {
            heard.push(...buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await runtime.connect(address, client.reactor, asLocalhost);
        const ctx = await serving.connected;
        if (endsBothWays) {
          assert.ok(await serving.closed instanceof ConnectionResetError);
          return;
        }
        await eventually(() => heard.length === 3, "it is heard");
        ctx.close();
        assert.equal(await serving.closed, undefined);
        assert.equal(await client.closed, undefined);
      }),
    );

    it(
      "a listener that closes drops the handshake that began behind a header after it had stopped to accept",
      withOne(async (runtime) => {
        const { handle, address, drops } = await serve(runtime, {
          proxyProtocol: { trusted: ["127.0.0.0/8", "10.0.0.0/8"] },
        });
        const plain = await connectPeer(address);
        await eventually(() => handle.connectionCount === 1, "it is in");
        await handle.stopAccepting();
        const header = "PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n";
        plain.send(new TextEncoder().encode(header));
        await eventually(() => handle.connectionCount === 0, "it shakes hands");
        await handle.close();
        await Promise.race([plain.ended, plain.closed]);
        plain.destroy();
        assert.deepEqual(drops, [["closing", undefined]]);
      }),
    );

    it(
      "an end that TLS does not say ends no message: TruncatedConnectionError, and no onPeerEnd",
      withOne(async (runtime) => {
        const served = watched({ ...echo(), onPeerEnd() {} });
        const { address } = await serveTls(
          runtime,
          server,
          () => served.reactor,
        );
        const between = await Middlebox.open(runtime, address);
        const mine = watched({
          onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
          onInboundMessage(buf) {
            between.cut();
            return MessageResult.dropMsgSize(buf.length);
          },
          onPeerEnd() {},
        });
        await runtime.connect(between.address, mine.reactor, { tls: { ca } });
        for (const { closed, calls } of [served, mine]) {
          const reason = await closed;
          assert.ok(reason instanceof TruncatedConnectionError, `${reason}`);
          assert.ok(reason instanceof ConnectionResetError);
          assert.ok(!calls.includes("onPeerEnd"));
        }
      }),
    );

    it(
      "bytes behind the handshake wait while reading is paused, as does what follows, also if both ends end",
      withOne(async (runtime) => {
        const received: number[] = [];
        let mayCall = false;
        const served = watched({
          onConnected: (ctx) => ctx.pauseReading(),
          onInboundMessage(buf, ctx) {
            assert.ok(mayCall);
            mayCall = false;
            ctx.pauseReading();
            received.push(...buf);
            return MessageResult.dropMsgSize(buf.length);
          },
          onPeerEnd: () => assert.ok(mayCall),
        });
        const { address } = await serveTls(
          runtime,
          server,
          () => served.reactor,
        );
        const client = await connectHeld(environment, runtime, address);
        const { between, handshakeSize } = client;
        client.ctx.sendOrQueue(Uint8Array.of(1, 2));
        await eventually(
          () => between.held.size > handshakeSize,
          "the client has sent",
        );
        between.release();
        between.hold(Infinity); // no more
        const ctx = await served.connected;
        const resume = async (): Promise<void> => {
          await environment.sleep(20);
          ctx.resumeReading();
          mayCall = true; // but not inside that call
        };
        await resume();
        await eventually(() => received.length === 2, "the first bytes are in");
        client.ctx.sendOrQueue(Uint8Array.of(3, 4));
        client.ctx.end();
        ctx.end();
        await resume();
        await eventually(() => received.length === 4, "all bytes are in");
        await resume();
        assert.equal(await served.closed, undefined);
        assert.deepEqual(received, [1, 2, 3, 4]);
        assert.ok(served.calls.includes("onPeerEnd"));
      }),
    );

    it(
      "a reset is a ConnectionResetError",
      withOne(async (runtime) => {
        const served = watched(echo());
        const { address } = await serveTls(
          runtime,
          server,
          () => served.reactor,
        );
        const mine = watched<never>();
        const opened = await runtime.connect(address, mine.reactor as Reactor, {
          tls: { ca },
        });
        await served.connected;
        await opened.abort();
        assert.ok(await served.closed instanceof ConnectionResetError);
      }),
    );

    it(
      "1 MiB goes both ways while both ends pause now and then",
      withOne(async (runtime) => {
        const total = 2 ** 20;
        const checker = new PatternChecker();
        const done = signal();
        let reads = 0;
        const pausing: Reactor = {
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(buf);
            if (++reads % 3 === 0) {
              ctx.pauseReading();
              ctx.after(1, () => ctx.resumeReading());
            }
            return MessageResult.dropMsgSize(buf.length);
          },
        };
        const { address } = await serveTls(runtime, server, () => pausing);
        const opened = await runtime.connect(address, {
          onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, total)),
          onInboundMessage(buf) {
            checker.check(buf);
            if (checker.received === total) done.resolve();
            return MessageResult.dropMsgSize(buf.length);
          },
        }, { tls: { ca } });
        await done.promise;
        await opened.close();
      }),
    );

    it(
      "plaintext to a TLS port is refused with an alert",
      withOne(async (runtime) => {
        for (const sni of [{}, { "one.example": server }]) {
          const { address, drops } = await serve(runtime, {}, {
            ...server,
            sni,
          });
          const plain = await connectPeer(address);
          plain.send(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
          await Promise.race([plain.ended, plain.closed]);
          plain.destroy();
          await eventually(() => drops.length === 1, "it is dropped");
          assert.equal(drops[0][1]?.reason, "not-tls");
          // Bun sends no alert.
          if (adapter.name !== "bun") assert.equal(plain.chunks[0]?.[0], 21);
        }
      }),
    );

    it(
      "plaintext where TLS was to start is refused with an alert, too",
      withOne(async (runtime) => {
        const starting = (): Reactor => ({
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(new TextEncoder().encode("ready"));
            ctx.startTls().catch(() => {});
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const { address } = await serveTls(
          runtime,
          { ...server, start: "later" },
          starting,
          {},
          anyPort,
        );
        const plain = await connectPeer(address);
        plain.send(new TextEncoder().encode("start"));
        await eventually(() => plain.received === 5, "it may start");
        plain.send(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
        await Promise.race([plain.ended, plain.closed]);
        plain.destroy();
        // Bun sends no alert.
        if (adapter.name !== "bun") {
          assert.equal(plain.chunks.flatMap((it) => [...it])[5], 21);
        }
      }),
    );

    it(
      "handshakes under way count for the limits, but not as connections",
      withOne(async (runtime) => {
        const { handle, address, drops } = await serve(
          runtime,
          { maxConnections: 3 },
          { ...server, handshakeTimeoutMs: 1000 },
        );
        const silent = await Promise.all(
          Array.from({ length: 50 }, () => connectPeer(address)),
        );
        await eventually(
          () => handle.dropCounts.maxConnections === 47,
          "the others are dropped",
        );
        assert.equal(handle.connectionCount, 0);
        await eventually(() => drops.length === 50, "all are dropped");
        for (const peer of silent) peer.destroy();
        const opened = await runtime.connect(address, sink(), asLocalhost);
        await eventually(() => handle.connectionCount === 1, "it is in");
        await opened.close();
        await eventually(() => handle.connectionCount === 0, "it is gone");
      }),
    );

    for (const isJoined of [true, false]) {
      it(
        `begins behind a PROXY header, which came ${
          isJoined ? "in one piece with" : "ahead of"
        } what the client says first`,
        withOne(async (runtime) => {
          const served = watched(echo());
          const { address, drops } = await serveTls(
            runtime,
            server,
            () => served.reactor,
            { proxyProtocol: { trusted: ["127.0.0.0/8"] } },
          );
          const header = "PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n";
          const between = await Middlebox.open(runtime, address, {
            header,
            isJoined,
          });
          const checker = new PatternChecker();
          const mine = watched({
            onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, 99_999)),
            onInboundMessage(buf, ctx) {
              checker.check(buf);
              if (checker.received === 99_999) ctx.end();
              return MessageResult.dropMsgSize(buf.length);
            },
          });
          await runtime.connect(between.address, mine.reactor, { tls: { ca } });
          const { socket } = await served.connected;
          assert.equal(formatAddress(socket.remoteAddress), "192.0.2.7:1234");
          assert.equal(socket.proxy?.version, 1);
          assert.equal(socket.tls?.version, "TLSv1.3");
          assert.equal(await mine.closed, undefined);
          assert.equal(await served.closed, undefined);
          assert.deepEqual(drops, []);
        }),
      );
    }
  });
}
