import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Codec,
  CodecError,
  CommandNotSupportedError,
  ConnectionClosedError,
  type ConnectOptions,
  DefaultTcpListenerHandler,
  framed,
  FrameTooLargeError,
  InvalidCodecError,
  InvalidMessageResultError,
  InvalidReactorError,
  LogLevel,
  type MessageContext,
  type MessageHandlers,
  MessageTooLargeError,
  type Reactor,
  type ReactRuntime,
  ReadIdleTimeoutError,
  SendQueueFullError,
  type SendResult,
  TruncatedMessageError,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import {
  frameOf,
  framesOf,
  MAX_TEXT,
  texts,
  textsOf,
} from "./message_codecs.ts";
import { serve } from "./peers.ts";
import { steady } from "./steady.ts";
import { logging, PeerLines, quietly, signal, withRuntime } from "./support.ts";

type TextContext = MessageContext<string>;
type TextHandlers = MessageHandlers<string>;

/** A connection with one end made by `framed`. */
interface Framed {
  readonly peer: Peer;
  readonly ctx: TextContext;
  /** The messages received. */
  readonly received: string[];
  readonly closed: Promise<Error | undefined>;
}

/** Texts of many sizes, with characters of one to four bytes. */
const MANY = Array.from(
  { length: 300 },
  (_, i) => `${i}${"aé€𝄞".repeat(i * 7 % 97)}`,
);

/** Codecs and reactors together: typed messages in both directions. */
export function messagePromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;

  /** Accepts a peer, and serves it with `handlers`. */
  async function accept(
    runtime: ReactRuntime,
    handlers: Partial<TextHandlers> = {},
    codec: Codec<string> = texts,
    options: ConnectOptions = {},
  ): Promise<Framed> {
    const connected = signal<TextContext>();
    const closed = signal<Error | undefined>();
    const received: string[] = [];
    const reactor = framed<string, string>(codec, {
      ...handlers,
      onConnected(ctx, listenerId) {
        connected.resolve(ctx);
        handlers.onConnected?.(ctx, listenerId);
      },
      onMessage(message, ctx) {
        received.push(message);
        return handlers.onMessage?.(message, ctx);
      },
      onClose(reason, ctx) {
        closed.resolve(reason);
        handlers.onClose?.(reason, ctx);
      },
    });
    const peer = await connectPeer(
      await serve(environment, runtime, () => reactor, options),
    );
    return {
      peer,
      ctx: await connected.promise,
      received,
      closed: closed.promise,
    };
  }

  describe(`${adapter.name}: messages of a codec`, () => {
    it("arrive and go out whole and in order, however they are cut and joined", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, received, closed } = await accept(runtime, {
          onMessage: (message, ctx) => void ctx.send(message),
        });
        const bytes = framesOf(...MANY);
        for (let start = 0, i = 0; start < bytes.length; i++) {
          const end = start + 1 + i * 13 % 997;
          peer.send(bytes.slice(start, end));
          if (i % 20 === 0) await peer.has(start / 2);
          start = end;
        }
        await peer.has(bytes.length);
        assert.deepEqual(received, MANY);
        assert.deepEqual(textsOf(peer.chunks), MANY);
        peer.end();
        assert.equal(await closed, undefined);
      }));

    it("arrive with their last byte, if a peer sends one byte at a time", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, received } = await accept(runtime);
        for (const byte of framesOf("ab", "", "c")) {
          peer.write(byte);
          await sleep(1);
        }
        await eventually(() => received.length === 3, "all are in");
        assert.deepEqual(received, ["ab", "", "c"]);
        peer.end();
      }));

    it("are searched for from where the codec stopped: no byte is searched twice", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const searched: string[] = [];
        const untilZero: Codec<string> = {
          ...texts,
          frameSize(bytes, start, end, scanned) {
            searched.push(String.fromCharCode(...bytes.subarray(scanned, end)));
            return bytes.subarray(0, end).indexOf(0, scanned) + 1 - start;
          },
          decode: (bytes, start, end) =>
            String.fromCharCode(...bytes.subarray(start, end - 1)),
        };
        const { peer, received } = await accept(runtime, {}, untilZero);
        peer.write(65, 66);
        await eventually(() => searched.join("") === "AB", "the first are in");
        peer.write(67);
        await eventually(() => searched.join("") === "ABC", "the next is in");
        peer.write(0);
        await eventually(() => received.length === 1, "it is whole");
        assert.deepEqual(received, ["ABC"]);
        assert.equal(searched.join(""), "ABC\0");
        peer.end();
      }));

    it("are handed to an object of a class, whose handlers get the same context in each call", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const contexts = new Set<unknown>();
        class Session implements MessageHandlers<string, string, string> {
          #name = "nobody";
          onConnected(
            ctx: MessageContext<string, string>,
            listenerId: unknown,
          ): void {
            assert.equal(listenerId, listener.id);
            contexts.add(ctx);
            seen.push(`connected ${this.#name}`);
          }
          onMessage(message: string, ctx: MessageContext<string, string>) {
            contexts.add(ctx);
            this.#name = message;
          }
          onCommand(cmd: string, ctx: MessageContext<string, string>): void {
            contexts.add(ctx);
            ctx.send(`${cmd} ${this.#name}`);
          }
          onPeerEnd(ctx: MessageContext<string, string>): void {
            contexts.add(ctx);
            seen.push(`end of ${this.#name}`);
            ctx.close();
          }
          onClose(
            reason: Error | undefined,
            ctx: MessageContext<string, string>,
          ): void {
            contexts.add(ctx);
            assert.equal(ctx.send("too late"), "closed");
            seen.push(`closed ${this.#name}: ${reason}`);
          }
        }
        const listener = await runtime.listen(
          environment.anyPort,
          new DefaultTcpListenerHandler<string>(() =>
            framed(texts, new Session())
          ),
        );
        const peer = await connectPeer(listener.address);
        peer.send(frameOf("Ann"));
        await eventually(() => contexts.size === 1, "it is connected");
        const [ctx] = contexts as Set<MessageContext<string, string>>;
        await eventually(() => ctx.sender.bytesSent === 0, "nothing is sent");
        await sleep(20);
        runtime.cmdSender.sendUserCmd(ctx, "hello");
        await peer.has(frameOf("hello Ann").length);
        assert.deepEqual(textsOf(peer.chunks), ["hello Ann"]);
        peer.end();
        await eventually(() => seen.length === 3, "it is closed");
        assert.deepEqual(seen, [
          "connected nobody",
          "end of Ann",
          "closed Ann: undefined",
        ]);
        assert.equal(contexts.size, 1);
      }));

    it("a reactor has the handlers that it is given: without onCommand commands fail", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime);
        const failed = signal<unknown>();
        ctx.cmdSender.sendUserCmd(ctx, "hello", {
          completion: (result) => failed.resolve(result.ok || result.error),
        });
        assert.ok(await failed.promise instanceof CommandNotSupportedError);
        peer.end();
      }));

    it("onIdle sends messages as heartbeats; without it a silent peer is disconnected", () =>
      withRuntime(steady(environment).adapter, {}, async (runtime) => {
        const limits = { writeIdleTimeoutMs: 20, readIdleTimeoutMs: 60 };
        const living = await accept(
          runtime,
          {
            onIdle(kind, ctx) {
              if (kind === "write") ctx.send("alive");
              else ctx.close();
            },
          },
          texts,
          limits,
        );
        void living.peer.ended.then(() => living.peer.end());
        assert.equal(await living.closed, undefined);
        assert.equal(textsOf(living.peer.chunks)[0], "alive");
        const silent = await accept(runtime, {}, texts, limits);
        void silent.peer.ended.then(() => silent.peer.end());
        assert.ok(await silent.closed instanceof ReadIdleTimeoutError);
      }));

    it("none is handed out after close(), nor during a pause", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx, received, closed } = await accept(runtime, {
          onMessage(message, ctx) {
            if (message === "pause") ctx.pauseReading();
            if (message === "close") ctx.close();
          },
        });
        peer.send(framesOf("a", "pause", "b", "close", "c"));
        await eventually(() => received.length === 2, "it is paused");
        await sleep(30);
        assert.deepEqual(received, ["a", "pause"]);
        ctx.resumeReading();
        await peer.ended;
        peer.end();
        assert.equal(await closed, undefined);
        assert.deepEqual(received, ["a", "pause", "b", "close"]);
      }));
  });

  describe(`${adapter.name}: what a peer sends to a codec`, () => {
    const ODD: [name: string, codec: Codec<string>, bytes: Uint8Array][] = [
      ["cannot be decoded", texts, Uint8Array.of(0, 1, 0xff)],
      ["announces more than the codec takes", texts, Uint8Array.of(9, 9)],
    ];
    for (const [name, codec, bytes] of ODD) {
      it(`and ${name} closes its connection with the codec's error, for one line of log, and no other connection`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const log = new PeerLines();
          await logging(log.sink, async () => {
            const other = await accept(runtime, {}, codec);
            const { peer, received, closed } = await accept(runtime, {}, codec);
            peer.send(Uint8Array.of(...frameOf("a"), ...bytes));
            peer.send(frameOf("b"));
            await peer.ended;
            peer.end();
            const reason = await closed;
            assert.ok(reason instanceof CodecError, String(reason));
            assert.deepEqual(received, ["a"]);
            other.peer.send(frameOf("fine"));
            await eventually(
              () => other.received.length === 1,
              "the other goes on",
            );
            other.peer.end();
            assert.equal(await other.closed, undefined);
          });
          const [{ level, parts }] = log.lines;
          assert.equal(log.count, 1);
          assert.equal(level, LogLevel.Warn);
          assert.match(String(parts[0]), /CodecError: Cannot/);
          assert.ok(!parts.join("").includes("\n"), "it has no stack");
        }));
    }

    it("is refused even if the codec forgot to check: frames beyond its maxFrameSize, however they arrive", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const careless: Codec<string> = {
            ...texts,
            frameSize: (bytes, start) => 256 * bytes[start] + bytes[start + 1],
          };
          const endless: Codec<string> = { ...texts, frameSize: () => 0 };
          const frame = new Uint8Array(texts.maxFrameSize + 1);
          frame[0] = frame.length >> 8;
          frame[1] = frame.length;
          const cases: [Codec<string>, Uint8Array][] = [
            [careless, frame.slice(0, 2)],
            [careless, frame],
            [endless, frame],
          ];
          for (const [codec, bytes] of cases) {
            const { peer, closed } = await accept(runtime, {}, codec);
            peer.send(bytes);
            await peer.ended;
            peer.end();
            const reason = await closed;
            assert.ok(reason instanceof FrameTooLargeError, String(reason));
            assert.match(reason.message, /its codec allows at most 1002/);
          }
        })
      ));

    it("is refused beyond maxMessageSize, if that is less", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const { peer, closed } = await accept(runtime, {}, texts, {
            maxMessageSize: 10,
          });
          peer.send(frameOf("a".repeat(9)).slice(0, 2));
          await peer.ended;
          peer.end();
          const reason = await closed;
          assert.ok(reason instanceof MessageTooLargeError, String(reason));
          assert.match(reason.message, /maxMessageSize is 10/);
        })
      ));

    it("and ends in the middle of a frame closes with TruncatedMessageError, with onPeerEnd or without", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const isHandled of [true, false]) {
          let endCount = 0;
          const { peer, received, closed } = await accept(
            runtime,
            isHandled ? { onPeerEnd: () => void endCount++ } : {},
          );
          peer.send(framesOf("a", "bcd").slice(0, -1));
          peer.end();
          await peer.ended;
          const reason = await closed;
          assert.ok(reason instanceof TruncatedMessageError, String(reason));
          assert.match(reason.message, /with 4 bytes of a message sent/);
          assert.deepEqual(received, ["a"]);
          assert.equal(endCount, 0);
        }
      }));

    it("a codec whose frameSize returns anything but a size closes the connection", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          for (const size of [-1, 1.5, NaN, 2 ** 40 + 1, "3" as never]) {
            const { peer, closed } = await accept(runtime, {}, {
              ...texts,
              frameSize: () => size,
            });
            peer.write(1, 2, 3, 4);
            await peer.ended;
            peer.end();
            const reason = await closed;
            const ErrorClass = size > 2 ** 40
              ? FrameTooLargeError
              : InvalidMessageResultError;
            assert.ok(reason instanceof ErrorClass, String(reason));
          }
        })
      ));
  });

  describe(`${adapter.name}: what is sent by a codec`, () => {
    it("goes out in the order of the sends, between bytes that are sent without it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime);
        const results: SendResult[] = [];
        ctx.send("a");
        ctx.sendOrQueue(frameOf("b"));
        assert.equal(
          ctx.send("c", (result) => results.push(result)),
          "complete",
        );
        assert.deepEqual(results, [], "not from inside");
        await eventually(() => results.length === 1, "it is out");
        assert.deepEqual(results, [{ ok: true }]);
        await peer.has(framesOf("a", "b", "c").length);
        assert.deepEqual(textsOf(peer.chunks), ["a", "b", "c"]);
        peer.end();
      }));

    it("and throws while it is encoded leaves nothing behind: the caller gets the error, and the connection goes on", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime);
        const long = "x".repeat(MAX_TEXT + 1);
        let isTold = false;
        ctx.send("a");
        assert.throws(() => ctx.send(long, () => isTold = true), CodecError);
        ctx.send("b");
        await peer.has(framesOf("a", "b").length);
        assert.throws(() => ctx.send(long), CodecError);
        ctx.send("c");
        await peer.has(framesOf("a", "b", "c").length);
        await sleep(20);
        assert.deepEqual(textsOf(peer.chunks), ["a", "b", "c"]);
        assert.equal(isTold, false);
        peer.end();
      }));

    it("by a promise is refused, and goes out neither now nor later", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx, closed } = await accept(runtime, {}, {
          ...texts,
          async encode(message, out) {
            out.writeText(message);
            await undefined;
            out.writeText(message);
          },
        });
        assert.throws(() => ctx.send("never"), InvalidCodecError);
        await sleep(20);
        ctx.close();
        await peer.ended;
        peer.end();
        assert.equal(await closed, undefined);
        assert.equal(peer.received, 0);
      }));

    it("goes out whatever encode returns, unless it is a promise", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime, {}, {
          ...texts,
          encode(message, out) {
            texts.encode(message, out);
            return out as never;
          },
        });
        assert.equal(ctx.send("chained"), "complete");
        await peer.has(frameOf("chained").length);
        assert.deepEqual(textsOf(peer.chunks), ["chained"]);
        peer.end();
      }));

    it("from inside the encoding of another message goes out before it, whole", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime, {}, {
          ...texts,
          encode(message, out) {
            texts.encode(message, out);
            if (message === "outer") ctx.send("inner");
          },
        });
        ctx.send("outer");
        await peer.has(framesOf("inner", "outer").length);
        assert.deepEqual(textsOf(peer.chunks), ["inner", "outer"]);
        peer.end();
      }));

    it("beyond maxSendQueue is rejected whole", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime, {}, texts, {
          maxSendQueue: 10,
          sendQueueOverflow: "reject",
        });
        assert.throws(() => ctx.send("too long for it"), SendQueueFullError);
        assert.equal(ctx.send("aaaa"), "complete");
        assert.throws(() => ctx.send("bbbb"), SendQueueFullError);
        await peer.has(frameOf("aaaa").length);
        ctx.send("cccc");
        await peer.has(framesOf("aaaa", "cccc").length);
        assert.deepEqual(textsOf(peer.chunks), ["aaaa", "cccc"]);
        peer.end();
      }));

    it("on a connection that is closing is refused, and its completion gets the reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, ctx } = await accept(runtime);
        ctx.close();
        const told = signal<SendResult>();
        assert.equal(ctx.send("late", told.resolve), "closed");
        const result = await told.promise;
        assert.ok(!result.ok && result.error instanceof ConnectionClosedError);
        await peer.ended;
        assert.equal(peer.received, 0);
        peer.end();
      }));
  });

  describe(`${adapter.name}: a reactor of messages`, () => {
    it("whose onMessage returns a promise goes on meanwhile; a rejection closes the connection, with one line of log", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const log = new PeerLines();
        const error = new Error("too hard");
        const doing = signal();
        await logging(log.sink, async () => {
          const { peer, received, closed } = await accept(runtime, {
            async onMessage(message, ctx) {
              if (message !== "hard") return;
              await doing.promise;
              ctx.send("sorry");
              throw error;
            },
          });
          peer.send(framesOf("hard", "easy"));
          await eventually(() => received.length === 2, "both are in");
          doing.resolve();
          await peer.ended;
          peer.end();
          assert.equal(await closed, error);
          assert.deepEqual(textsOf(peer.chunks), ["sorry"]);
        });
        assert.equal(log.count, 1);
        assert.match(String(log.lines[0].parts[0]), /Error: too hard/);
      }));

    it("serves one connection: another one is refused, unnoticed by the first; afterwards it may serve again", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const seen: string[] = [];
          const reactor: Reactor = framed(texts, {
            onMessage: (message, ctx) => void ctx.send(message),
            onClose: (reason) => void seen.push(String(reason)),
          });
          const address = await serve(environment, runtime, () => reactor);
          const first = await connectPeer(address);
          first.send(frameOf("a"));
          await first.has(3);
          const second = await connectPeer(address);
          await second.ended;
          second.end();
          await second.closed;
          assert.deepEqual(seen, []);
          first.send(frameOf("b"));
          await first.has(6);
          assert.deepEqual(textsOf(first.chunks), ["a", "b"]);
          first.end();
          await eventually(() => seen.length === 1, "the first is closed");
          const third = await connectPeer(address);
          third.send(frameOf("c"));
          await third.has(3);
          third.end();
          await eventually(() => seen.length === 2, "the third is closed");
          assert.deepEqual(seen, ["undefined", "undefined"]);
        })
      ));

    it("is asked to finish when its runtime is stopped", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const asked: string[] = [];
        const closed = signal<Error | undefined>();
        const address = await serve(environment, runtime, () =>
          framed(texts, {
            onMessage: (message) => void asked.push(message),
            onDrain(ctx) {
              ctx.send(`the answer to ${asked}`);
              ctx.close();
            },
            onClose: closed.resolve,
          }));
        const peer = await connectPeer(address);
        peer.send(frameOf("this"));
        await eventually(() => asked.length === 1, "it is asked");
        void peer.ended.then(() => peer.end());
        await runtime.stop({ drainMs: 10_000 });
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["the answer to this"]);
        assert.equal(await closed.promise, undefined);
      }));

    it("that is given to two connects rejects the second", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const address = await serve(
            environment,
            runtime,
            () => framed(texts, { onMessage() {} }),
          );
          const reactor: Reactor = framed(texts, { onMessage() {} });
          await runtime.connect(address, reactor);
          await assert.rejects(
            runtime.connect(address, reactor),
            InvalidReactorError,
          );
        })
      ));
  });
}
