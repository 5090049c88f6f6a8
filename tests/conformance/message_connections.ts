import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  type Address,
  CodecError,
  ConnectCancelledError,
  ConnectionBusyError,
  ConnectionClosedError,
  ConnectionRefusedError,
  ConnectionResetError,
  type ConnectionServer,
  connectMessages,
  type ConnectOptions,
  INVALID_REACTOR_ID,
  InvalidCodecError,
  InvalidOptionError,
  InvalidReactorError,
  type MessageConnection,
  ReactRuntime,
  ReceiveCancelledError,
  ReceiveTimeoutError,
  RuntimeStoppedError,
  SendQueueFullError,
  TruncatedMessageError,
  unframed,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import {
  frameOf,
  framesOf,
  MAX_TEXT,
  texts,
  textsOf,
} from "./message_codecs.ts";
import { acceptPulled } from "./pulled.ts";
import { steady } from "./steady.ts";
import {
  logging,
  pattern,
  PatternChecker,
  PeerLines,
  quietly,
  signal,
  withRuntime,
  withTwoRuntimes,
} from "./support.ts";

type TextConnection = MessageConnection<string>;

/** Connections whose messages are pulled. */
export function messageConnectionPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  const listen = async (
    runtime: ReactRuntime,
    serve: ConnectionServer<string, string>,
    options: ConnectOptions = {},
  ): Promise<Address> => {
    const handler = acceptMessages(texts, serve, options);
    return (await runtime.listen(anyPort, handler)).address;
  };

  const accept = (runtime: ReactRuntime, options?: ConnectOptions) =>
    acceptPulled(environment, runtime, texts, options);

  describe(`${adapter.name}: a connection whose messages are pulled`, () => {
    it("answers each of 300 messages, sent at once, in a loop, which ends with the peer's FIN", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const all = Array.from({ length: 300 }, (_, i) => "x".repeat(i));
        const counts: number[] = [];
        const address = await listen(runtime, async (connection) => {
          let count = 0;
          for await (const message of connection) {
            count++;
            await connection.send(message);
          }
          counts.push(count);
        });
        const client = await connectMessages(runtime, address, texts);
        const received: string[] = [];
        const receiving = (async () => {
          for await (const message of client) received.push(message);
        })();
        for (const text of all) await client.send(text);
        await client.end();
        await receiving;
        assert.deepEqual(received, all);
        assert.equal(await client.whenClosed, undefined);
        assert.deepEqual(counts, [300]);
      }));

    it("knows its id and its addresses", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const ends: TextConnection[] = [];
        const address = await listen(runtime, async (connection) => {
          ends.push(connection);
          await connection.receive();
        });
        const client = await connectMessages(runtime, address, texts);
        await eventually(() => ends.length === 1, "it is accepted");
        const [server] = ends;
        assert.deepEqual(client.remoteAddress, server.localAddress);
        assert.deepEqual(client.localAddress, server.remoteAddress);
        assert.notEqual(client.id, INVALID_REACTOR_ID);
        await client.close();
        assert.equal(await client.whenClosed, undefined);
      }));

    it("receives one message at a time; two calls at once get them in order", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        const both = Promise.all([connection.receive(), connection.receive()]);
        await sleep(10);
        peer.send(framesOf("a", "b", "c"));
        assert.deepEqual(await both, ["a", "b"]);
        assert.equal(await connection.receive(), "c");
        peer.end();
        assert.equal(await connection.receive(), undefined);
        assert.equal(await connection.receive(), undefined);
        leave();
        await peer.ended;
      }));

    it("may receive more inside its own loop", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        peer.send(framesOf("head", "body", "head", "body"));
        peer.end();
        const bodies: unknown[] = [];
        for await (const message of connection) {
          assert.equal(message, "head");
          bodies.push(await connection.receive());
        }
        assert.deepEqual(bodies, ["body", "body"]);
        leave();
      }));

    it("keeps the bytes that it was given: nothing that is read later overwrites them", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pieces: Uint8Array[] = [];
        const done = signal();
        const { address } = await runtime.listen(
          anyPort,
          acceptMessages(unframed(1000), async (connection) => {
            for await (const piece of connection) {
              assert.ok(piece.length <= 1000);
              pieces.push(piece);
            }
            done.resolve();
          }),
        );
        const peer = await connectPeer(address);
        peer.send(pattern(0, 50_000));
        peer.end();
        await done.promise;
        const checker = new PatternChecker();
        for (const piece of pieces) checker.check(piece);
        assert.equal(checker.received, 50_000);
      }));
  });

  describe(`${adapter.name}: a connection whose messages nobody pulls`, () => {
    it("makes its peer wait: 64 MiB stay with the sender, and none of it is decoded", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const decoded: number[] = [];
        const opened = signal<MessageConnection<Uint8Array>>();
        const plain = unframed();
        const counting = {
          maxFrameSize: plain.maxFrameSize,
          frameSize: plain.frameSize.bind(plain),
          encode: plain.encode.bind(plain),
          decode(bytes: Uint8Array, start: number, end: number) {
            decoded.push(end - start);
            return plain.decode(bytes, start, end);
          },
        };
        const left = signal();
        const { address } = await runtime.listen(
          anyPort,
          acceptMessages(counting, (connection) => {
            opened.resolve(connection);
            return left.promise;
          }),
        );
        const client = await connectMessages(runtime, address, plain);
        const server = await opened.promise;
        const total = 64 * 2 ** 20;
        let sent = 0;
        const sending = (async () => {
          const chunk = pattern(0, 65536);
          while (sent < total) {
            await client.send(chunk);
            sent += chunk.length;
          }
          await client.end();
        })();
        await stalled(() => sent);
        assert.ok(sent < total, "the sender waits");
        assert.equal(decoded.length, 0);
        assert.ok(await server.receive() !== undefined);
        await sleep(20);
        assert.equal(
          decoded.length,
          1,
          "one is decoded for one that is pulled",
        );
        let received = decoded[0];
        for await (const piece of server) received += piece.length;
        await sending;
        assert.equal(received, total);
        left.resolve();
        assert.equal(await client.receive(), undefined);
        assert.equal(await client.whenClosed, undefined);
      }));

    it("is not idle: its time limit begins with the next receive", () =>
      withRuntime(
        steady(environment).adapter,
        { idleTimeoutMs: 30 },
        async (runtime) => {
          const { peer, connection, leave } = await accept(runtime);
          await sleep(100);
          peer.send(frameOf("a"));
          assert.equal(await connection.receive(), "a");
          leave();
          await peer.ended;
          peer.end();
          assert.equal(await connection.whenClosed, undefined);
        },
      ));

    /** Resolves when `count` has stopped growing. */
    async function stalled(count: () => number): Promise<void> {
      let before = -1;
      while (before !== count() || before === 0) {
        before = count();
        await sleep(100);
      }
    }
  });

  describe(`${adapter.name}: the end of a connection whose messages are pulled`, () => {
    for (const way of ["break", "return", "throw"] as const) {
      it(`leaving its loop by ${way} closes it, and what was sent goes out`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const { peer, connection, leave } = await accept(runtime);
          const error = new Error("enough");
          const leaveLoop = async () => {
            for await (const message of connection) {
              void connection.send(`${message}!`);
              if (way === "break") break;
              if (way === "return") return;
              throw error;
            }
          };
          peer.send(framesOf("a", "b"));
          const leaving = leaveLoop();
          if (way === "throw") {
            await assert.rejects(leaving, (thrown) => thrown === error);
          } else await leaving;
          await peer.ended;
          assert.deepEqual(textsOf(peer.chunks), ["a!"]);
          assert.equal(await connection.receive(), undefined);
          peer.end();
          assert.equal(await connection.whenClosed, undefined);
          leave();
        }));
    }

    it("a loop that the peer has ended leaves it half open", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        peer.send(frameOf("a"));
        peer.end();
        const received: string[] = [];
        for await (const message of connection) received.push(message);
        assert.deepEqual(received, ["a"]);
        await sleep(10);
        await connection.send("still here");
        await peer.has(frameOf("still here").length);
        leave();
        await peer.ended;
        assert.equal(await connection.whenClosed, undefined);
      }));

    it("end() sends FIN behind what was sent, and messages still come in", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        void connection.send("a");
        await connection.end();
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["a"]);
        await assert.rejects(connection.send("b"), ConnectionClosedError);
        peer.send(frameOf("c"));
        assert.equal(await connection.receive(), "c");
        peer.end();
        assert.equal(await connection.receive(), undefined);
        assert.equal(await connection.whenClosed, undefined);
        leave();
      }));

    it("close() ends waiting receives, and gives them and whenClosed its reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const reason of [undefined, new Error("over")]) {
          const { peer, connection, leave } = await accept(runtime);
          const next = connection[Symbol.asyncIterator]().next();
          const waiting = reason === undefined
            ? next.then((result) => assert.equal(result.done, true))
            : assert.rejects(next, (thrown) => thrown === reason);
          await connection.close(reason);
          await connection.close();
          await waiting;
          await peer.ended;
          peer.end();
          assert.equal(await connection.whenClosed, reason);
          leave();
        }
      }));

    it("`await using` closes it, without waiting for a peer that is in the same scope", () =>
      withRuntime(adapter, { closeTimeoutMs: 60_000 }, async (runtime) => {
        const opened = signal<TextConnection>();
        const address = await listen(runtime, async (connection) => {
          opened.resolve(connection);
          await connection.whenClosed;
        });
        const client = await connectMessages(runtime, address, texts);
        const server = await opened.promise;
        const start = adapter.clock.now();
        void server.send("bye");
        await server[Symbol.asyncDispose]();
        assert.equal(await client.receive(), "bye");
        assert.equal(await client.receive(), undefined);
        await client[Symbol.asyncDispose]();
        assert.equal(await client.whenClosed, undefined);
        assert.equal(await server.whenClosed, undefined);
        assert.ok(adapter.clock.now() - start < 30_000);
      }));

    it("abort() drops what is queued, and fails waiting receives", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        peer.pause();
        const reason = new Error("now");
        const next = assert.rejects(
          connection.receive(),
          (thrown) => thrown === reason,
        );
        const sends: Promise<void>[] = [];
        for (let i = 0; i < 20_000; i++) {
          sends.push(connection.send("x".repeat(MAX_TEXT)));
        }
        const lost = assert.rejects(sends[sends.length - 1]);
        const ending = assert.rejects(connection.end());
        connection.abort(reason);
        await Promise.all([next, lost, ending]);
        assert.equal(await connection.whenClosed, reason);
        peer.resume();
        peer.end();
        await peer.closed;
        leave();
      }));

    it("a reset, a FIN in the middle of a frame and invalid bytes reject waiting receives, and whenClosed resolves to them", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const cases: [
            end: (peer: Peer, connection: TextConnection) => unknown,
            ErrorClass: new (message: string) => Error,
          ][] = [
            [reset, ConnectionResetError],
            [(peer) => {
              peer.write(0);
              peer.end();
            }, TruncatedMessageError],
            [(peer) => {
              peer.write(0xff, 0xff);
              void peer.ended.then(() => peer.end());
            }, CodecError],
          ];
          for (const [endIt, ErrorClass] of cases) {
            const { peer, connection, leave } = await accept(runtime);
            const received: string[] = [];
            const loop = (async () => {
              for await (const message of connection) received.push(message);
            })();
            peer.send(frameOf("a"));
            await eventually(() => received.length === 1, "one is in");
            await endIt(peer, connection);
            const error = await loop.then(() => undefined, (error) => error);
            assert.ok(error instanceof ErrorClass, String(error));
            assert.equal(await connection.whenClosed, error);
            await assert.rejects(connection.receive(), (e) => e === error);
            await assert.rejects(connection.send("b"), (e) => e === error);
            leave();
            peer.end();
          }
        })
      ));

    /** Resets the connection: closing a socket with unread bytes does that. */
    async function reset(peer: Peer, connection: TextConnection) {
      peer.pause();
      for (let i = 0; i < 1000; i++) {
        void connection.send("x".repeat(MAX_TEXT));
      }
      await sleep(20);
      peer.destroy();
    }

    it("a runtime that drains ends the loop of a server behind the message in hand, whose answer is not lost", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const served: string[] = [];
        const inHand = signal();
        const asked = signal();
        const address = await listen(runtime, async (connection) => {
          for await (const message of connection) {
            inHand.resolve();
            await asked.promise;
            served.push(message);
            await connection.send(`${message}!`);
          }
        });
        const log = new PeerLines();
        await logging(log.sink, async () => {
          const idle = await connectPeer(address);
          await eventually(() => runtime.connectionCount === 1, "it is served");
          const peer = await connectPeer(address);
          peer.send(framesOf("a", "b"));
          await inHand.promise;
          const stopped = runtime.stop({ drainMs: 5000 });
          await idle.ended; // all were asked to finish
          idle.end();
          asked.resolve();
          await peer.ended;
          peer.end();
          await stopped;
          assert.deepEqual(served, ["a"]);
          assert.deepEqual(textsOf(peer.chunks), ["a!"]);
          assert.equal(idle.received, 0);
        });
        assert.deepEqual(log.lines, []);
      }));

    it("a runtime that drains refuses further receives of a server, which may still send", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const asked = signal();
        const address = await listen(runtime, async (connection) => {
          const next = connection.receive();
          asked.resolve();
          await assert.rejects(next, RuntimeStoppedError);
          await assert.rejects(connection.receive(), RuntimeStoppedError);
          await connection.send("sorry");
        });
        const peer = await connectPeer(address);
        await asked.promise;
        const stopped = runtime.stop({ drainMs: 5000 });
        await peer.ended;
        peer.end();
        await stopped;
        assert.deepEqual(textsOf(peer.chunks), ["sorry"]);
      }));

    it("a runtime that drains keeps an outgoing connection until it has its answer", () =>
      withTwoRuntimes(adapter, async (near, far) => {
        const asked = signal();
        const address = await listen(far, async (connection) => {
          await connection.receive();
          asked.resolve();
          await sleep(30);
          await connection.send("answer");
          await connection.receive(); // until the client closes
        });
        const client = await connectMessages(near, address, texts);
        await client.send("question");
        const answer = client.receive();
        await asked.promise;
        const stopped = near.stop({ drainMs: 5000 });
        assert.equal(await answer, "answer");
        await assert.rejects(client.receive(), RuntimeStoppedError);
        await client.close();
        await stopped;
        assert.equal(await client.whenClosed, undefined);
      }));

    it("a runtime that drains does not wait for an unused outgoing connection", () =>
      withTwoRuntimes(adapter, async (near, far) => {
        const address = await listen(far, async (connection) => {
          for await (const message of connection) {
            await connection.send(message);
          }
        });
        const client = await connectMessages(near, address, texts);
        await client.send("a");
        assert.equal(await client.receive(), "a");
        void client.send("b");
        const start = adapter.clock.now();
        await near.stop({ drainMs: 60_000 });
        assert.ok(adapter.clock.now() - start < 30_000, "not by drainMs");
        assert.ok(await client.whenClosed instanceof RuntimeStoppedError);
        await assert.rejects(client.receive(), RuntimeStoppedError);
      }));

    it("a runtime that drains ends the loop of an outgoing connection, but not a receive beside it", () =>
      withTwoRuntimes(adapter, async (near, far) => {
        const asked = signal();
        const address = await listen(far, async (connection) => {
          await asked.promise;
          await connection.send("answer");
          await connection.receive();
        });
        const client = await connectMessages(near, address, texts);
        const answer = client.receive();
        const next = client[Symbol.asyncIterator]().next();
        const refused = assert.rejects(next, RuntimeStoppedError);
        const stopped = near.stop({ drainMs: 5000 });
        await refused;
        asked.resolve();
        assert.equal(await answer, "answer");
        await client.close();
        await stopped;
      }));

    it("a loop throws RuntimeStoppedError when the runtime is stopped", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        const loop = assert.rejects(
          async () => {
            for await (const _ of connection);
          },
          RuntimeStoppedError,
        );
        const stopped = runtime.stop();
        await loop;
        leave();
        await peer.ended;
        peer.end();
        await stopped;
        assert.equal(await connection.whenClosed, undefined);
      }));
  });

  describe(`${adapter.name}: what is sent on a connection whose messages are pulled`, () => {
    it("waits while the peer does not read, and goes on when it does", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        peer.pause();
        let sent = 0;
        const message = "x".repeat(MAX_TEXT);
        const total = 30_000;
        const sending = (async () => {
          while (sent < total) {
            await connection.send(message);
            sent++;
          }
        })();
        let before = -1;
        while (before !== sent || sent === 0) {
          before = sent;
          await sleep(100);
        }
        assert.ok(sent < total, `${sent} were sent`);
        peer.resume();
        await sending;
        await peer.has(total * frameOf(message).length);
        leave();
        await peer.ended;
        peer.end();
      }));

    it("makes the call throw if it cannot be encoded; lost sends need not be awaited", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        assert.throws(
          () => void connection.send("x".repeat(MAX_TEXT + 1)),
          CodecError,
        );
        await connection.send("a");
        await peer.has(frameOf("a").length);
        assert.deepEqual(textsOf(peer.chunks), ["a"]);
        connection.abort();
        void connection.send("b");
        void connection.end();
        void connection.close();
        await connection.whenClosed;
        void connection.send("c");
        await sleep(10);
        leave();
      }));

    it("makes the call throw beyond maxSendQueue, with sendQueueOverflow reject", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime, {
          maxSendQueue: 10,
          sendQueueOverflow: "reject",
        });
        assert.throws(
          () => void connection.send("x".repeat(9)),
          SendQueueFullError,
        );
        await connection.send("x".repeat(8));
        await peer.has(10);
        leave();
        await peer.ended;
        peer.end();
      }));
  });

  describe(`${adapter.name}: a wait that is given up`, () => {
    it("for a message rejects, not before the time, and loses no message", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        const begin = adapter.clock.now();
        const first = connection.receive({ timeoutMs: 40 });
        const second = connection.receive();
        await assert.rejects(
          first,
          (error: Error) =>
            error instanceof ReceiveTimeoutError &&
            /within 40 ms \(timeoutMs\)/.test(error.message),
        );
        assert.ok(adapter.clock.now() - begin >= 40);
        peer.send(framesOf("one", "two", "three"));
        assert.equal(await second, "one");
        assert.equal(await connection.receive({ timeoutMs: 5000 }), "two");
        assert.equal(await connection.receive({}), "three");
        await assert.rejects(
          connection.receive({ timeoutMs: 10 }),
          ReceiveTimeoutError,
        );
        peer.send(frameOf("four"));
        await sleep(20); // not read, because nobody asks for it
        assert.equal(await connection.receive(), "four");
        peer.end();
        assert.equal(await connection.receive({ timeoutMs: 5000 }), undefined);
        assert.equal(await connection.receive({ timeoutMs: 1 }), undefined);
        leave();
      }));

    it("for a message by a signal, aborted before or meanwhile, rejects with its reason as cause", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        const reason = new Error("no more");
        const abort = new AbortController();
        const { signal } = abort;
        const isTold = (error: Error) =>
          error instanceof ReceiveCancelledError && error.cause === reason &&
          /no more/.test(error.message);
        peer.send(frameOf("kept"));
        assert.equal(await connection.receive({ signal }), "kept");
        const waiting = connection.receive({ signal, timeoutMs: 5000 });
        abort.abort(reason);
        await assert.rejects(waiting, isTold);
        await assert.rejects(connection.receive({ signal }), isTold);
        peer.send(frameOf("more"));
        assert.equal(await connection.receive(), "more");
        leave();
      }));

    it("for a message rejects if the options are invalid", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { connection, leave } = await accept(runtime);
        for (const options of [{ timeoutMs: -1 }, { signal: {} }, null]) {
          await assert.rejects(
            connection.receive(options as never),
            InvalidOptionError,
          );
        }
        leave();
      }));

    it("for a message rejects with the reason if the connection is lost", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { connection, leave } = await accept(runtime);
        const { signal } = new AbortController();
        const waiting = connection.receive({ timeoutMs: 5000, signal });
        const reason = new Error("given up");
        connection.abort(reason);
        await assert.rejects(waiting, reason);
        leave();
      }));

    it("for a connection rejects; nothing is connected, and nothing is left to do", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await listen(runtime, async () => {});
        const client = new ReactRuntime({ adapter });
        const reason = new Error("too slow");
        const isTold = (error: Error) =>
          error instanceof ConnectCancelledError && error.cause === reason &&
          error.message.includes("too slow");
        const abort = new AbortController();
        const { signal } = abort;
        const connecting = connectMessages(client, address, texts, { signal });
        abort.abort(reason);
        await assert.rejects(connecting, isTold);
        await assert.rejects(
          connectMessages(client, address, texts, { signal }),
          isTold,
        );
        await assert.rejects(
          connectMessages(client, address, texts, { signal: {} as never }),
          InvalidOptionError,
        );
        assert.equal(client.connectionCount, 0);
        await client.run();
      }));

    it("has no effect once it is connected", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await listen(
          runtime,
          (connection) => connection.send("hello"),
        );
        const abort = new AbortController();
        const { signal } = abort;
        const client = await connectMessages(runtime, address, texts, {
          signal,
        });
        abort.abort();
        assert.equal(await client.receive(), "hello");
        await client.close();
      }));
  });

  describe(`${adapter.name}: who uses a connection whose messages are pulled`, () => {
    it("cannot iterate it twice at once; after the first loop there is nothing more", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await accept(runtime);
        const first = connection[Symbol.asyncIterator]();
        assert.throws(
          () => connection[Symbol.asyncIterator](),
          ConnectionBusyError,
        );
        assert.equal(first[Symbol.asyncIterator](), first);
        peer.send(frameOf("a"));
        assert.deepEqual(await first.next(), { done: false, value: "a" });
        assert.equal((await first.return?.())?.done, true);
        assert.equal((await first.return?.())?.done, true);
        assert.equal((await first.next()).done, true);
        for await (const message of connection) assert.fail(message);
        await peer.ended;
        peer.end();
        leave();
      }));

    it("and throws closes it, and no other, for one line of log", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const log = new PeerLines();
        const error = new Error("bad day");
        await logging(log.sink, async () => {
          const closed: (Error | undefined)[] = [];
          const address = await listen(runtime, async (connection) => {
            void connection.whenClosed.then((reason) => closed.push(reason));
            for await (const message of connection) {
              if (message === "throw") throw error;
              await connection.send(message);
            }
          });
          const other = await connectPeer(address);
          const peer = await connectPeer(address);
          peer.send(framesOf("a", "throw"));
          await peer.ended;
          peer.end();
          await eventually(() => closed.length === 1, "it is closed");
          assert.deepEqual(textsOf(peer.chunks), ["a"]);
          other.send(frameOf("b"));
          await other.has(3);
          other.end();
          await eventually(() => closed.length === 2, "the other is closed");
          // The error ended its loop, which closes the connection gracefully.
          assert.deepEqual(closed, [undefined, undefined]);
        });
        assert.equal(log.count, 1);
        assert.match(String(log.lines[0].parts[0]), /Error: bad day/);
      }));

    it("and throws without a loop closes it with the error", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const error = new Error("bad day");
          const opened = signal<TextConnection>();
          const address = await listen(runtime, (connection) => {
            opened.resolve(connection);
            throw error;
          });
          const peer = await connectPeer(address);
          await peer.ended;
          peer.end();
          assert.equal(await (await opened.promise).whenClosed, error);
        })
      ));

    it("gets the error that ended it once: a server that lets its loop throw logs no second line", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const log = new PeerLines();
        await logging(log.sink, async () => {
          const reasons: unknown[] = [];
          const address = await listen(runtime, async (connection) => {
            void connection.whenClosed.then((reason) => reasons.push(reason));
            for await (const _ of connection);
          });
          for (const bytes of [[0xff, 0xff], [0]]) {
            const peer = await connectPeer(address);
            peer.write(...bytes);
            if (bytes.length === 1) peer.end();
            await peer.ended;
            peer.end();
          }
          await eventually(() => reasons.length === 2, "both are closed");
          assert.ok(reasons.every((reason) => reason instanceof Error));
          await sleep(10);
        });
        assert.equal(log.count, 1, "of what could not be decoded");
      }));

    it("needs a real codec and function, and gets the reason of a failed connect", () =>
      withRuntime(adapter, {}, async (runtime) => {
        assert.throws(
          () => acceptMessages({} as typeof texts, () => {}),
          InvalidCodecError,
        );
        assert.throws(
          () => acceptMessages(texts, undefined as never),
          InvalidReactorError,
        );
        await assert.rejects(
          connectMessages(runtime, anyPort, {} as typeof texts),
          InvalidCodecError,
        );
        const listener = await runtime.listen(
          anyPort,
          acceptMessages(texts, () => {}),
        );
        await listener.close();
        await assert.rejects(
          connectMessages(runtime, listener.address, texts),
          ConnectionRefusedError,
        );
      }));
  });
}
