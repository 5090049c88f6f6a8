import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type Adapter,
  hostAdapter,
  nodeAdapter,
  type ReactRuntime,
  TlsHandshakeError,
} from "../../mod.ts";
import { StreamCarrier } from "../../src/adapters/tls/stream_carrier.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { steady } from "../conformance/steady.ts";
import {
  eventually,
  logging,
  PeerLines,
  quietly,
  signal,
  sink,
  withRuntime,
} from "../conformance/support.ts";
import { tlsAgreementPromises } from "../conformance/tls_agreement.ts";
import {
  FORGERIES,
  NO_RECORDS,
  tlsBrokenPromises,
} from "../conformance/tls_broken.ts";
import { tlsCutPromises } from "../conformance/tls_cuts.ts";
import { tlsEndingPromises } from "../conformance/tls_endings.ts";
import { tlsResetPromises } from "../conformance/tls_resets.ts";
import { serveTls } from "../conformance/tls_server.ts";
import {
  ca,
  clientCa,
  constrainedCa,
  evilClient,
  server,
} from "../support/certificates.ts";
import { OpaqueAdapter } from "../support/opaque_adapter.ts";
import { clientHello, fatalAlert } from "./client_message.ts";
import { PlainClient, tlsClient } from "./clients.ts";

const UNKNOWN_CA = 48;

const host = hostAdapter();
const adapters = host === nodeAdapter
  // TLS uses Node's own sockets directly, if it can.
  ? [host, new OpaqueAdapter(host)]
  : [host, nodeAdapter];
for (const adapter of adapters) allPromises(adapter);

if (!("Bun" in globalThis)) {
  describe("over a stream", () => {
    const { prototype } = StreamCarrier;
    const { recordLayer } = prototype;
    const layers: unknown[] = [];
    before(() => {
      prototype.recordLayer = function (...parts) {
        const layer = recordLayer.apply(this, parts);
        layers.push(layer);
        return layer;
      };
    });
    after(() => {
      prototype.recordLayer = recordLayer;
    });
    it("TLS has a record layer at both ends", () =>
      withRuntime(new OpaqueAdapter(host), {}, async (runtime) => {
        const { address } = await serveTls(runtime, server);
        await runtime.connect(address, sink(), { tls: { ca } });
        await eventually(() => layers.length === 2, "both ends are secure");
        assert.ok(layers.every((it) => it !== undefined));
      }));
  });
}

// The case of a runtime whose internals are not as expected, and of node:net on Bun.
if (!("Bun" in globalThis)) {
  describe("without a record layer, by the streams of node:tls alone", () => {
    const { prototype } = StreamCarrier;
    const { recordLayer } = prototype;
    let count = 0;
    before(() => {
      prototype.recordLayer = () => {
        count++;
        return undefined;
      };
    });
    after(() => {
      prototype.recordLayer = recordLayer;
    });
    allPromises(new OpaqueAdapter(host));
    it("has been asked for one by each connection", () => assert.ok(count > 9));
  });
}

function allPromises(adapter: Adapter): void {
  const environment = realEnvironment(adapter);
  tlsAgreementPromises(environment);
  tlsEndingPromises(environment);
  tlsCutPromises(environment);
  tlsBrokenPromises(environment, { ...NO_RECORDS, ...FORGERIES });
  tlsResetPromises(environment);
  clientPromises(steady(environment).adapter);
}

/** What clients that are not Reactio's get. */
function clientPromises(adapter: Adapter): void {
  const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
    quietly(() => withRuntime(adapter, {}, body));

  describe(`${adapter.name}: TLS`, () => {
    it(
      "lets no client in whose authority may not sign its name, and says so",
      withOne(async (runtime) => {
        const { address, drops } = await serveTls(runtime, {
          ...server,
          ca: clientCa,
        });
        const { cert, key } = evilClient;
        const closed = signal<unknown>();
        runtime.connect(address, sink({ onClose: closed.resolve }), {
          tls: { ca, cert: cert + constrainedCa, key },
        }).catch(closed.resolve);
        assert.ok(await closed.promise instanceof Error);
        await eventually(() => drops.length === 1, "it is dropped");
        assert.equal(drops[0][1]?.reason, "untrusted");
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
      "a client that shows no certificate is told that one is required, in the same words on every runtime",
      withOne(async (runtime) => {
        const { address } = await serveTls(runtime, { ...server, ca });
        const connection = await runtime.connect(address, sink(), {
          tls: { ca },
        });
        const reason = await connection.whenClosed;
        assert.match(
          `${reason?.message}`,
          /^Lost the connection to .*: it ended TLS with the alert "certificate required"$/,
        );
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
  });

  describe(`${adapter.name}: TLS on a hostile wire`, () => {
    it(
      "a client that has nothing in common with the server is told of as such, whatever it lacks",
      withOne(async (runtime) => {
        const { address, drops } = await serveTls(runtime, server);
        const unknown = [0x7f7f];
        for (const lacking of ["ciphers", "groups", "signatures"]) {
          const client = new PlainClient(address);
          client.send(clientHello({ [lacking]: unknown }));
          await client.closed;
          await eventually(() => drops.length > 0, "it is dropped");
          assert.equal(drops.pop()?.[1]?.reason, "no-common-version", lacking);
        }
      }),
    );

    it(
      "a client that refuses the certificate before it encrypts, as OpenSSL does, has refused, and the message names the alert",
      withOne(async (runtime) => {
        const { address, drops } = await serveTls(runtime, server);
        for (const isAtOnce of [false, true]) {
          const client = new PlainClient(address);
          client.send(clientHello());
          if (!isAtOnce) {
            await eventually(() => client.received.length > 0, "it answers");
          }
          client.send(fatalAlert(UNKNOWN_CA));
          await client.closed;
          await eventually(() => drops.length > 0, "it is dropped");
          const error = drops.pop()?.[1];
          assert.equal(error?.reason, "refused");
          assert.match(error?.message ?? "", /unknown ?ca/i);
        }
      }),
    );

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
  });
}
