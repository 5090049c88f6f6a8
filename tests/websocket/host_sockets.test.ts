import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WebSocketServer } from "ws";
import {
  type Address,
  CodecError,
  connectMessages,
  type DropReason,
  framed,
  FrameTooLargeError,
  HandlerError,
  hostAdapter,
  IdleTimeoutError,
  InvalidAddressError,
  InvalidArgumentError,
  InvalidOptionError,
  InvalidReactorError,
  lines,
  type ListenOptions,
  type MessageHandlers,
  MessageTooLargeError,
  type ReactRuntime,
  RuntimeStoppedError,
  type Socket,
  type TcpAddress,
  type TcpListenerHandler,
  TruncatedConnectionError,
  UpgradeTimeoutError,
} from "../../mod.ts";
import {
  overWebSocket,
  webSocketClient,
  WebSocketClosedError,
  WebSocketHandshakeError,
  webSocketOf,
  WebSocketPongTimeoutError,
  WebSocketProtocolError,
  type WebSocketServerOptions,
} from "../../src/entries/websocket.ts";
import { parseHead } from "../../src/entries/websocket/request_head.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { steady } from "../conformance/steady.ts";
import {
  ANY_PORT,
  eventually,
  quietly,
  signal,
  sleep,
  withRuntime as withRuntimeOn,
} from "../conformance/support.ts";
import { ca, server as credential } from "../support/certificates.ts";
import { computingMs } from "../support/computing.ts";
import { tcp } from "../support/tcp.ts";
import { clientFrame, Opcode, request } from "../support/web_socket_frames.ts";
import { WebSocketPeer } from "../support/web_socket_peer.ts";
import { overWebSockets } from "../support/web_socket_adapter.ts";

const adapter = hostAdapter();
const inTime = steady(realEnvironment(adapter)).adapter;
const none: TcpListenerHandler = { onNewConnection: () => null };

/** A WebSocket of a server that is not of the library. */
interface OtherSocket {
  on(event: "message", listener: (bytes: Uint8Array) => void): void;
  send(bytes: Uint8Array): void;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A server of lines over WebSockets, under observation. */
class Server {
  readonly closed = signal<Error | undefined>();
  readonly drops: [reason: DropReason, error: Error | undefined][] = [];
  readonly dropped = signal();
  address!: Address;
  readonly handler: TcpListenerHandler;

  constructor(
    options: WebSocketServerOptions,
    handlers: Partial<MessageHandlers<string, unknown>> = {},
  ) {
    this.handler = overWebSocket({
      onNewConnection: () => ({
        reactor: framed(lines({ max: 100 }), {
          onMessage: (line, ctx) => void ctx.send(line.toUpperCase()),
          onClose: (reason) => this.closed.resolve(reason),
          ...handlers,
        }),
      }),
      onDrop: (reason, _address, _listener, error) => {
        this.drops.push([reason, error]);
        this.dropped.resolve();
      },
    }, options);
  }

  async listen(runtime: ReactRuntime, options: ListenOptions = {}) {
    const listener = await runtime.listen(ANY_PORT, this.handler, options);
    this.address = listener.address;
    return listener;
  }
}

/** Has a server serve while `use` runs. */
function serving(
  options: WebSocketServerOptions,
  use: (server: Server, runtime: ReactRuntime) => Promise<void>,
  handlers: Partial<MessageHandlers<string, unknown>> = {},
): Promise<void> {
  return quietly(() =>
    withRuntimeOn(inTime, {}, async (runtime) => {
      const server = new Server(options, handlers);
      await server.listen(runtime as ReactRuntime);
      await use(server, runtime as ReactRuntime);
    })
  );
}

const textOf = ({ chunks }: WebSocketPeer) =>
  new TextDecoder().decode(
    Uint8Array.from(chunks.flatMap((chunk) => [...chunk])),
  );

describe("a handshake of WebSockets", () => {
  const options: WebSocketServerOptions = {
    path: "/chat",
    protocols: ["two", "one"],
    pages: { "/": { type: "text/plain", body: "welcome" } },
  };
  const good = { "Sec-WebSocket-Protocol": "one" };
  const answers: [what: string, text: string, status: number][] = [
    ["that is right", request("/chat", good), 101],
    ["with a query", request("/chat?room=1", good), 101],
    [
      "of a page of the same host",
      request("/chat", { ...good, Origin: "http://localhost" }),
      101,
    ],
    [
      "of a page of another host",
      request("/chat", { ...good, Origin: "http://localhost.evil" }),
      403,
    ],
    ["of no page", request("/chat", { ...good, Origin: "null" }), 403],
    ["for another path", request("/chats", good), 404],
    ["without a subprotocol", request("/chat"), 400],
    [
      "for other subprotocols",
      request("/chat", { "Sec-WebSocket-Protocol": "three" }),
      400,
    ],
    [
      "without a key",
      request("/chat", { ...good, "Sec-WebSocket-Key": "short" }),
      400,
    ],
    [
      "of another version",
      request("/chat", { ...good, "Sec-WebSocket-Version": "12" }),
      426,
    ],
    [
      "that does not ask for an upgrade",
      request("/chat", { ...good, Connection: "keep-alive" }),
      400,
    ],
    [
      "that asks for something like an upgrade",
      request("/chat", { ...good, Connection: "no-upgrade" }),
      400,
    ],
    [
      "by a request with a body",
      request("/chat", { ...good, "Content-Length": "1" }),
      400,
    ],
    [
      "for two hosts",
      request("/chat", { ...good, "X-A": "1\r\nHost: localhost" }),
      400,
    ],
    [
      "by a header that is folded",
      request("/chat", { ...good, "X-A": "1\r\n 2" }),
      400,
    ],
    ["by bare line feeds", `GET /chat HTTP/1.1\nHost: a\n\r\n\r\n`, 400],
    ["by another method", request("/chat", good).replace("GET", "POST"), 400],
    ["by something other than HTTP", "hello\r\n\r\n", 400],
    ["by the beginning of TLS", "\x16\x03\x01\x02", 400],
    [
      "with more than a head may have",
      request("/chat", { ...good, "X-A": "1".repeat(20_000) }),
      431,
    ],
    [
      "for a page that is there",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      200,
    ],
    ["for no page", "GET /no HTTP/1.1\r\nHost: a\r\n\r\n", 404],
    [
      "for a page where the WebSocket is",
      "GET /chat HTTP/1.1\r\nHost: a\r\n\r\n",
      426,
    ],
    ["for a page by DELETE", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405],
  ];
  for (const [what, text, status] of answers) {
    it(`${what} is answered with status ${status}`, () =>
      serving(options, async (server) => {
        const peer = await WebSocketPeer.open(server.address, text);
        assert.equal(peer.status, status, peer.answer);
        if (status === 101) return peer.destroy();
        await peer.closed;
        if (status === 426) {
          assert.match(peer.answer, /\r\nsec-websocket-version: 13\r\n/);
        }
        if (status === 200) {
          assert.match(peer.answer, /\r\n\r\nwelcome$/);
          await WebSocketPeer.open(server.address, "no request\r\n\r\n");
          await server.dropped.promise;
          const [[, error]] = server.drops;
          assert.ok(error instanceof WebSocketHandshakeError);
          return assert.equal(error.status, 400);
        }
        await server.dropped.promise;
        const [[reason, error]] = server.drops;
        assert.equal(reason, "handshakeFailed");
        assert.ok(error instanceof WebSocketHandshakeError);
        assert.equal(error.status, status);
      }));
  }

  const pages = ["http://localhost", "https://app.example", "null"];
  const allowed: [
    origins: WebSocketServerOptions["origins"],
    statuses: number[],
  ][] = [
    [["https://app.example"], [403, 101, 403]],
    ["any", [101, 101, 101]],
    [[], [403, 403, 403]],
  ];
  for (const [origins, statuses] of allowed) {
    it(`with origins ${JSON.stringify(origins)} is for those pages, and for what is none`, () =>
      serving({ origins }, async (server) => {
        const seen: number[] = [];
        for (const Origin of pages) {
          const text = request("/", { Origin });
          const peer = await WebSocketPeer.open(server.address, text);
          seen.push(peer.status);
          peer.destroy();
        }
        assert.deepEqual(seen, statuses);
        const peer = await WebSocketPeer.connect(server.address);
        assert.equal(peer.status, 101);
        peer.destroy();
      }));
  }

  it("for a page by HEAD is answered with the head of that alone", () =>
    serving(options, async (server) => {
      const text = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
      const peer = await WebSocketPeer.open(server.address, text);
      await peer.closed;
      assert.match(peer.answer, /^HTTP\/1.1 200 .*content-length: 7\r\n/s);
      assert.match(peer.answer, /\r\n\r\n$/);
    }));

  it("costs little to refuse, whatever a header is made of", () => {
    const ms = computingMs(() => {
      for (const filling of [" ", "\t", "x ", " x"]) {
        for (let i = 0; i < 10; i++) {
          const value = filling.repeat(16_000 / filling.length);
          assert.equal(parseHead(`GET / HTTP/1.1\r\nA:${value}\0`), undefined);
        }
      }
    });
    // By a regular expression that goes back it is more than 10 s.
    assert.ok(ms < 3000, `${ms} ms`);
  });

  it("comes byte by byte, with the first message right behind it", () =>
    serving({}, async (server) => {
      const text = request();
      const peer = WebSocketPeer.begin(server.address);
      for (const char of text.slice(0, -2)) {
        peer.raw(bytesOf(char));
        await new Promise(setImmediate);
      }
      peer.raw(bytesOf("\r\n"));
      peer.frame(Opcode.Text, bytesOf("a\n"));
      await peer.has(2);
      assert.equal(textOf(peer), "A\n");
      peer.destroy();
    }));

  it("that is not done in time counts for the limits until then, and is dropped with UpgradeTimeoutError", () =>
    quietly(() =>
      withRuntimeOn(inTime, {}, async (runtime) => {
        const server = new Server({ handshakeTimeoutMs: 100 });
        await server.listen(runtime as ReactRuntime, { maxConnections: 1 });
        const slow = WebSocketPeer.begin(server.address);
        slow.raw(bytesOf("GET / HTTP/1.1\r\n"));
        const next = await WebSocketPeer.open(server.address, request());
        assert.equal(next.status, 0);
        await slow.closed;
        await eventually(() => server.drops.length === 2, "both are dropped");
        const [[first], [second, error]] = server.drops;
        assert.deepEqual([first, second], [
          "maxConnections",
          "handshakeFailed",
        ]);
        assert.ok(error instanceof UpgradeTimeoutError);
      })
    ));
});

describe("a WebSocket of a server", () => {
  it("is read as bytes: fragments, text and binary, with pings between them", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.frame(Opcode.Text, bytesOf("he"), { isLast: false });
      peer.frame(Opcode.Ping, bytesOf("?"));
      peer.frame(Opcode.Continuation, bytesOf("llo\nwor"));
      peer.frame(Opcode.Binary, bytesOf(""));
      peer.frame(Opcode.Binary, bytesOf("ld\n"));
      await peer.has(12);
      assert.equal(textOf(peer), "HELLO\nWORLD\n");
      const [{ opcode, payload }] = peer.control;
      assert.equal(opcode, Opcode.Pong);
      assert.deepEqual([...payload], [...bytesOf("?")]);
      peer.end();
      await peer.closed;
      assert.equal(peer.closeCode, 1000);
      assert.equal(await server.closed.promise, undefined);
    }));

  it("sends no message that is larger than 64 KiB", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      await peer.has(200_000);
      const sizes = peer.chunks.map(({ length }) => length);
      assert.equal(Math.max(...sizes), 65_536);
      peer.destroy();
    }, {
      onConnected: (ctx) => void ctx.sendOrQueue(new Uint8Array(200_000)),
    }));

  const ends: [
    how: string,
    end: (peer: WebSocketPeer) => void,
    last: string,
  ][] = [
    ["ends", (peer) => peer.end(), "end"],
    ["is cut", (peer) => peer.cut(), "truncated"],
    ["is closed with a code", (peer) => peer.end(4000), "other"],
    ["breaks the protocol", (peer) => peer.frame(3, bytesOf("")), "other"],
  ];
  for (const [how, end, last] of ends) {
    it(`hands out no message while it is paused, though all came at once, and then one after the other, also if it ${how} behind them`, async () => {
      const seen: (string | undefined)[] = [];
      const all = signal();
      const listener = await overWebSockets(adapter).listen(
        { address: tcp("127.0.0.1", 0), backlog: 1, reusePort: false },
        {
          onAccept(socket) {
            let isPaused = false;
            socket.start({
              readBuffer: () => new Uint8Array(1024),
              onData(buffer, length) {
                assert.ok(!isPaused);
                seen.push(new TextDecoder().decode(buffer.subarray(0, length)));
                socket.pause();
                isPaused = true;
                setTimeout(() => {
                  isPaused = false;
                  socket.resume();
                }, 5);
              },
              onWritable() {},
              onEnd() {
                assert.ok(!isPaused);
                seen.push("end");
                socket.shutdownWrite();
              },
              onClose(failure) {
                if (failure !== undefined) seen.push(failure.kind);
                all.resolve();
              },
            });
          },
          onAcceptError: (failure) => assert.ifError(failure),
        },
      );
      const peer = await WebSocketPeer.connect(listener.address);
      const frames = ["a", "b", "c"].map((text) =>
        clientFrame(Opcode.Text, bytesOf(text))
      );
      peer.raw(Uint8Array.from(frames.flatMap((frame) => [...frame])));
      end(peer);
      await all.promise;
      assert.deepEqual(seen, ["a", "b", "c", last]);
      peer.destroy();
      await listener.close();
    });
  }

  it("does not report an end in a pause, also if the peer is gone behind it", async () => {
    const seen: string[] = [];
    const all = signal();
    const accepted = signal<Socket>();
    let isPaused = false;
    const listener = await overWebSockets(adapter).listen(
      { address: tcp("127.0.0.1", 0), backlog: 1, reusePort: false },
      {
        onAccept(socket) {
          socket.start({
            readBuffer: () => new Uint8Array(1024),
            onData() {
              socket.pause();
              isPaused = true;
              accepted.resolve(socket);
            },
            onWritable() {},
            onEnd() {
              seen.push(isPaused ? "end in a pause" : "end");
              socket.shutdownWrite();
            },
            onClose(failure) {
              seen.push(failure?.kind ?? "closed");
              all.resolve();
            },
          });
        },
        onAcceptError: (failure) => assert.ifError(failure),
      },
    );
    const peer = await WebSocketPeer.connect(listener.address);
    peer.write(1);
    const socket = await accepted.promise;
    peer.end();
    peer.cut();
    await sleep(50);
    assert.deepEqual(seen, []);
    isPaused = false;
    socket.resume();
    await all.promise;
    assert.deepEqual(seen, ["end", "closed"]);
    peer.destroy();
    await listener.close();
  });

  const failures: [
    how: string,
    fail: (peer: WebSocketPeer) => void,
    reason: new (...args: never[]) => Error,
  ][] = [
    ["is closed with a code", (peer) => peer.end(4000), WebSocketClosedError],
    [
      "breaks the protocol",
      (peer) => peer.frame(3, bytesOf("")),
      WebSocketProtocolError,
    ],
  ];
  for (const [how, fail, reason] of failures) {
    it(`that ${how} while reading is paused hands out first what it read before`, async () => {
      const seen: string[] = [];
      let resume = () => {};
      await serving({}, async (server) => {
        const peer = await WebSocketPeer.connect(server.address);
        peer.frame(Opcode.Text, bytesOf("a\nb\n"));
        await eventually(() => seen.length === 1, "the first line");
        fail(peer);
        await peer.closed;
        await sleep(20);
        assert.deepEqual(seen, ["a"]);
        resume();
        assert.ok(await server.closed.promise instanceof reason);
        assert.deepEqual(seen, ["a", "b"]);
      }, {
        onMessage(line, ctx) {
          seen.push(line);
          if (seen.length > 1) return;
          ctx.pauseReading();
          resume = () => ctx.resumeReading();
        },
      });
    });
  }

  it("tells the path, the query, the subprotocol and the headers", () => {
    const seen = signal<unknown[]>();
    return serving({ protocols: ["b", "a"] }, async (server) => {
      const headers = { "Sec-WebSocket-Protocol": "a, b", "X-User": "ann" };
      const text = request("/?x=1", headers);
      const peer = await WebSocketPeer.open(server.address, text);
      assert.match(peer.answer, /sec-websocket-protocol: b\r\n/i);
      assert.deepEqual(await seen.promise, ["/", "?x=1", "b", "ann"]);
      peer.destroy();
    }, {
      onConnected({ socket }) {
        const info = webSocketOf(socket);
        seen.resolve([
          info?.path,
          info?.query,
          info?.protocol,
          info?.headers.get("x-user"),
        ]);
      },
    });
  });

  const broken: [
    what: string,
    send: (peer: WebSocketPeer) => void,
    code: number,
    reason: new (...args: never) => Error,
  ][] = [
    [
      "a frame that is not masked",
      (peer) => peer.frame(Opcode.Binary, bytesOf("a"), { isMasked: false }),
      1002,
      WebSocketProtocolError,
    ],
    [
      "a frame of no kind",
      (peer) => peer.frame(3, bytesOf("a")),
      1002,
      WebSocketProtocolError,
    ],
    [
      "a continuation of nothing",
      (peer) => peer.frame(Opcode.Continuation, bytesOf("a")),
      1002,
      WebSocketProtocolError,
    ],
    [
      "text that is not UTF-8",
      (peer) => peer.frame(Opcode.Text, Uint8Array.of(0xff)),
      1007,
      WebSocketProtocolError,
    ],
    [
      "a message that says to be larger than maxPayload",
      (peer) => peer.frame(Opcode.Binary, bytesOf("a"), { length: 2 ** 40 }),
      1009,
      MessageTooLargeError,
    ],
    [
      "a message that says to be larger than a number can tell",
      (peer) => peer.frame(Opcode.Binary, bytesOf("a"), { length: 2 ** 60 }),
      1009,
      MessageTooLargeError,
    ],
    [
      "a message of 20,000 fragments, though they are small",
      (peer) => {
        peer.frame(Opcode.Binary, new Uint8Array(0), { isLast: false });
        for (let i = 0; i < 20_000; i++) {
          const part = new Uint8Array(i < 500 ? 1 : 0);
          peer.frame(Opcode.Continuation, part, { isLast: false });
        }
      },
      1008,
      MessageTooLargeError,
    ],
    [
      "fragments that are larger than maxPayload together",
      (peer) => {
        peer.frame(Opcode.Binary, new Uint8Array(600), { isLast: false });
        peer.frame(Opcode.Continuation, new Uint8Array(600));
      },
      1009,
      MessageTooLargeError,
    ],
    [
      "what its codec finds too large",
      (peer) => peer.frame(Opcode.Text, bytesOf("a".repeat(200))),
      1009,
      FrameTooLargeError,
    ],
  ];
  for (const [what, send, code, reason] of broken) {
    it(`${what} closes it with code ${code} and ${reason.name}`, () =>
      serving({ maxPayload: 1000 }, async (server) => {
        const peer = await WebSocketPeer.connect(server.address);
        send(peer);
        await peer.ended;
        assert.equal(peer.closeCode, code);
        peer.end(code);
        assert.ok(await server.closed.promise instanceof reason);
        await peer.closed;
      }));
  }

  it("is closed by 1011 and nothing else if a handler throws", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.frame(Opcode.Text, bytesOf("a\n"));
      await peer.ended;
      assert.equal(peer.closeCode, 1011);
      assert.equal(peer.control[0].payload.length, 2);
      peer.end();
      assert.ok(await server.closed.promise instanceof HandlerError);
    }, {
      onMessage() {
        throw "secret";
      },
    }));

  const told: [what: string, reason: Error, code: number, text: string][] = [
    ["an error of a codec", new CodecError("no"), 1002, ""],
    ["a time limit", new IdleTimeoutError("no"), 1008, ""],
    ["any other error", new Error("no"), 1011, ""],
    [
      "a code and 123 bytes of text",
      new WebSocketClosedError(4001, "x".repeat(123)),
      4001,
      "x".repeat(123),
    ],
    [
      "a code and more text than has room",
      new WebSocketClosedError(4001, "ü".repeat(62)),
      4001,
      "",
    ],
    ["a code that is never sent", new WebSocketClosedError(1005), 1011, ""],
    ["a number that is not a code", new WebSocketClosedError(1000.5), 1011, ""],
  ];
  for (const [what, reason, code, text] of told) {
    it(`that is closed with ${what} tells its peer code ${code} and ${text.length} characters`, () =>
      serving({}, async (server) => {
        const peer = await WebSocketPeer.connect(server.address);
        peer.frame(Opcode.Text, bytesOf("a\n"));
        await peer.ended;
        assert.equal(peer.closeCode, code);
        const { payload } = peer.control[0];
        assert.equal(new TextDecoder().decode(payload.subarray(2)), text);
        peer.end();
        assert.equal(await server.closed.promise, reason);
      }, { onMessage: (_line, ctx) => ctx.close(reason) }));
  }

  it("is closed with the code and the text of a WebSocketClosedError", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.frame(Opcode.Text, bytesOf("a\n"));
      await peer.ended;
      assert.equal(peer.closeCode, 4001);
      const [{ payload }] = peer.control;
      assert.equal(new TextDecoder().decode(payload.subarray(2)), "taken");
      peer.destroy();
    }, {
      onMessage: (_line, ctx) =>
        ctx.close(new WebSocketClosedError(4001, "taken")),
    }));

  it("ends with WebSocketClosedError if the peer closes with a code that tells of a failure", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.end(4242, "bored");
      const reason = await server.closed.promise;
      assert.ok(reason instanceof WebSocketClosedError);
      assert.equal(reason.code, 4242);
      assert.equal(reason.text, "bored");
      assert.equal(peer.closeCode, 4242);
      await peer.closed;
    }));

  it("ends with TruncatedConnectionError if the connection ends without a close frame", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.cut();
      const reason = await server.closed.promise;
      assert.ok(reason instanceof TruncatedConnectionError, String(reason));
      await peer.closed;
    }));

  it("is told 1001 when the runtime is stopped", () =>
    serving({}, async (server, runtime) => {
      const peer = await WebSocketPeer.connect(server.address);
      const stopped = runtime.stop();
      await peer.ended;
      assert.equal(peer.closeCode, 1001);
      peer.end();
      await stopped;
      assert.ok(await server.closed.promise instanceof RuntimeStoppedError);
    }));

  it("answers the last of many pings, and stays", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      const pings = Array.from(
        { length: 200 },
        (_, i) => clientFrame(Opcode.Ping, Uint8Array.of(i)),
      );
      peer.raw(Uint8Array.from(pings.flatMap((frame) => [...frame])));
      peer.frame(Opcode.Text, bytesOf("a\n"));
      await peer.has(2);
      await eventually(() => peer.control.at(-1)?.payload[0] === 199, "a pong");
      assert.ok(peer.control.every(({ opcode }) => opcode === Opcode.Pong));
      peer.end();
      assert.equal(await server.closed.promise, undefined);
    }));

  it("keeps no more of the answers to pings than one if its peer reads nothing", () =>
    serving({}, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      peer.pause();
      const ping = clientFrame(Opcode.Ping, new Uint8Array(125));
      const pings = Uint8Array.from(
        Array.from({ length: 500 }, () => [...ping]).flat(),
      );
      for (let i = 0; i < 200; i++) await peer.drained(pings);
      peer.frame(Opcode.Text, bytesOf("a\n"));
      peer.resume();
      await peer.has(2);
      peer.end();
      assert.equal(await server.closed.promise, undefined);
    }));

  it("sends a silent peer pings, and goes on as long as they are answered", () =>
    serving({ pingIntervalMs: 20, pongTimeoutMs: 1000 }, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      for (let count = 1; count <= 3; count++) {
        await eventually(() => peer.control.length === count, "a ping");
        assert.equal(peer.control[count - 1].opcode, Opcode.Ping);
        peer.frame(Opcode.Pong, bytesOf(""));
      }
      peer.frame(Opcode.Text, bytesOf("a\n"));
      await peer.has(2);
      peer.destroy();
    }));

  it("is aborted with WebSocketPongTimeoutError if a ping is not answered", () =>
    serving({ pingIntervalMs: 20, pongTimeoutMs: 20 }, async (server) => {
      const peer = await WebSocketPeer.connect(server.address);
      const reason = await server.closed.promise;
      assert.ok(reason instanceof WebSocketPongTimeoutError);
      assert.match(reason.message, /within 20 ms \(pongTimeoutMs\)/);
      await peer.closed;
    }));
});

describe("overWebSocket", () => {
  it("passes on all that a listener tells its handler", () =>
    withRuntimeOn(adapter, {}, async (runtime) => {
      const told: string[] = [];
      const handler = overWebSocket({
        onStartListen: () => void told.push("start"),
        onNewConnection: none.onNewConnection,
        onDrop: (reason) => void told.push(reason),
        onCloseListen: () => void told.push("close"),
      });
      const listener = await runtime.listen(ANY_PORT, handler);
      await WebSocketPeer.open(listener.address, "no request\r\n\r\n");
      await eventually(() => told.length === 2, "the drop is told");
      await listener.close();
      assert.deepEqual(told, ["start", "handshakeFailed", "close"]);
    }));
});

describe("a WebSocket of a client", () => {
  it("talks to a server that is not of the library", () =>
    withRuntimeOn(adapter, {}, async (runtime) => {
      const other = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      other.on("connection", (socket: OtherSocket) => {
        socket.on("message", (bytes) => socket.send(bytes));
      });
      await new Promise((resolve) => other.on("listening", resolve));
      const { port } = other.address() as { port: number };
      const { address, options } = webSocketClient(`ws://127.0.0.1:${port}/a`);
      const client = await connectMessages(runtime, address, lines(), options);
      await client.send("hello");
      assert.equal(await client.receive(), "hello");
      await client.close();
      await new Promise((resolve) => other.close(resolve));
    }));

  it("speaks TLS with a URL of wss:, to a listener with tls", () =>
    withRuntimeOn(adapter, {}, async (runtime) => {
      const server = new Server({});
      await server.listen(runtime as ReactRuntime, { tls: credential });
      const { port } = server.address as { port: number };
      const target = webSocketClient(`wss://127.0.0.1:${port}/`, {
        tls: { ca, serverName: "localhost" },
      });
      const client = await connectMessages(
        runtime,
        target.address,
        lines(),
        target.options,
      );
      await client.send("hello");
      assert.equal(await client.receive(), "HELLO");
      await client.close();
      assert.equal(await server.closed.promise, undefined);
    }));

  it("names the user of its URL", () => {
    const seen = signal<string | undefined>();
    return serving({}, async (server, runtime) => {
      const { options } = webSocketClient("ws://ann:p%C3%A4ss@localhost/");
      const client = framed(lines(), { onMessage() {} });
      await runtime.connect(server.address as TcpAddress, client, options);
      assert.equal(await seen.promise, "Basic YW5uOnDDpHNz");
    }, {
      onConnected: ({ socket }) =>
        seen.resolve(webSocketOf(socket)?.headers.get("authorization")),
    });
  });

  it("starts TLS within a WebSocket, if both ends do", () => {
    const started = signal<string | undefined>();
    const closed = signal<Error | undefined>();
    return serving({}, async (server, runtime) => {
      const { options } = webSocketClient("ws://localhost/");
      const client = framed(lines(), {
        onConnected: (ctx) => void ctx.send("STARTTLS"),
        onMessage(line, ctx) {
          if (line !== "ready") return ctx.close();
          ctx.startTls({ ca, serverName: "localhost" });
          ctx.send("hello");
        },
        onClose: closed.resolve,
      });
      await runtime.connect(server.address as TcpAddress, client, options);
      assert.equal(await started.promise, "TLSv1.3");
      assert.equal(await closed.promise, undefined);
      assert.equal(await server.closed.promise, undefined);
    }, {
      onMessage(line, ctx) {
        if (line !== "STARTTLS") {
          started.resolve(ctx.socket.tls?.version);
          return void ctx.send(line);
        }
        ctx.send("ready");
        ctx.startTls(credential);
      },
    });
  });

  it("fails with WebSocketHandshakeError, which has the status, if it is refused", () =>
    serving({ path: "/chat" }, async (server, runtime) => {
      const { options } = webSocketClient("ws://localhost/other");
      await assert.rejects(
        connectMessages(runtime, server.address, lines(), options),
        (error) =>
          error instanceof WebSocketHandshakeError && error.status === 404,
      );
    }));

  it("fails with UpgradeTimeoutError where nobody answers", () =>
    withRuntimeOn(adapter, {}, async (runtime) => {
      const { address } = await runtime.listen(ANY_PORT, {
        onNewConnection: () => ({
          reactor: framed(lines(), { onMessage() {} }),
        }),
      });
      const { options } = webSocketClient("ws://localhost/", {
        handshakeTimeoutMs: 50,
      });
      await assert.rejects(
        connectMessages(runtime, address, lines(), options),
        UpgradeTimeoutError,
      );
    }));

  it("has the address of its URL", () => {
    assert.deepEqual(webSocketClient("wss://[::1]/").address, {
      transport: "tcp",
      hostname: "::1",
      port: 443,
    });
    const { address } = webSocketClient("ws://chat.example:81/a?b");
    assert.deepEqual(address, {
      transport: "tcp",
      hostname: "chat.example",
      port: 81,
    });
  });

  const urls = [
    "",
    "chat.example:80",
    "http://a/",
    "ws://a/#b",
    "ws://a:0/",
    "ws://100%@a/",
    Object.create(null) as URL,
  ];
  for (const url of urls) {
    it(`refuses ${JSON.stringify(url)} with InvalidAddressError`, () => {
      assert.throws(() => webSocketClient(url), InvalidAddressError);
    });
  }
});

it("what is no listener handler, or no socket, is refused", () => {
  for (const value of [undefined, null, "x", 7, {}, () => 1]) {
    assert.throws(() => overWebSocket(value as never), InvalidReactorError);
  }
  for (const value of [undefined, null, "x", 7]) {
    assert.throws(() => webSocketOf(value as never), InvalidArgumentError);
  }
});

describe("an option of a WebSocket", () => {
  const wrong: [what: string, make: () => unknown][] = [
    ["that is no path", () => overWebSocket(none, { path: "chat" })],
    ["that is below its range", () => overWebSocket(none, { maxPayload: 0 })],
    [
      "that is no subprotocol",
      () => overWebSocket(none, { protocols: ["a b"] }),
    ],
    [
      "that is no list of origins",
      () => overWebSocket(none, { origins: "all" as "any" }),
    ],
    [
      "that has no headers",
      () => webSocketClient("ws://a/", { headers: 1 as never }),
    ],
    [
      "that is two headers in one",
      () => webSocketClient("ws://a/", { headers: { a: "1\r\nb: 2" } }),
    ],
    [
      "that is a header without a name",
      () => webSocketClient("ws://a/", { headers: { "": "1" } }),
    ],
    [
      "that is an origin of two lines",
      () => webSocketClient("ws://a/", { origin: "http://a\r\nb: 2" }),
    ],
    [
      "that has a subprotocol twice",
      () => webSocketClient("ws://a/", { protocols: ["a", "a"] }),
    ],
    [
      "that has no page",
      () => overWebSocket(none, { pages: { "/": null as never } }),
    ],
    [
      "that has a page without a body",
      () => overWebSocket(none, { pages: { "/": { type: "a" } as never } }),
    ],
    [
      "that has a page of two types",
      () =>
        overWebSocket(none, { pages: { "/": { type: "a\r\nb", body: "" } } }),
    ],
  ];
  for (const [what, make] of wrong) {
    it(`${what} is refused with InvalidOptionError`, () => {
      assert.throws(make, InvalidOptionError);
    });
  }
});
