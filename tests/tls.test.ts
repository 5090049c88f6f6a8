import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  ConnectionResetError,
  type ConnectOptions,
  type DispatchContext,
  formatAddress,
  hostAdapter,
  InvalidCredentialError,
  InvalidOptionError,
  MessageResult,
  nodeAdapter,
  type Reactor,
  type ReactRuntime,
  TlsHandshakeError,
  type TlsInfo,
  type TlsListenOptions,
  TruncatedConnectionError,
} from "../mod.ts";
import { watched } from "./conformance/peers.ts";
import {
  ANY_PORT,
  echo,
  eventually,
  logging,
  pattern,
  PatternChecker,
  PeerLines,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./conformance/support.ts";
import * as certificates from "./support/certificates.ts";
import { Between, PlainClient, serveTls, tlsClient } from "./tls_fixture.ts";

const { ca, clientCa, client, server } = certificates;

/** Deno tells of no check that failed but that of the name. */
const isDeno = "Deno" in globalThis;

const host = hostAdapter();
const adapters = host === nodeAdapter ? [host] : [host, nodeAdapter];
for (const adapter of adapters) tlsPromises(adapter);

/** Connects, sends a byte, gets it back, and closes: resolves to what both ends know of each other. */
async function roundTrip(
  runtime: ReactRuntime,
  listen: TlsListenOptions,
  connect: ConnectOptions["tls"],
): Promise<{ server: TlsInfo; client: TlsInfo }> {
  const seen = signal<TlsInfo>();
  const { handle, address } = await serveTls(runtime, listen, () => ({
    ...echo(),
    onConnected: (ctx) => seen.resolve(ctx.socket.tls as TlsInfo),
  }));
  const reactor = watched({
    onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(7)),
    onInboundMessage(buf, ctx) {
      ctx.close();
      return MessageResult.dropMsgSize(buf.length);
    },
  });
  const opened = await runtime.connect(address, reactor.reactor, {
    tls: connect,
  });
  const { socket } = await reactor.connected;
  assert.equal(await opened.whenClosed, undefined);
  await handle.close();
  return { server: await seen.promise, client: socket.tls as TlsInfo };
}

function tlsPromises(adapter: Adapter): void {
  const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
    quietly(() => withRuntime(adapter, {}, body));

  describe(`${adapter.name}: TLS`, () => {
    it(
      "both ends are told of when the handshake is done, and know what it has agreed on",
      withOne(async (runtime) => {
        const { server: there, client: here } = await roundTrip(runtime, {
          ...server,
          alpn: ["one", "two"],
        }, { ca, alpn: ["two"], serverName: "localhost" });
        for (const info of [there, here]) {
          assert.equal(info.version, "TLSv1.3");
          assert.match(info.cipher, /^TLS_/);
          assert.equal(info.alpn, "two");
          assert.equal(info.serverName, "localhost");
        }
        assert.equal(there.peerCertificate, undefined);
        assert.equal(there.isAuthorized, false);
        assert.equal(here.isAuthorized, true);
        const certificate = here.peerCertificate;
        assert.equal(certificate?.subject, "server");
        assert.equal(certificate?.issuer, "Test CA");
        assert.match(certificate?.subjectAltName ?? "", /DNS:localhost/);
        assert.match(certificate?.fingerprint256 ?? "", /^(..:){31}..$/);
        assert.ok((certificate?.raw.length ?? 0) > 300);
      }),
    );

    it(
      "is none of a plain connection",
      withOne(async (runtime) => {
        const handle = await runtime.listen(ANY_PORT, {
          onNewConnection: () => ({ reactor: echo() }),
        });
        const { reactor, connected } = watched();
        const opened = await runtime.connect(handle.address, reactor);
        assert.equal((await connected).socket.tls, undefined);
        await opened.close();
      }),
    );

    it(
      "takes the certificate of the name that the client asks for, exact or by *, else the first",
      withOne(async (runtime) => {
        const { exact, wildcard } = certificates;
        const sni = { "One.Example": exact, "*.many.example": wildcard };
        for (
          const [serverName, subject] of [
            ["one.example", "exact"],
            ["some.many.example", "wildcard"],
            ["localhost", "server"],
          ]
        ) {
          const { client: here } = await roundTrip(
            runtime,
            { ...server, sni },
            { ca, serverName },
          );
          assert.equal(here.peerCertificate?.subject, subject);
          assert.equal(here.serverName, serverName);
        }
        for (const serverName of ["many.example", "a.b.many.example"]) {
          await assert.rejects(
            roundTrip(runtime, { ...server, sni }, { ca, serverName }),
            { reason: "wrong-name" },
          );
        }
      }),
    );

    it(
      "with ca requires a certificate of the client, with request tells what it is",
      withOne(async (runtime) => {
        const mine = { ca, ...client };
        const trusting = { ...server, ca: clientCa };
        const { server: there } = await roundTrip(runtime, trusting, mine);
        assert.equal(there.peerCertificate?.subject, "client");
        assert.equal(there.isAuthorized, true);
        const asking = { ...trusting, clientCert: "request" } as const;
        for (
          const [credential, subject] of [
            [{}, undefined],
            [certificates.selfSigned, "self-signed"],
            [certificates.expiredClient, "expired client"],
            [client, "client"],
          ] as const
        ) {
          const found = await roundTrip(runtime, asking, { ca, ...credential });
          assert.equal(found.server.peerCertificate?.subject, subject);
          assert.equal(found.server.isAuthorized, credential === client);
        }
        const deaf = { ...trusting, clientCert: "none" } as const;
        const found = await roundTrip(runtime, deaf, mine);
        assert.equal(found.server.peerCertificate, undefined);
      }),
    );

    it(
      "lets no client in whose certificate is missing or wrong",
      withOne(async (runtime) => {
        for (
          const [credential, reasons] of [
            [{}, ["no-certificate"]],
            [certificates.selfSigned, ["untrusted"]],
            [server, ["untrusted"]],
            [
              certificates.expiredClient,
              isDeno ? ["expired", "untrusted"] : ["expired"],
            ],
          ] as const
        ) {
          const served = watched();
          const { handle, address, drops } = await serveTls(
            runtime,
            { ...server, ca: clientCa },
            () => served.reactor,
          );
          // In TLS 1.3 a client is done before it hears what the server thinks of it.
          const { reactor, closed } = watched();
          await runtime.connect(address, reactor, {
            tls: { ca, ...credential },
          })
            .then(() => closed, () => {});
          await eventually(() => drops.length > 0, "it is dropped");
          const [[reason, error]] = drops;
          assert.equal(reason, "handshakeFailed");
          assert.ok(error instanceof TlsHandshakeError);
          assert.ok(
            (reasons as readonly string[]).includes(error.reason),
            error.message,
          );
          assert.equal(handle.dropCounts.handshakeFailed, 1);
          assert.deepEqual(served.calls, []);
          await handle.close();
        }
      }),
    );

    it(
      "a client connects to no server whose certificate is wrong, and says which check failed",
      withOne(async (runtime) => {
        for (
          const [listen, connect, reasons] of [
            [server, true, ["untrusted"]],
            [certificates.selfSigned, { ca }, ["untrusted"]],
            [
              certificates.expired,
              { ca },
              isDeno ? ["expired", "untrusted"] : ["expired"],
            ],
            [certificates.wrongName, { ca }, ["wrong-name"]],
            [server, { ca, serverName: "other.example" }, ["wrong-name"]],
          ] as const
        ) {
          const { reactor, calls } = watched();
          const { handle, address } = await serveTls(runtime, listen);
          await assert.rejects(
            runtime.connect(address, reactor, { tls: connect }),
            (error) => {
              assert.ok(error instanceof TlsHandshakeError);
              assert.match(
                error.message,
                /^Cannot connect to 127\.0\.0\.1:\d+: /,
              );
              return (reasons as readonly string[]).includes(error.reason);
            },
          );
          assert.deepEqual(calls, []);
          await handle.close();
          const { client: here } = await roundTrip(
            runtime,
            listen,
            { ca, verify: false },
          );
          assert.equal(here.isAuthorized, listen === server);
        }
      }),
    );

    it(
      "without a common protocol or version fails at both ends",
      withOne(async (runtime) => {
        const { address, drops, handle } = await serveTls(runtime, {
          ...server,
          alpn: ["one"],
        });
        await assert.rejects(
          runtime.connect(address, sink(), { tls: { ca, alpn: ["two"] } }),
          { reason: "no-common-protocol" },
        );
        await eventually(() => drops.length === 1, "it is dropped");
        assert.equal(drops[0][1]?.reason, "no-common-protocol");
        await handle.close();
        const modern = await serveTls(runtime, {
          ...server,
          minVersion: "TLSv1.3",
        });
        await assert.rejects(
          tlsClient(modern.address, { maxVersion: "TLSv1.2" }),
        );
        await eventually(() => modern.drops.length === 1, "it is dropped");
      }),
    );

    it(
      "a server name that cannot be one fails the connect, and nothing else",
      withOne(async (runtime) => {
        const { address } = await serveTls(runtime, {
          ...server,
          handshakeTimeoutMs: 1000,
        });
        for (const serverName of ["x".repeat(300), "a\0b", " "]) {
          await assert.rejects(
            runtime.connect(address, sink(), {
              tls: { ca, serverName, handshakeTimeoutMs: 1000 },
            }),
            TlsHandshakeError,
          );
        }
        const peer = await tlsClient(address);
        peer.destroy();
      }),
    );

    it(
      "speaks TLS 1.2 to who has no newer one",
      withOne(async (runtime) => {
        const { address } = await serveTls(runtime, server);
        const peer = await tlsClient(address, { maxVersion: "TLSv1.2" });
        const answer = signal<Uint8Array>();
        peer.on("data", answer.resolve);
        peer.write("abc");
        assert.equal(`${await answer.promise}`, "abc");
        peer.destroy();
      }),
    );

    it(
      "goes on with renewed certificates for new connections, while the others live",
      withOne(async (runtime) => {
        const { handle, address } = await serveTls(runtime, server);
        const subjectOf = (ctx: DispatchContext) =>
          ctx.socket.tls?.peerCertificate?.subject;
        const connect = async () => {
          const { reactor, connected } = watched();
          await runtime.connect(address, reactor, { tls: { ca } });
          return await connected;
        };
        const before = await connect();
        handle.setTls(certificates.renewed);
        const after = await connect();
        assert.deepEqual([before, after].map(subjectOf), ["server", "renewed"]);
        assert.throws(
          () => handle.setTls({ ...server, key: "" }),
          InvalidCredentialError,
        );
        assert.equal(subjectOf(await connect()), "renewed");
        await eventually(() => handle.connectionCount === 3, "three are in");
        const plain = await runtime.listen(ANY_PORT, {
          onNewConnection: () => null,
        });
        assert.throws(() => plain.setTls(server), InvalidOptionError);
      }),
    );

    it(
      "half a credential, an empty one, a path or garbage is refused, and nothing is bound",
      withOne(async (runtime) => {
        const { cert, key } = server;
        const broken =
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        const handler = { onNewConnection: () => null };
        const bad: unknown[] = [
          {},
          { cert },
          { key },
          { cert: "", key },
          { cert, key: "" },
          { cert, key: new Uint8Array(0) },
          { cert: "/etc/cert.pem", key },
          { cert: key, key: cert },
          { cert: broken, key },
          { cert, key, ca: [] },
          { cert, key, ca: "" },
          { cert, key, clientCert: "require" },
          { cert, key, sni: { "a.example": { cert } } },
          { cert, key, sni: { "a b": server } },
          { cert, key, sni: 1 },
        ];
        for (const tls of bad) {
          await assert.rejects(
            runtime.listen(ANY_PORT, handler, { tls } as object),
            (error) =>
              error instanceof InvalidCredentialError &&
              !error.message.includes("MIG"),
            JSON.stringify(tls),
          );
        }
        for (
          const tls of [
            null,
            "x",
            { ...server, alpn: [""] },
            { ...server, minVersion: "TLSv1" },
            { ...server, handshakeTimeoutMs: 0 },
          ]
        ) {
          await assert.rejects(
            runtime.listen(ANY_PORT, handler, { tls } as object),
            InvalidOptionError,
          );
        }
        assert.equal(runtime.reactorCount, 0);
        for (const tls of [{ cert }, { key }, { ca: "" }, { cert: "", key }]) {
          await assert.rejects(
            runtime.connect("127.0.0.1:1", sink(), { tls }),
            InvalidCredentialError,
          );
        }
      }),
    );
  });

  describe(`${adapter.name}: TLS behind a proxy`, () => {
    for (const how of ["in one piece with", "ahead of"]) {
      it(
        `begins behind the header, which came ${how} what the client says first`,
        withOne(async (runtime) => {
          const served = watched(echo());
          const { address, drops } = await serveTls(
            runtime,
            server,
            () => served.reactor,
            { proxyProtocol: { trusted: ["127.0.0.0/8"] } },
          );
          const header = "PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n";
          const between = await Between.open(
            address,
            header,
            how !== "ahead of",
          );
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
          between.close();
        }),
      );
    }
  });

  describe(`${adapter.name}: TLS on a hostile wire`, () => {
    it("who says nothing, half or garbage is dropped in time, by a line that is short, and nobody else waits", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const lines = new PeerLines();
        await logging(lines.sink, async () => {
          const { address, drops } = await serveTls(runtime, {
            ...server,
            handshakeTimeoutMs: 300,
          });
          const hello = Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3);
          const sayings = [
            "",
            hello,
            "GET / HTTP/1.0\r\n\r\n",
            new Uint8Array(99),
          ];
          const clients = sayings.map((bytes) => {
            const plain = new PlainClient(address);
            if (bytes.length > 0) plain.send(bytes);
            return plain;
          });
          const peer = await tlsClient(address);
          peer.destroy();
          await Promise.all(clients.map(({ closed }) => closed));
          await eventually(() => drops.length >= 4, "they are dropped");
          const reasons = drops.map(([, error]) => error?.reason);
          assert.equal(reasons.filter((one) => one === "timeout").length, 2);
          assert.ok(!reasons.includes(undefined));
          assert.ok(lines.count >= 4);
          for (const { parts } of lines.lines) {
            assert.ok(parts.join(" ").length < 400, parts.join(" "));
            assert.doesNotMatch(parts.join(" "), /\n/);
          }
        });
      }));

    it(
      "what is plain on a port of TLS is refused by an alert",
      withOne(async (runtime) => {
        const { address, drops } = await serveTls(runtime, server);
        const plain = new PlainClient(address);
        plain.send("GET / HTTP/1.0\r\n\r\n");
        await plain.closed;
        await eventually(() => drops.length === 1, "it is dropped");
        assert.equal(drops[0][1]?.reason, "not-tls");
        // Bun says nothing.
        if (adapter.name !== "bun") assert.equal(plain.received[0]?.[0], 21);
      }),
    );

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
      "a server that says nothing is given up in time",
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

    it(
      "handshakes under way count for the limits, and are no connections",
      withOne(async (runtime) => {
        const { handle, address, drops } = await serveTls(
          runtime,
          { ...server, handshakeTimeoutMs: 300 },
          echo,
          { maxConnections: 3 },
        );
        const silent = Array.from(
          { length: 50 },
          () => new PlainClient(address),
        );
        await eventually(
          () => handle.dropCounts.maxConnections === 47,
          "the others are dropped",
        );
        assert.equal(handle.connectionCount, 0);
        await Promise.all(silent.map(({ closed }) => closed));
        await eventually(() => drops.length === 50, "all are dropped");
        const peer = await tlsClient(address);
        await eventually(() => handle.connectionCount === 1, "it is in");
        peer.destroy();
        await eventually(() => handle.connectionCount === 0, "it is gone");
      }),
    );

    for (const ending of ["close", "stopAccepting"] as const) {
      it(
        `a listener that is told to ${ending} drops the handshakes under way, each counted and told, and closes`,
        withOne(async (runtime) => {
          const { handle, address, drops } = await serveTls(runtime, server);
          const plain = new PlainClient(address);
          plain.send(Uint8Array.of(22, 3, 1));
          // Who comes later and is done says that the first is in.
          const peer = await tlsClient(address);
          await eventually(() => handle.connectionCount === 1, "one is in");
          peer.destroy();
          await eventually(() => handle.connectionCount === 0, "it is gone");
          await handle[ending]();
          assert.equal(await handle.whenClosed, undefined);
          await plain.closed;
          assert.equal(handle.dropCounts.closing, 1);
          assert.deepEqual(drops, [["closing", undefined]]);
          assert.equal(handle.connectionCount, 0);
        }),
      );
    }

    it(
      "a listener that closes drops the handshake that began behind a header after it had stopped to accept",
      withOne(async (runtime) => {
        const { handle, address, drops } = await serveTls(
          runtime,
          server,
          echo,
          { proxyProtocol: { trusted: ["127.0.0.0/8"] } },
        );
        const plain = new PlainClient(address);
        await eventually(() => handle.connectionCount === 1, "it is in");
        await handle.stopAccepting();
        plain.send("PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n");
        await eventually(() => handle.connectionCount === 0, "it shakes hands");
        await handle.close();
        await plain.closed;
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
        const between = await Between.open(address);
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
        between.close();
      }),
    );

    it(
      "a reset is one",
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
  });
}
