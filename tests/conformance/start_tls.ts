import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  ConnectionClosedError,
  connectMessages,
  type ConnectOptions,
  framed,
  InvalidCredentialError,
  InvalidOptionError,
  lines,
  type ListenerHandle,
  type MessageContext,
  type MessageHandlers,
  MessageResult,
  PlaintextAfterStartTlsError,
  type Reactor,
  ReactorGroup,
  type ReactRuntime,
  type TcpSocket,
  TlsAlreadyStartedError,
  TlsHandshakeError,
  type TlsInfo,
  type TlsListenOptions,
} from "../../mod.ts";
import * as certificates from "../support/certificates.ts";
import { encrypted } from "../support/encrypted_keys.ts";
import { hearing } from "./diagnostics.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import {
  logging,
  pattern,
  PatternChecker,
  PeerLines,
  quietly,
  signal,
  withRuntime,
} from "./support.ts";

const { ca, server } = certificates;
const TEXT = new TextDecoder();
const BYTES = new TextEncoder();

type Lines = MessageContext<string>;

/**
 * A line-based server that starts TLS on request, and reports for each other
 * line whether it came over TLS.
 */
class Server {
  readonly heard: string[] = [];
  readonly started: Promise<TlsInfo>[] = [];
  readonly closed = signal<Error | undefined>();
  ctx!: Lines;
  readonly #options: TlsListenOptions | undefined;

  constructor(options?: TlsListenOptions) {
    this.#options = options;
  }

  get reactor(): Reactor {
    const handlers: MessageHandlers<string, string> = {
      onConnected: (ctx) => void (this.ctx = ctx),
      onMessage: (line, ctx) => this.#answer(line, ctx),
      onClose: (reason) => this.closed.resolve(reason),
    };
    return framed(lines(), handlers);
  }

  #answer(line: string, ctx: Lines): void {
    this.heard.push(line);
    if (line === "LAST") return;
    if (line !== "STARTTLS") {
      return void ctx.send(`${line} in ${ctx.socket.tls?.version ?? "plain"}`);
    }
    ctx.send("ready");
    this.started.push(ctx.startTls(this.#options));
  }
}

/** A line-based client. */
class Client {
  readonly heard: string[] = [];
  readonly closed = signal<Error | undefined>();
  ctx!: Lines;

  constructor(onLine: (line: string, ctx: Lines) => void) {
    this.#onLine = onLine;
  }

  readonly #onLine: (line: string, ctx: Lines) => void;

  get reactor(): Reactor {
    return framed(lines(), {
      onConnected: (ctx: Lines) => void (this.ctx = ctx),
      onMessage: (line: string, ctx: Lines) => {
        this.heard.push(line);
        this.#onLine(line, ctx);
      },
      onClose: (reason: Error | undefined) => this.closed.resolve(reason),
    });
  }
}

/** Switching a connection to TLS, on every adapter with TLS. */
export function startTlsPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually } = environment;

  const later = { ...server, start: "later" } as const;
  const trusting = { ca, serverName: "localhost" };

  /** Runs `body` with a server for the next connection. */
  const withServer = (
    body: (
      served: Server,
      handle: ListenerHandle,
      runtime: ReactRuntime,
    ) => Promise<void>,
    tls: TlsListenOptions | undefined = later,
    options?: TlsListenOptions,
  ) =>
    withRuntime(adapter, {}, async (runtime) => {
      const served = new Server(options);
      const handle = await runtime.listen(anyPort, {
        onNewConnection: () => ({ reactor: served.reactor }),
      }, { tls });
      await body(served, handle, runtime);
    });

  const connect = async (
    runtime: ReactRuntime,
    { address }: ListenerHandle,
    onLine: (line: string, ctx: Lines) => void,
    tls?: ConnectOptions["tls"],
  ) => {
    const client = new Client(onLine);
    await runtime.connect(address, client.reactor, { tls });
    return client;
  };

  describe(`${adapter.name}: a connection that starts TLS`, () => {
    for (
      const [how, listen, connectTls, options] of [
        ["of the listener and the connect", later, {
          ...trusting,
          start: "later",
        }, undefined],
        ["that is given to it", undefined, undefined, trusting],
      ] as const
    ) {
      it(`speaks that ${how}; what was sent before goes out in plain, what is sent after it in TLS`, async () => {
        await withServer(
          async (served, handle, runtime) => {
            const order: string[] = [];
            const started: Promise<TlsInfo>[] = [];
            const client = await connect(runtime, handle, (line, ctx) => {
              order.push(line);
              if (line === "ready") {
                started.push(ctx.startTls(options));
                started[0].then(() => order.push("started"));
                ctx.send("EHLO");
              }
              if (line === "EHLO in TLSv1.3") ctx.close();
            }, connectTls);
            order.push(client.ctx.socket.tls?.version ?? "none");
            client.ctx.send("HELO");
            client.ctx.send("STARTTLS");
            assert.equal(await client.closed.promise, undefined);
            assert.equal(await served.closed.promise, undefined);
            assert.deepEqual(order, [
              "none",
              "HELO in plain",
              "ready",
              "started",
              "EHLO in TLSv1.3",
            ]);
            assert.deepEqual(served.heard, ["HELO", "STARTTLS", "EHLO"]);
            const [mine] = await Promise.all(started);
            assert.equal(mine, client.ctx.socket.tls);
            assert.equal(mine.isAuthorized, true);
            assert.equal(mine.serverName, "localhost");
            const [theirs] = await Promise.all(served.started);
            assert.equal(theirs, served.ctx.socket.tls);
            assert.equal(theirs.serverName, "localhost");
          },
          listen,
          options === undefined ? undefined : server,
        );
      });
    }

    for (const behind of ["NOOP\n", "NO", "\0"]) {
      it(`is aborted if ${JSON.stringify(behind)} was received behind the request for it, and no handler gets that`, async () => {
        const log = new PeerLines();
        await logging(
          log.sink,
          () =>
            withServer(async (served, { address }) => {
              const peer = await connectPeer(address);
              peer.send(BYTES.encode(`STARTTLS\n${behind}`));
              const reason = await served.closed.promise;
              assert.ok(reason instanceof PlaintextAfterStartTlsError);
              assert.match(reason.message, new RegExp(`${behind.length} byte`));
              await assert.rejects(
                served.started[0],
                (error) => error === reason,
              );
              await Promise.race([peer.closed, peer.ended]);
              assert.deepEqual(served.heard, ["STARTTLS"]);
              peer.destroy();
            }),
        );
        assert.equal(log.count, 1);
        assert.match(`${log.lines[0].parts[0]}`, /startTls failed/);
      });
    }

    it("fails if plaintext arrives later, and no handler gets that", async () => {
      await quietly(() =>
        withServer(async (served, { address }) => {
          const peer = await connectPeer(address);
          peer.send(BYTES.encode("STARTTLS\n"));
          await peer.has("ready\n".length);
          assert.equal(
            peer.chunks.map((b) => TEXT.decode(b)).join(""),
            "ready\n",
          );
          peer.send(BYTES.encode("NOOP\nQUIT\n"));
          const reason = await served.closed.promise;
          assert.ok(reason instanceof TlsHandshakeError, `${reason}`);
          assert.equal(reason.reason, "not-tls");
          assert.match(reason.message, /^Cannot start TLS with /);
          await Promise.race([peer.closed, peer.ended]);
          assert.deepEqual(served.heard, ["STARTTLS"]);
          peer.destroy();
        })
      );
    });

    it("as a client is aborted likewise", async () => {
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const client = await connect(runtime, handle, (_line, ctx) => {
            ctx.startTls(trusting);
          });
          await eventually(() => served.ctx !== undefined, "it is accepted");
          served.ctx.sendOrQueue(BYTES.encode("ready\nEVIL"));
          const reason = await client.closed.promise;
          assert.ok(reason instanceof PlaintextAfterStartTlsError);
          assert.deepEqual(client.heard, ["ready"]);
        })
      );
    });

    it("is closed if the handshake takes too long, by a line of log; what was to be sent then fails", async () => {
      const log = new PeerLines();
      await logging(log.sink, () =>
        withServer(async (served, { address }) => {
          const peer = await connectPeer(address);
          peer.send(BYTES.encode("STARTTLS\n"));
          await eventually(() => served.started.length > 0, "it has begun");
          const lost = signal<Error | undefined>();
          served.ctx.send("in TLS", (result) =>
            lost.resolve(result.ok ? undefined : result.error));
          const reason = await served.closed.promise;
          assert.ok(reason instanceof TlsHandshakeError);
          assert.equal(reason.reason, "timeout");
          assert.match(reason.message, /40 ms \(handshakeTimeoutMs\)/);
          assert.equal(await lost.promise, reason);
          await assert.rejects(served.started[0], (error) =>
            error === reason);
          await Promise.race([peer.closed, peer.ended]);
          assert.equal(peer.received, "ready\n".length);
          peer.destroy();
        }, { ...later, handshakeTimeoutMs: 40 }));
      assert.equal(log.count, 1);
    });

    it("is closed if the peer reads nothing of what is to go out in plain before", async () => {
      await quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const served = watched({
            onConnected(ctx) {
              ctx.sendOrQueue(new Uint8Array(2 ** 23));
              ctx.startTls({ ...server, handshakeTimeoutMs: 60 });
            },
          });
          const { address } = await runtime.listen(anyPort, {
            onNewConnection: () => ({
              reactor: served.reactor,
              maxSendQueue: 2 ** 24,
            }),
          });
          const peer = await connectPeer(address);
          peer.pause();
          const reason = await served.closed;
          assert.ok(reason instanceof TlsHandshakeError, `${reason}`);
          assert.equal(reason.reason, "timeout");
          peer.destroy();
        })
      );
    });

    it("is closed if the certificate of the server is wrong", async () => {
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const client = await connect(runtime, handle, (_line, ctx) => {
            ctx.startTls({ ca, serverName: "other.example" });
          });
          client.ctx.send("STARTTLS");
          const reason = await client.closed.promise;
          assert.ok(reason instanceof TlsHandshakeError);
          assert.equal(reason.reason, "wrong-name");
          await served.closed.promise;
        })
      );
    });

    it("is not started twice, nor when it is closing, nor with anything but TLS options", async () => {
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const errors: unknown[] = [];
          const [locked] = encrypted(certificates.client, "sesame");
          const failing = (call: () => unknown) => {
            try {
              call();
              errors.push(undefined);
            } catch (error) {
              errors.push((error as Error).constructor);
            }
          };
          const client = await connect(runtime, handle, (line, ctx) => {
            if (line === "ready") {
              failing(() => ctx.startTls());
              failing(() => ctx.startTls({ cert: "x" }));
              failing(() => ctx.startTls({ ...locked, passphrase: "open" }));
              failing(() => ctx.startTls({ handshakeTimeoutMs: 0 }));
              ctx.startTls(trusting);
              failing(() => ctx.startTls(trusting));
              ctx.send("EHLO");
              return;
            }
            failing(() => ctx.startTls(trusting));
            failing(() => served.ctx.startTls());
            failing(() => served.ctx.startTls(true));
            ctx.close();
            failing(() => ctx.startTls(trusting));
          });
          client.ctx.send("STARTTLS");
          assert.equal(await client.closed.promise, undefined);
          assert.deepEqual(errors, [
            InvalidOptionError,
            InvalidCredentialError,
            InvalidCredentialError,
            InvalidOptionError,
            TlsAlreadyStartedError,
            TlsAlreadyStartedError,
            TlsAlreadyStartedError,
            TlsAlreadyStartedError,
            ConnectionClosedError,
          ]);
        })
      );
    });

    it("is not started where the connection began with it, with options or without", async () => {
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const { ctx } = await connect(runtime, handle, () => {}, trusting);
          await eventually(() => served.ctx !== undefined, "it is served");
          for (const end of [ctx, served.ctx]) {
            for (const options of [undefined, trusting, server]) {
              assert.throws(
                () => end.startTls(options),
                TlsAlreadyStartedError,
              );
            }
          }
        }, server)
      );
    });

    it("sends much that was queued before in plain, and much in TLS after it, to a peer that is slow", async () => {
      const total = 2 ** 20 - 1000; // leaves room in its buffer
      await withRuntime(adapter, {}, async (runtime) => {
        const sending = watched({
          onInboundMessage(buf, ctx) {
            // The first bytes after the switch would fit into the buffer of the
            // last ones before it.
            ctx.sendOrQueue(pattern(0, total - 100));
            ctx.sendOrQueue(pattern(total - 100, 100));
            ctx.startTls(server);
            ctx.sendOrQueue(pattern(total, 100));
            ctx.sendOrQueue(pattern(total + 100, total - 100));
            ctx.end();
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        const handle = await runtime.listen(anyPort, {
          onNewConnection: () => ({ reactor: sending.reactor }),
        });
        const checker = new PatternChecker();
        let reads = 0;
        const receiving = watched({
          onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
          onInboundMessage(buf, ctx) {
            checker.check(buf);
            if (checker.received === total) ctx.startTls(trusting);
            if (++reads % 5 === 0) {
              ctx.pauseReading();
              ctx.after(1, () => ctx.resumeReading());
            }
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await runtime.connect(handle.address, receiving.reactor);
        assert.equal(await receiving.closed, undefined);
        assert.equal(await sending.closed, undefined);
        assert.equal(checker.received, 2 * total);
        assert.equal(
          (await receiving.connected).socket.tls?.isAuthorized,
          true,
        );
      });
    });

    it("sends to its groups what is sent before it in plain, and what is sent after it in TLS, to a peer that is slow", async () => {
      const [large, small] = [2 ** 23, 1500]; // two small ones share a buffer
      await withRuntime(adapter, {}, async (runtime) => {
        const sending = watched();
        const handle = await runtime.listen(anyPort, {
          onNewConnection: () => ({ reactor: sending.reactor }),
        });
        const checker = new PatternChecker();
        const receiving = watched({
          onConnected: (ctx) => ctx.pauseReading(),
          onInboundMessage(buf, ctx) {
            const plainLeft = large + small - checker.received;
            const size = plainLeft > 0
              ? Math.min(plainLeft, buf.length)
              : buf.length;
            checker.check(buf.subarray(0, size));
            if (size === plainLeft) ctx.startTls(trusting);
            return MessageResult.dropMsgSize(size);
          },
        });
        await runtime.connect(handle.address, receiving.reactor);
        const ctx = await sending.connected;
        const group = new ReactorGroup({ highWaterMark: 2 ** 24 });
        group.add(ctx);
        ctx.sendOrQueue(pattern(0, large));
        group.send(pattern(large, small));
        ctx.startTls(server);
        group.send(pattern(large + small, small));
        ctx.end();
        (await receiving.connected).resumeReading();
        assert.equal(await receiving.closed, undefined);
        assert.equal(checker.received, large + 2 * small);
      });
    });

    it("that pauses stays paused, and its messages come when it resumes", async () => {
      await withServer(async (served, handle, runtime) => {
        const client = await connect(runtime, handle, (line, ctx) => {
          if (line === "ready") {
            ctx.startTls(trusting);
            ctx.pauseReading();
            ctx.send("EHLO");
          } else ctx.close();
        });
        client.ctx.send("STARTTLS");
        await eventually(() => served.heard.includes("EHLO"), "it is heard");
        await environment.sleep(20);
        assert.deepEqual(client.heard, ["ready"]);
        client.ctx.resumeReading();
        assert.equal(await client.closed.promise, undefined);
        assert.deepEqual(client.heard, ["ready", "EHLO in TLSv1.3"]);
      });
    });

    it("that is closed meanwhile finishes the handshake, and sends what was sent; one that is aborted does not", async () => {
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const closing = await connect(runtime, handle, (_line, ctx) => {
            ctx.startTls(trusting);
            ctx.send("LAST");
            ctx.close();
          });
          closing.ctx.send("STARTTLS");
          assert.equal(await closing.closed.promise, undefined);
          assert.equal(await served.closed.promise, undefined);
          assert.deepEqual(served.heard, ["STARTTLS", "LAST"]);
        })
      );
      await quietly(() =>
        withServer(async (served, handle, runtime) => {
          const started: Promise<TlsInfo>[] = [];
          const aborted = await connect(runtime, handle, (_line, ctx) => {
            started.push(ctx.startTls(trusting));
            ctx.abort();
          });
          await eventually(() => served.ctx !== undefined, "it is accepted");
          served.ctx.send("ready");
          assert.equal(await aborted.closed.promise, undefined);
          await assert.rejects(started[0], ConnectionClosedError);
          await served.closed.promise;
        })
      );
    });

    it("that a stop aborts meanwhile is reported before stop resolves", async () => {
      await withServer((served, { address }, runtime) =>
        hearing(runtime, "reactio:connection:close", async (closed) => {
          const peer = await connectPeer(address);
          peer.send(BYTES.encode("STARTTLS\n"));
          await peer.has("ready\n".length);
          await environment.sleep(5); // during the handshake
          await runtime.stop({ graceMs: 0 });
          assert.equal(closed.length, 1);
          assert.equal(closed[0].id, served.ctx.id);
          assert.equal(closed[0].reason?.name, "RuntimeStoppedError");
          peer.destroy();
        })
      );
    });

    it("starts it while its messages are pulled; a message sent in plaintext is refused", async () => {
      await withRuntime(adapter, {}, async (runtime) => {
        const served = acceptMessages(lines(), async (connection) => {
          for await (const line of connection) {
            if (line === "STARTTLS") {
              connection.send("ready");
              await connection.startTls();
            } else {
              await connection.send(connection.tls?.version ?? "plain");
            }
          }
        });
        const { address } = await runtime.listen(anyPort, served, {
          tls: later,
        });
        const client = await connectMessages(runtime, address, lines());
        client.send("STARTTLS");
        assert.equal(await client.receive(), "ready");
        assert.ok((await client.startTls(trusting)).isAuthorized);
        client.send("EHLO");
        assert.equal(await client.receive(), "TLSv1.3");
        await client.close();
        await client.whenClosed;
      });
      await quietly(() =>
        withServer(async (served, { address }, runtime) => {
          const client = await connectMessages(runtime, address, lines());
          await eventually(() => served.ctx !== undefined, "it is accepted");
          served.ctx.sendOrQueue(BYTES.encode("ready\nEVIL\n"));
          assert.equal(await client.receive(), "ready");
          await assert.rejects(
            client.startTls(trusting),
            PlaintextAfterStartTlsError,
          );
          await assert.rejects(client.receive(), PlaintextAfterStartTlsError);
        })
      );
    });

    for (
      const [start, other] of [["later", "now"], ["now", "later"]] as const
    ) {
      it(`starts it ${start} as given to listen, whatever setTls says`, async () => {
        await withServer(async (served, handle, runtime) => {
          const { cert, key } = certificates.renewed;
          for (const said of [undefined, other]) {
            handle.setTls({ cert, key, start: said });
            const client = await connect(
              runtime,
              handle,
              (line, ctx) => ctx.close(new Error(line)),
              { ...trusting, start },
            );
            client.ctx.send("HELO");
            const version = start === "now" ? "TLSv1.3" : "plain";
            const reason = await client.closed.promise;
            assert.equal(reason?.message, `HELO in ${version}`);
          }
          assert.equal(served.heard.length, 2);
        }, { ...server, start });
      });
    }

    it("shows in the socket that onNewConnection got, too", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const served = new Server(server);
        let given!: TcpSocket;
        const handle = await runtime.listen(anyPort, {
          onNewConnection(_listener, socket) {
            given = socket;
            return { reactor: served.reactor };
          },
        });
        const client = await connect(runtime, handle, (_line, ctx) => {
          ctx.startTls(trusting).then(() => ctx.close());
        });
        client.ctx.send("STARTTLS");
        assert.equal(await served.closed.promise, undefined);
        assert.equal(given.tls?.version, "TLSv1.3");
      }));

    it("uses the certificate that its listener has when it starts", async () => {
      await quietly(() =>
        withServer(async (_served, handle, runtime) => {
          const client = await connect(runtime, handle, (line, ctx) => {
            if (line !== "ready") return;
            ctx.startTls(trusting).then(({ peerCertificate }) => {
              ctx.close(new Error(peerCertificate?.subject));
            });
          });
          await eventually(() => handle.connectionCount === 1, "it is in");
          const { cert, key } = certificates.renewed;
          handle.setTls({ cert, key });
          client.ctx.send("STARTTLS");
          const reason = await client.closed.promise;
          assert.equal(reason?.message, "renewed");
        })
      );
    });
  });
}
