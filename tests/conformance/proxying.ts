import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  ConnectTimeoutError,
  type DropReason,
  encodeProxyHeader,
  formatAddress,
  InvalidOptionError,
  lines,
  type ListenerHandle,
  type ListenOptions,
  MessageResult,
  ProxyHeaderError,
  ProxyHeaderMissingError,
  type ProxyHeaderOptions,
  ProxyHeaderTimeoutError,
  type ProxyInfo,
  type ProxyProtocolOptions,
  type Reactor,
  type ReactRuntime,
  type SocketAddress,
  type TcpSocket,
  UntrustedProxyError,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { steady } from "./steady.ts";
import {
  echo,
  logging,
  pattern,
  PeerLines,
  sink,
  withRuntime,
} from "./support.ts";
import { asTcp, tcp } from "../support/tcp.ts";

/** Every address that a peer of the tests may have. */
const TRUSTED = ["127.0.0.0/8", "::1", "10.0.0.0/8", "fd00::/8"];

const CLIENT = "203.0.113.7:56324";
const SERVER = "192.0.2.1:443";

const LINE = encodeProxyHeader({
  version: 1,
  source: CLIENT,
  destination: SERVER,
});

const BINARY = encodeProxyHeader({
  version: 2,
  source: CLIENT,
  destination: SERVER,
  tlvs: [
    { type: 0xe7, value: Uint8Array.of(1, 2, 3) },
    { type: 5, value: Uint8Array.of(4, 5) },
  ],
  checksum: true,
});

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const ascii = (text: string) => new TextEncoder().encode(text);

/** The calls that a listener has received. */
interface Heard {
  /** The sockets of the connections, as `onNewConnection` got them. */
  readonly sockets: TcpSocket[];
  readonly drops: [DropReason, SocketAddress, Error | undefined][];
  readonly log: PeerLines;
}

/** Listeners behind a proxy, and connects through one. */
export function proxyPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  /**
   * Runs `body` with a listener behind a proxy. By default its reactors echo.
   */
  async function withListener(
    proxyProtocol: Partial<ProxyProtocolOptions>,
    body: (
      listener: ListenerHandle,
      heard: Heard,
      runtime: ReactRuntime,
    ) => Promise<void>,
    options: ListenOptions = {},
    newReactor: () => Reactor = echo,
  ): Promise<Heard> {
    const heard: Heard = { sockets: [], drops: [], log: new PeerLines() };
    await logging(
      heard.log.sink,
      () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const listener = await runtime.listen(anyPort, {
            onNewConnection(_listener, socket) {
              heard.sockets.push(socket);
              return { reactor: newReactor() };
            },
            onDrop: (reason, remote, _listener, error) =>
              void heard.drops.push([reason, remote, error]),
          }, {
            ...options,
            proxyProtocol: { trusted: TRUSTED, ...proxyProtocol },
          });
          await body(listener, heard, runtime);
        }),
    );
    return heard;
  }

  const received = (peer: Peer) => join(...peer.chunks);

  describe(`${adapter.name}: a listener behind a proxy`, () => {
    for (const [name, header] of [["1", LINE], ["2", BINARY]] as const) {
      it(`reports the addresses of a header of version ${name}, and what follows in the same segment is the client's`, async () => {
        await withListener({}, async (listener, { sockets, drops }) => {
          const peer = await connectPeer(listener.address);
          const sent = pattern(0, 3000);
          peer.send(join(header, sent));
          await peer.has(sent.length);
          assert.deepEqual(received(peer), sent);
          const [{ remoteAddress, localAddress, proxy }] = sockets;
          assert.equal(formatAddress(remoteAddress), CLIENT);
          assert.equal(formatAddress(localAddress), SERVER);
          assert.equal(proxy?.version, Number(name));
          assert.equal(proxy?.command, "proxy");
          assert.notEqual(formatAddress(proxy!.peerAddress), CLIENT);
          assert.equal(proxy?.peerAddress.transport, "tcp");
          assert.equal(listener.connectionCount, 1);
          assert.deepEqual(drops, []);
          peer.destroy();
        });
      });
    }

    it("keeps the fields, also after the header's buffer is used again", async () => {
      const infos: (ProxyInfo | undefined)[] = [];
      const newReactor = (): Reactor => ({
        onInboundMessage(buf, ctx) {
          infos.push(ctx.socket.proxy);
          ctx.sendOrQueue(buf);
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      await withListener(
        {},
        async (listener) => {
          const peer = await connectPeer(listener.address);
          peer.send(BINARY);
          peer.send(pattern(0, 5000));
          await peer.has(5000);
          const [proxy] = infos;
          assert.deepEqual(proxy?.uniqueId, Uint8Array.of(4, 5));
          assert.deepEqual(proxy?.tlvs[0], {
            type: 0xe7,
            value: Uint8Array.of(1, 2, 3),
          });
          peer.destroy();
        },
        {},
        newReactor,
      );
    });

    it("takes a header that comes byte by byte, and one that is cut anywhere", async () => {
      await withListener({}, async (listener, { sockets }) => {
        const slow = await connectPeer(listener.address);
        for (const byte of LINE) {
          slow.write(byte);
          await sleep(0);
        }
        slow.write(1);
        await slow.has(1);
        const sent = join(BINARY, pattern(0, 100));
        for (let at = 1; at < BINARY.length + 3; at += 5) {
          const peer = await connectPeer(listener.address);
          peer.send(sent.slice(0, at));
          await sleep(1);
          peer.send(sent.slice(at));
          await peer.has(100);
          assert.deepEqual(received(peer), pattern(0, 100));
          peer.destroy();
        }
        for (const { remoteAddress } of sockets) {
          assert.equal(formatAddress(remoteAddress), CLIENT);
        }
        slow.destroy();
      });
    });

    it("serves a peer that sends nothing after the header, and reports its end", async () => {
      let endCount = 0;
      await withListener(
        {},
        async (listener) => {
          const peer = await connectPeer(listener.address);
          peer.send(LINE);
          peer.end();
          await peer.closed;
          assert.equal(endCount, 1);
        },
        {},
        () =>
          sink({
            onPeerEnd(ctx) {
              endCount++;
              ctx.close();
            },
          }),
      );
    });

    for (
      const options of [
        { version: 1 },
        { version: 2 },
        { version: 2, command: "local" },
      ] as ProxyHeaderOptions[]
    ) {
      it(`keeps the addresses of the connection if the header has none: ${JSON.stringify(options)}`, async () => {
        await withListener({}, async (listener, { sockets }) => {
          const peer = await connectPeer(listener.address);
          peer.send(join(encodeProxyHeader(options), Uint8Array.of(1)));
          await peer.has(1);
          const [{ remoteAddress, localAddress, proxy }] = sockets;
          assert.deepEqual(remoteAddress, proxy?.peerAddress);
          assert.equal(asTcp(localAddress).port, asTcp(listener.address).port);
          assert.equal(proxy?.source, undefined);
          assert.equal(proxy?.command, options.command ?? "proxy");
          peer.destroy();
        });
      });
    }

    it("hands out nothing while its reactor pauses, and everything afterwards", async () => {
      const sent = pattern(0, 2000);
      let resume = () => {};
      let count = 0;
      await withListener(
        {},
        async (listener) => {
          const peer = await connectPeer(listener.address);
          peer.send(join(BINARY, sent));
          await eventually(() => listener.connectionCount === 1, "it came");
          peer.send(sent);
          await sleep(20);
          assert.equal(count, 0);
          resume();
          await peer.has(4000);
          assert.deepEqual(received(peer), join(sent, sent));
          peer.destroy();
        },
        {},
        () => ({
          onConnected(ctx) {
            ctx.pauseReading();
            resume = () => ctx.resumeReading();
          },
          onReadable(ctx) {
            count++;
            ctx.reader.tryReadFastRead(ctx, this);
          },
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
        }),
      );
    });

    it("gives the header to a connection whose messages are pulled", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const clients: unknown[] = [];
        const listener = await runtime.listen(
          anyPort,
          acceptMessages(lines(), async (connection) => {
            const { remoteAddress, proxy } = connection;
            clients.push(formatAddress(remoteAddress), proxy?.uniqueId);
            await connection.send(`${await connection.receive()}!`);
          }),
          { proxyProtocol: { trusted: TRUSTED } },
        );
        const peer = await connectPeer(listener.address);
        peer.send(join(BINARY, ascii("hello\n")));
        await peer.has(7);
        assert.deepEqual(clients, [CLIENT, Uint8Array.of(4, 5)]);
        peer.destroy();
      }));

    it("hands out nothing to a reactor that has closed in onConnected", async () => {
      await withListener(
        {},
        async (listener) => {
          const peer = await connectPeer(listener.address);
          peer.send(join(LINE, pattern(0, 100)));
          await Promise.race([peer.ended, peer.closed]);
          assert.equal(peer.received, 0);
          peer.destroy();
        },
        {},
        () => ({
          onConnected: (ctx) => ctx.close(),
          onInboundMessage() {
            throw new Error("nothing is to be handed out");
          },
        }),
      );
    });
  });

  describe(`${adapter.name}: a listener behind a proxy drops`, () => {
    const whole = LINE.length;
    const wrong: [what: string, bytes: Uint8Array, DropReason][] = [
      [
        "anything but a header",
        ascii("GET / HTTP/1.1\r\n\r\n"),
        "proxyHeaderMissing",
      ],
      ["a TLS ClientHello", Uint8Array.of(22, 3, 1, 2), "proxyHeaderMissing"],
      [
        "a line that never ends",
        ascii(`PROXY ${"x".repeat(200)}`),
        "proxyHeaderInvalid",
      ],
      [
        "a line that is none",
        ascii("PROXY TCP5 1 2 3 4\r\n"),
        "proxyHeaderInvalid",
      ],
      [
        "a header that is too large",
        BINARY.map((byte, i) => i === 14 ? 0xff : byte),
        "proxyHeaderInvalid",
      ],
      [
        "a wrong checksum",
        BINARY.map((byte, i) => i === 17 ? byte ^ 1 : byte),
        "proxyHeaderInvalid",
      ],
    ];
    for (const [what, bytes, reason] of wrong) {
      it(`${what}, with one quiet line`, async () => {
        const { drops, sockets, log } = await withListener(
          {},
          async (listener, { drops }) => {
            const peer = await connectPeer(listener.address);
            peer.send(bytes);
            await Promise.race([peer.closed, peer.ended]);
            await eventually(() => drops.length === 1, "it is told");
            assert.equal(listener.dropCounts[reason], 1);
            assert.equal(listener.dropCount, 1);
            assert.equal(listener.connectionCount, 0);
            peer.destroy();
          },
        );
        assert.equal(drops[0][0], reason);
        assert.equal(drops[0][1].transport, "tcp");
        assert.equal(sockets.length, 0);
        const error = drops[0][2];
        const ErrorClass = reason === "proxyHeaderMissing"
          ? ProxyHeaderMissingError
          : ProxyHeaderError;
        assert.equal(error?.constructor, ErrorClass);
        assert.match(
          error!.message,
          /^Cannot read the PROXY header of \S+:\d+: .{10,100}$/,
        );
        assert.equal(log.lines.length, 1);
        const [line] = log.lines[0].parts;
        assert.match(
          `${line}`,
          /^the listener on \S+ dropped a connection: Proxy/,
        );
        assert.ok(`${line}`.endsWith(error!.message));
      });
    }

    it("adds no log lines through the address in its header", async () => {
      const header = encodeProxyHeader({
        version: 2,
        source: "unix:/a\nerror",
        destination: "unix:/b",
      });
      const fail = () => {
        throw new Error("no");
      };
      const { log } = await withListener(
        {},
        async (listener) => {
          const peer = await connectPeer(listener.address);
          peer.send(join(header, pattern(0, 1)));
          await peer.ended;
          peer.end();
          await peer.closed;
        },
        {},
        () => ({ onInboundMessage: fail }),
      );
      assert.equal(log.lines.length, 1);
      assert.match(`${log.lines[0].parts[0]}`, /of unix:\/a\\nerror: /);
    });

    it("a peer that ends or resets in the middle of it", async () => {
      await withListener({}, async (listener, { drops }) => {
        for (const ending of ["end", "destroy"] as const) {
          const before = drops.length;
          const peer = await connectPeer(listener.address);
          peer.send(LINE.slice(0, whole - 1));
          await sleep(5);
          peer[ending]();
          await eventually(() => drops.length === before + 1, ending);
          assert.equal(drops[before][0], "proxyHeaderMissing");
          assert.ok(drops[before][2] instanceof ProxyHeaderMissingError);
          peer.destroy();
        }
        assert.equal(listener.connectionCount, 0);
      });
    });

    it("a peer that is too slow, however it trickles", async () => {
      const timeoutMs = 60;
      await withListener({ timeoutMs }, async (listener, { drops, log }) => {
        const silent = await connectPeer(listener.address);
        const begin = adapter.clock.now();
        const slow = await connectPeer(listener.address);
        let isGone = false;
        void slow.closed.then(() => isGone = true);
        void slow.ended.then(() => isGone = true);
        for (let i = 0; i < whole - 1 && !isGone; i++) {
          slow.send(LINE.slice(i, i + 1));
          await sleep(5);
        }
        await eventually(() => drops.length === 2, "both are dropped");
        assert.ok(adapter.clock.now() - begin >= timeoutMs);
        for (const [reason, , error] of drops) {
          assert.equal(reason, "proxyHeaderTimeout");
          assert.ok(error instanceof ProxyHeaderTimeoutError);
        }
        assert.match(
          `${log.lines[0].parts[0]}`,
          /no whole PROXY header within 60 ms \(timeoutMs\)$/,
        );
        silent.destroy();
        slow.destroy();
      });
    });

    it("a peer that is not trusted, whatever it sends, without asking the handler", async () => {
      const { sockets, log } = await withListener(
        { trusted: ["192.0.2.0/24", "2001:db8::/32", "unix"] },
        async (listener, { drops }) => {
          const peer = await connectPeer(listener.address);
          peer.send(join(LINE, pattern(0, 100)));
          await eventually(() => drops.length === 1, "it is dropped");
          assert.equal(drops[0][0], "proxyUntrusted");
          assert.ok(drops[0][2] instanceof UntrustedProxyError);
          // The real address, not the one in the header.
          assert.notEqual(formatAddress(drops[0][1]), CLIENT);
          assert.equal(listener.dropCounts.proxyUntrusted, 1);
          await Promise.race([peer.closed, peer.ended]);
          assert.equal(peer.received, 0);
          peer.destroy();
        },
      );
      assert.equal(sockets.length, 0);
      assert.equal(log.lines.length, 1);
      assert.match(`${log.lines[0].parts[0]}`, /it is not a trusted proxy$/);
    });

    it("no peer for a second header: that is the client's", async () => {
      await withListener({}, async (listener, { sockets }) => {
        const peer = await connectPeer(listener.address);
        const spoof = encodeProxyHeader({
          version: 1,
          source: "127.0.0.1:1",
          destination: SERVER,
        });
        peer.send(join(LINE, spoof));
        await peer.has(spoof.length);
        assert.deepEqual(received(peer), spoof);
        assert.equal(formatAddress(sockets[0].remoteAddress), CLIENT);
        peer.destroy();
      });
    });
  });

  describe(`${adapter.name}: limits behind a proxy`, () => {
    const header = (source: string) =>
      join(
        encodeProxyHeader({ version: 2, source, destination: SERVER }),
        Uint8Array.of(1),
      );

    it("a peer that sends no header counts for maxConnections, and no longer than timeoutMs", async () => {
      await withListener(
        { timeoutMs: 500 },
        async (listener, { drops }) => {
          const silent = await Promise.all(
            Array.from({ length: 12 }, () => connectPeer(listener.address)),
          );
          await eventually(() => drops.length >= 9, "no more are let in");
          assert.equal(listener.dropCounts.maxConnections, 9);
          assert.ok(listener.connectionCount <= 3);
          await eventually(() => drops.length === 12, "all are dropped");
          assert.equal(listener.dropCounts.proxyHeaderTimeout, 3);
          assert.equal(listener.connectionCount, 0);
          const peer = await connectPeer(listener.address);
          peer.send(header(CLIENT));
          await peer.has(1);
          for (const each of [...silent, peer]) each.destroy();
        },
        { maxConnections: 3 },
      );
    });

    it("maxConnectionsPerAddress limits the client's address, and nothing before that is known", async () => {
      await withListener({}, async (listener, { drops }) => {
        const silent = await connectPeer(listener.address);
        const peers: Peer[] = [];
        for (const host of ["203.0.113.1", "203.0.113.2", "203.0.113.3"]) {
          const peer = await connectPeer(listener.address);
          peer.send(header(`${host}:1`));
          await peer.has(1);
          peers.push(peer);
        }
        const second = await connectPeer(listener.address);
        second.send(header("203.0.113.1:2"));
        await eventually(() => drops.length === 1, "it is dropped");
        assert.equal(drops[0][0], "maxConnectionsPerAddress");
        assert.deepEqual(drops[0][1], tcp("203.0.113.1", 2));
        peers[0].destroy();
        await eventually(() => listener.connectionCount === 3, "one is gone");
        const third = await connectPeer(listener.address);
        third.send(header("203.0.113.1:3"));
        await third.has(1);
        for (const each of [silent, second, third, ...peers]) each.destroy();
      }, { maxConnectionsPerAddress: 1 });
    });

    it("a listener that accepts no more still serves peers that were sending their header, and closes with the last", async () => {
      await withListener({}, async (listener) => {
        const peer = await connectPeer(listener.address);
        peer.send(LINE.slice(0, 10));
        await eventually(() => listener.connectionCount === 1, "it is in");
        await listener.stopAccepting();
        peer.send(join(LINE.slice(10), Uint8Array.of(7)));
        await peer.has(1);
        peer.end();
        assert.equal(await listener.whenClosed, undefined);
      });
    });

    it("a listener that is closed drops peers that were sending their header", async () => {
      await withListener({}, async (listener) => {
        const peer = await connectPeer(listener.address);
        await eventually(() => listener.connectionCount === 1, "it is in");
        await listener.close();
        await Promise.race([peer.closed, peer.ended]);
        assert.equal(listener.dropCounts.closing, 1);
        assert.equal(listener.connectionCount, 0);
        peer.destroy();
      });
    });

    const invalid: [Partial<ProxyProtocolOptions>, RegExp][] = [
      [
        { trusted: undefined as never },
        /trusted undefined: it must be an array/,
      ],
      [{ trusted: [] }, /trusted/],
      [{ trusted: ["10.0.0.0/33"] }, /10\.0\.0\.0\/33/],
      [{ trusted: ["::/129"] }, /trusted/],
      [{ trusted: ["localhost"] }, /localhost/],
      [{ trusted: [7 as never] }, /trusted/],
      [{ timeoutMs: 0 }, /timeoutMs 0/],
      [{ maxBytes: 15 }, /maxBytes 15/],
    ];
    it("an invalid option is refused", async () => {
      for (const [options, message] of invalid) {
        await assert.rejects(withListener(options, async () => {}), (error) => {
          assert.ok(error instanceof InvalidOptionError);
          assert.match(error.message, message);
          return true;
        });
      }
    });
  });

  describe(`${adapter.name}: a connect that sends a PROXY header`, () => {
    for (const version of [1, 2] as const) {
      it(`of version ${version}: it is out before anything else, and both ends understand it`, async () => {
        await withListener({}, async (listener, { sockets }, runtime) => {
          const got: number[] = [];
          await runtime.connect(listener.address, {
            onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, 100)),
            onInboundMessage(buf) {
              got.push(...buf);
              return MessageResult.dropMsgSize(buf.length);
            },
          }, {
            proxyProtocol: { version, source: CLIENT, destination: SERVER },
          });
          await eventually(() => got.length === 100, "it is answered");
          assert.deepEqual(got, [...pattern(0, 100)]);
          const [{ remoteAddress, localAddress, proxy }] = sockets;
          assert.equal(formatAddress(remoteAddress), CLIENT);
          assert.equal(formatAddress(localAddress), SERVER);
          assert.equal(proxy?.version, version);
        });
      });
    }

    it("receives what its peer sends first, and ends with it", async () => {
      await withListener(
        {},
        async (listener, _heard, runtime) => {
          const got: number[] = [];
          const client = await runtime.connect(
            listener.address,
            {
              onInboundMessage(buf, ctx) {
                assert.equal(ctx.socket.proxy, undefined);
                got.push(...buf);
                return MessageResult.dropMsgSize(buf.length);
              },
            },
            { proxyProtocol: { version: 2, command: "local" } },
          );
          assert.equal(await client.whenClosed, undefined);
          assert.deepEqual(got, [1, 2, 3]);
        },
        {},
        () =>
          sink({
            onConnected(ctx) {
              ctx.sendOrQueue(Uint8Array.of(1, 2, 3));
              ctx.close();
            },
          }),
      );
    });

    it("sends a large one whole, and nothing twice", async () => {
      const tlvs = Array.from({ length: 15 }, (_, i) => ({
        type: 0xe0 + i,
        value: pattern(i, 4000),
      }));
      await withListener(
        { maxBytes: 65551 },
        async (listener, { sockets }, runtime) => {
          const got: number[] = [];
          await runtime.connect(listener.address, {
            onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, 10)),
            onInboundMessage(buf) {
              got.push(...buf);
              return MessageResult.dropMsgSize(buf.length);
            },
          }, { proxyProtocol: { version: 2, tlvs, checksum: true } });
          await eventually(() => got.length === 10, "it is answered");
          assert.deepEqual(got, [...pattern(0, 10)]);
          assert.deepEqual(sockets[0].proxy?.tlvs.slice(0, 15), tlvs);
        },
      );
    });

    it("fails with an invalid option before anything is sent", async () => {
      await withListener({}, async (listener, { drops }, runtime) => {
        await assert.rejects(
          runtime.connect(listener.address, sink(), {
            proxyProtocol: { version: 1, command: "local" },
          }),
          InvalidOptionError,
        );
        assert.deepEqual(drops, []);
      });
    });

    it("times out with ConnectTimeoutError", async () => {
      const hole = await environment.openBlackHole();
      try {
        await withRuntime(adapter, {}, async (runtime) => {
          await assert.rejects(
            runtime.connect(hole.address, sink(), {
              connectTimeoutMs: 20,
              proxyProtocol: { version: 1 },
            }),
            ConnectTimeoutError,
          );
        });
      } finally {
        await hole.close();
      }
    });
  });
}
