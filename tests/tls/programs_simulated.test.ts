import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatAddress,
  framed,
  keepConnected,
  lines,
  MessageResult,
  ReactioError,
  simulate,
  TlsHandshakeError,
} from "../../mod.ts";
import { watched } from "../conformance/peers.ts";
import { echo, quietly, signal } from "../conformance/support.ts";
import {
  ca,
  client,
  clientCa,
  expiredClient,
  server,
} from "../support/certificates.ts";

const asLocalhost = { ca, serverName: "localhost" };
/** Test certificates start at the time when a simulated clock starts, and faults set that clock back. */
const YEAR_MS = 365 * 24 * 3_600_000;

describe("a program in TLS under simulate", () => {
  /** How clients connect, and where their listener sees them coming from. */
  const WAYS = [
    { name: "at once", listen: {}, connect: {}, from: /^10\./ },
    {
      name: "behind a PROXY header",
      listen: { proxyProtocol: { trusted: ["10.0.0.0/8"], timeoutMs: 4000 } },
      connect: {
        proxyProtocol: {
          version: 2,
          source: "203.0.113.7:1",
          destination: "192.0.2.1:443",
        },
      },
      from: /^203\.0\.113\.7:1$/,
    },
  ] as const;
  const HASHES = [
    ["0795f043c36c242f", "f1f833ff0d4d5ccb"],
    ["697550efae195072", "91c2d3b9ead58498"],
  ];

  for (const [i, { name, listen, connect, from }] of WAYS.entries()) {
    it(`that comes ${name} loses no byte and hangs nowhere, whatever the network does, and plays the same on every runtime`, async () => {
      const hashes: string[] = [];
      let echoed = 0;
      const failures = new Set<string>();
      await simulate({ seeds: 20, faults: "random" }, async (sim) => {
        sim.host("server").jumpWallClock(YEAR_MS);
        sim.host("client").jumpWallClock(YEAR_MS);
        const listener = await sim.runtime("server").listen("server:443", {
          onNewConnection(_listener, { remoteAddress, tls }) {
            assert.match(formatAddress(remoteAddress), from);
            assert.equal(tls?.serverName, "localhost");
            return { reactor: echo() };
          },
          onDrop: (reason, _address, _listener, error) =>
            void failures.add(
              error instanceof TlsHandshakeError ? error.reason : reason,
            ),
        }, { tls: { ...server, handshakeTimeoutMs: 4000 }, ...listen });
        const near = sim.runtime("client");
        for (let i = 0; i < 6; i++) {
          const sent = sim.random.bytes(sim.random.integer(1, 3000));
          let received = 0;
          const reactor = watched({
            onConnected: (ctx) => void ctx.sendOrQueue(sent),
            onInboundMessage(buf, ctx) {
              for (const byte of buf) assert.equal(byte, sent[received++]);
              if (received === sent.length) ctx.end();
              return MessageResult.dropMsgSize(buf.length);
            },
          });
          try {
            await near.connect("server:443", reactor.reactor, {
              tls: { ...asLocalhost, handshakeTimeoutMs: 4000 },
              idleTimeoutMs: 5000,
              ...connect,
            });
            await reactor.closed;
            if (received === sent.length) echoed++;
          } catch (error) {
            assert.ok(error instanceof ReactioError, `${error}`);
          }
        }
        await listener.close();
        hashes.push(sim.network.traceHash);
      });
      assert.ok(echoed > 60, `${echoed}`);
      assert.ok(failures.size > 2, [...failures].join());
      assert.equal(new Set(hashes).size, 20);
      assert.deepEqual([hashes[0], hashes[19]], HASHES[i]);
    });
  }

  it("that starts TLS when it is asked to says nothing in plain after that, whatever the network does", async () => {
    const hashes: string[] = [];
    let answered = 0;
    await quietly(() =>
      simulate({ seeds: 20, faults: "random" }, async (sim) => {
        for (const name of ["server", "client"]) {
          sim.host(name).jumpWallClock(YEAR_MS);
        }
        const listener = await sim.runtime("server").listen("server:25", {
          onNewConnection: () => ({
            reactor: framed(lines(), {
              onMessage(line, ctx) {
                if (line !== "STARTTLS") {
                  return void ctx.send(`${line} in ${ctx.socket.tls?.version}`);
                }
                ctx.send("ready");
                ctx.startTls().catch(() => {}); // the connection may close first
              },
            }),
            idleTimeoutMs: 5000,
          }),
        }, { tls: { ...server, start: "later", handshakeTimeoutMs: 4000 } });
        const near = sim.runtime("client");
        for (let i = 0; i < 6; i++) {
          const closed = signal();
          const reactor = framed(lines(), {
            onConnected: (ctx) => void ctx.send("STARTTLS"),
            onMessage(line, ctx) {
              if (line === "ready") {
                ctx.startTls().then(() => ctx.send("hello"), () => {});
                return;
              }
              assert.equal(line, "hello in TLSv1.3");
              answered++;
              ctx.close();
            },
            onClose: () => closed.resolve(),
          });
          try {
            await near.connect("server:25", reactor, {
              tls: { ...asLocalhost, start: "later", handshakeTimeoutMs: 4000 },
              idleTimeoutMs: 5000,
            });
            await closed.promise;
          } catch (error) {
            assert.ok(error instanceof ReactioError, `${error}`);
          }
        }
        await listener.close();
        hashes.push(sim.network.traceHash);
      }).then(() => {})
    );
    assert.ok(answered > 60, `${answered}`);
    assert.equal(new Set(hashes).size, 20);
    assert.deepEqual([hashes[0], hashes[19]], [
      "a3e2243c91db2a90",
      "1b7a413c02baf77f",
    ]);
  });

  it("that stays connected shows at each connect what its tls has by then, and tries again if that is bad", async () => {
    const tls = { ...asLocalhost, ...client };
    await simulate({ seeds: 1 }, async (sim) => {
      sim.host("server").jumpWallClock(YEAR_MS);
      sim.host("client").jumpWallClock(YEAR_MS);
      const subjects: (string | undefined)[] = [];
      await sim.runtime("server").listen("server:443", {
        onNewConnection(_listener, { tls }) {
          subjects.push(tls?.peerCertificate?.fingerprint256);
          return { reactor: echo() };
        },
      }, { tls: { ...server, ca: clientCa, clientCert: "request" } });
      const failures: (string | undefined)[] = [];
      const kept = keepConnected(sim.runtime("client"), "server:443", echo, {
        tls,
        backoff: { minMs: 10, maxMs: 10 },
        onState(state) {
          if (state.kind === "waiting") failures.push(state.error?.name);
        },
      });
      await sim.until(() => kept.connection !== undefined);
      tls.cert = expiredClient.cert; // its key is not there yet
      kept.connection?.abort();
      await sim.until(() => failures.includes("InvalidCredentialError"));
      tls.key = expiredClient.key;
      await sim.until(() => kept.connection !== undefined);
      await kept.close();
      assert.equal(subjects.length, 2);
      assert.notEqual(subjects[0], subjects[1]);
    });
  });
});
