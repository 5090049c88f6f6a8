import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConnectOptions,
  InvalidCredentialError,
  MessageResult,
  ReactRuntime,
  SimNetwork,
  type SimNetworkOptions,
  TlsHandshakeError,
  type TlsListenOptions,
  TruncatedConnectionError,
} from "../../mod.ts";
import { watched } from "../conformance/peers.ts";
import { echo, quietly, sink } from "../conformance/support.ts";
import { serveTls } from "../conformance/tls_server.ts";
import * as certificates from "../support/certificates.ts";

const { ca, client, clientCa, server } = certificates;
const asLocalhost = { ca, serverName: "localhost" };
const YEAR_MS = 365 * 24 * 3_600_000;

interface Ends {
  readonly listen?: Partial<TlsListenOptions>;
  readonly connect?: ConnectOptions["tls"];
  readonly network?: SimNetworkOptions;
  /** Called before they connect. */
  readonly before?: (network: SimNetwork) => void;
}

/** Makes a client and a server shake hands; resolves to the outcome at each end: the failure's reason, or the version. */
async function meet(
  { listen = {}, connect = asLocalhost, network: options, before }: Ends,
): Promise<
  { client: string; server: string; why: string; network: SimNetwork }
> {
  const network = new SimNetwork({ seed: 3, ...options });
  before?.(network);
  const [far, near] = ["server", "client"].map((name) =>
    new ReactRuntime({ adapter: network.host(name).adapter })
  );
  let serverSays = "";
  let clientSays = "";
  let why = "";
  await quietly(async () => {
    const { handle, drops } = await serveTls(
      far,
      { ...server, handshakeTimeoutMs: 700, ...listen },
      () =>
        sink({
          onConnected: ({ socket }) =>
            void (serverSays = `${socket.tls?.version}`),
        }),
      {},
      "server:443",
    );
    await near.connect("server:443", sink(), { tls: connect }).then(
      () => void (clientSays = "secure"),
      (error) => {
        assert.ok(error instanceof TlsHandshakeError, `${error}`);
        clientSays = error.reason;
        why = error.message;
      },
    );
    await network.sleep(1000);
    if (serverSays === "") serverSays = `${drops[0]?.[1]?.reason}`;
    await handle.close();
    await Promise.all([near.stop(), far.stop()]);
    await network.idle();
  });
  assert.deepEqual(network.violations, []);
  assert.equal(network.host("server").counts.sockets, 0);
  assert.equal(network.host("client").counts.sockets, 0);
  return { client: clientSays, server: serverSays, why, network };
}

describe("handshakes that are made to fail", () => {
  for (
    const [reason, atPeer] of [
      ["untrusted", "refused"],
      ["other", "refused"],
      ["no-common-version", "no-common-version"],
      ["closed", "closed"],
    ] as const
  ) {
    it(`by hand, at either end: ${reason}`, async () => {
      const here = await meet({
        before: (network) => network.host("client").failHandshakes(reason),
      });
      assert.deepEqual([here.client, here.server], [reason, atPeer]);
      const there = await meet({
        before: (network) => network.host("server").failHandshakes(reason),
      });
      assert.deepEqual([there.client, there.server], [atPeer, reason]);
    });
  }

  it("who goes silent is given up by the time limit of the other end", async () => {
    const client = await meet({
      connect: { ...asLocalhost, handshakeTimeoutMs: 5000 },
      before: (network) => network.host("client").failHandshakes("timeout"),
    });
    assert.deepEqual([client.client, client.server], ["closed", "timeout"]);
    const server = await meet({
      listen: { handshakeTimeoutMs: 5000 },
      connect: { ...asLocalhost, handshakeTimeoutMs: 200 },
      before: (network) => network.host("server").failHandshakes("timeout"),
    });
    assert.deepEqual([server.client, server.server], ["timeout", "closed"]);
  });

  it("by chance, at their rate, and not without TLS", async () => {
    const failed = await meet({ network: { faults: { failedHandshakes: 1 } } });
    assert.notEqual(failed.client, "secure");
    const stuck = await meet({
      connect: { ...asLocalhost, handshakeTimeoutMs: 900 },
      network: { faults: { stuckHandshakes: 1 } },
    });
    assert.ok(["timeout", "closed"].includes(stuck.client), stuck.client);
    for (const { network } of [failed, stuck]) {
      assert.ok(network.injectedFaults.length > 0);
    }
  });

  it("late in a handshake, after the connect of a client in TLS 1.3", async () => {
    const { client, server } = await meet({
      network: { onlyFaults: ["failedHandshakes@server.1"] },
    });
    assert.notEqual(client, "secure");
    assert.notEqual(server, "TLSv1.3");
  });
});

describe("a connection in TLS", () => {
  it("that ends without close_notify is a truncated one", async () => {
    const network = new SimNetwork({ faults: { truncatedEnds: 1 } });
    const [far, near] = ["server", "client"].map((name) =>
      new ReactRuntime({ adapter: network.host(name).adapter })
    );
    const served = watched({ ...echo(), onPeerEnd() {} });
    await quietly(async () => {
      await serveTls(far, server, () => served.reactor, {}, "server:443");
      await near.connect("server:443", {
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
        onInboundMessage(buf, ctx) {
          ctx.end();
          return MessageResult.dropMsgSize(buf.length);
        },
      }, { tls: asLocalhost });
      assert.ok(await served.closed instanceof TruncatedConnectionError);
      assert.ok(!served.calls.includes("onPeerEnd"));
      await Promise.all([near.stop(), far.stop()]);
    });
    assert.match(network.injectedFaults[0], /^truncatedEnds@client\.1$/);
  });
});

describe("a connection that starts TLS", () => {
  it("has one time limit for what goes out in plain before and for the handshake", async () => {
    const network = new SimNetwork();
    const [far, near] = ["server", "client"].map((name) =>
      new ReactRuntime({ adapter: network.host(name).adapter })
    );
    let startedAt = 0;
    const served = watched({
      onConnected(ctx) {
        ctx.sendOrQueue(new Uint8Array(2 ** 22));
        ctx.startTls({ ...server, handshakeTimeoutMs: 700 });
        startedAt = network.now();
      },
    });
    let received = 0;
    await quietly(async () => {
      await far.listen("server:443", {
        onNewConnection: () => ({ reactor: served.reactor }),
      });
      await near.connect("server:443", {
        onConnected(ctx) {
          ctx.pauseReading();
          ctx.after(500, () => ctx.resumeReading());
        },
        onInboundMessage(buf) {
          received += buf.length;
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      const reason = await served.closed;
      assert.ok(reason instanceof TlsHandshakeError, `${reason}`);
      assert.match(reason.message, /700 ms \(handshakeTimeoutMs\)/);
      const ms = network.now() - startedAt;
      assert.ok(ms >= 700 && ms < 710, `after ${ms} ms`);
      assert.equal(received, 2 ** 22);
      await Promise.all([near.stop(), far.stop()]);
    });
  });
});

describe("who is believed in a simulation", () => {
  it("by the clock of the host", async () => {
    const outcomes: string[] = [];
    for (const years of [-1, 0, 69]) {
      const { client, why } = await meet({
        before(network) {
          const host = network.host("client");
          host.jumpWallClock(years * YEAR_MS);
          host.jumpWallClock(years * YEAR_MS);
        },
      });
      outcomes.push(client);
      if (years !== 0) assert.match(why, /clock of client.*jumpWallClock/);
    }
    assert.deepEqual(outcomes, ["not-yet-valid", "secure", "expired"]);
  });

  it("by the network if a connect has no ca, as by a runtime", async () => {
    const connect = { serverName: "localhost" };
    const nobody = await meet({ connect });
    assert.equal(nobody.client, "untrusted");
    const somebody = await meet({ connect, network: { ca } });
    assert.equal(somebody.client, "secure");
    assert.throws(
      () => new SimNetwork({ ca: "/etc/ca.pem" }),
      InvalidCredentialError,
    );
  });

  it("not if the authority has not signed what names it", async () => {
    const [, base64] = /-----\n([^-]+)\n-----/.exec(server.cert) ?? [];
    const signed = atob(base64.replaceAll("\n", ""));
    const last = signed.charCodeAt(signed.length - 1);
    const forged = signed.slice(0, -1) + String.fromCharCode(last ^ 1);
    const cert = "-----BEGIN CERTIFICATE-----\n" +
      `${btoa(forged)}\n-----END CERTIFICATE-----`;
    const { client, server: there } = await meet({ listen: { cert } });
    assert.deepEqual([client, there], ["untrusted", "refused"]);
  });

  it("by a chain, whose last is signed by an authority", async () => {
    const { client } = await meet({
      listen: { cert: server.cert + certificates.ca },
    });
    assert.equal(client, "secure");
    const leafOnly = await meet({
      connect: { ca: server.cert, serverName: "localhost" },
    });
    assert.equal(leafOnly.client, "secure");
  });

  it("hosts that are older speak TLS 1.2, whose client is done when the server is", async () => {
    const older = (network: SimNetwork) =>
      void network.host("server", { newestTls: "TLSv1.2" });
    const spoken = await meet({ before: older });
    assert.deepEqual([spoken.client, spoken.server], ["secure", "TLSv1.2"]);
    const refused = await meet({
      before: older,
      connect: { ...asLocalhost, minVersion: "TLSv1.3" },
    });
    assert.equal(refused.client, "no-common-version");
    assert.equal(refused.server, "no-common-version");
    const strict = { ca: clientCa };
    const early = await meet({ listen: strict });
    assert.deepEqual([early.client, early.server], [
      "secure",
      "no-certificate",
    ]);
    const late = await meet({ listen: strict, before: older });
    assert.deepEqual([late.client, late.server], ["refused", "no-certificate"]);
    const known = await meet({
      listen: strict,
      before: older,
      connect: { ...asLocalhost, ...client },
    });
    assert.deepEqual([known.client, known.server], ["secure", "TLSv1.2"]);
  });
});
