import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { describe, it } from "node:test";
import {
  connectMessages,
  type ConnectMessagesOptions,
  DefaultTcpListenerHandler,
  type DropReason,
  lines,
  type ListenOptions,
  ReactRuntime,
} from "../../mod.ts";
import { commandOf, firstLine, start } from "../conformance/children.ts";
import {
  echo,
  eventually,
  logging,
  PeerLines,
} from "../conformance/support.ts";
import { ca, server } from "../support/certificates.ts";

const PEERS = 2000;
const MAX_CONNECTIONS = 1500;
const LIMIT_MS = 2000;

/** What a listener waits for that silent peers do not send, and how much memory each of these may take, bytes. */
const WAITING: readonly {
  readonly what: string;
  readonly listen: ListenOptions;
  readonly connect: ConnectMessagesOptions;
  readonly reason: DropReason;
  readonly bytesEach: number;
}[] = [
  {
    what: "a handshake of TLS",
    listen: { tls: { ...server, handshakeTimeoutMs: LIMIT_MS } },
    connect: { tls: { ca, serverName: "localhost" } },
    reason: "handshakeFailed",
    bytesEach: 128 * 1024,
  },
  {
    what: "a PROXY header",
    listen: { proxyProtocol: { trusted: ["127.0.0.1"], timeoutMs: LIMIT_MS } },
    connect: { proxyProtocol: { version: 2 } },
    reason: "proxyHeaderTimeout",
    bytesEach: 32 * 1024,
  },
];

describe(`${PEERS} peers that connect and say nothing`, () => {
  for (const { what, listen, connect, reason, bytesEach } of WAITING) {
    it(`where ${what} is due are let in up to maxConnections, cost little, and are dropped in time`, async () => {
      const log = new PeerLines();
      const begin = performance.now();
      await logging(log.sink, async () => {
        const runtime = new ReactRuntime();
        const listener = await runtime.listen(
          "127.0.0.1:0",
          new DefaultTcpListenerHandler(() => echo()),
          { ...listen, maxConnections: MAX_CONNECTIONS, backlog: PEERS },
        );
        const before = process.memoryUsage().rss;
        const peers = start(
          commandOf("silent_peers", listener.address.port, PEERS),
        );
        const gone = once(peers, "exit");
        assert.equal(await firstLine(peers), "met");
        const grown = process.memoryUsage().rss - before;
        assert.ok(grown < PEERS * bytesEach, `they take ${grown} bytes`);

        // Those that found no room among who waits come again, some seconds later.
        await eventually(
          () => listener.dropCount === PEERS,
          "all are dropped",
          30_000,
        );
        const { maxConnections, [reason]: late } = listener.dropCounts;
        assert.equal(maxConnections + late, PEERS);
        assert.ok(late >= MAX_CONNECTIONS, `only ${late} were let in`);
        assert.equal(listener.connectionCount, 0);

        const client = await connectMessages(
          runtime,
          listener.address,
          lines(),
          connect,
        );
        await client.send("hello");
        assert.equal(await client.receive(), "hello");
        await client.close();
        peers.stdin!.end();
        await gone;
        await runtime.stop();
      });
      // Ten a second, and one that tells of the others.
      const seconds = Math.ceil((performance.now() - begin) / 1000);
      assert.ok(
        log.lines.length <= 11 * (seconds + 1),
        `the log has ${log.lines.length} lines`,
      );
    });
  }
});
