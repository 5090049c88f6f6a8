import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  type Codec,
  CodecError,
  ConnectionBusyError,
  ConnectionClosedError,
  ConnectionResetError,
  connectMessages,
  lengthPrefixed,
  type MessageStreams,
  type ReactRuntime,
  toByteStreams,
  toWebStreams,
  unframed,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import {
  frameOf,
  framesOf,
  MAX_TEXT,
  texts,
  textsOf,
} from "./message_codecs.ts";
import { acceptPulled, type Pulled } from "./pulled.ts";
import {
  pattern,
  PatternChecker,
  quietly,
  signal,
  withRuntime,
} from "./support.ts";

const MiB = 2 ** 20;

/** One end of a connection as streams, and its peer. */
interface Streamed<T> extends MessageStreams<T>, Pulled<T> {}

/** Connections as web streams. */
export function webStreamPromises(environment: Environment): void {
  const { adapter, anyPort, eventually, sleep } = environment;

  const open = <T>(runtime: ReactRuntime, codec: Codec<T>) =>
    acceptPulled(environment, runtime, codec);

  async function openStreams(runtime: ReactRuntime): Promise<Streamed<string>> {
    const opened = await open(runtime, texts);
    return { ...opened, ...toWebStreams(opened.connection) };
  }

  /** Texts; counts how many were decoded. */
  function countingTexts(): { codec: Codec<string>; count: () => number } {
    let count = 0;
    const codec: Codec<string> = {
      ...texts,
      decode(...where) {
        count++;
        return texts.decode(...where);
      },
    };
    return { codec, count: () => count };
  }

  const is = (error: unknown) => (thrown: unknown) => thrown === error;

  describe(`${adapter.name}: a connection as web streams`, () => {
    it("of bytes: 8 MiB are piped back, through both, every byte in its place, and both ends close gracefully", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 8 * MiB;
        const echoed = signal<Promise<Error | undefined>>();
        const { address } = await runtime.listen(
          anyPort,
          acceptMessages(unframed(), async (connection) => {
            echoed.resolve(connection.whenClosed);
            const { readable, writable } = toWebStreams(connection);
            await readable.pipeTo(writable);
          }),
        );
        const client = await connectMessages(runtime, address, unframed());
        const { readable, writable } = toWebStreams(client);
        let sent = 0;
        const source = new ReadableStream<Uint8Array>({
          pull(controller) {
            const chunk = pattern(sent, Math.min(50_021, total - sent));
            sent += chunk.length;
            if (chunk.length > 0) controller.enqueue(chunk);
            else controller.close();
          },
        });
        const checker = new PatternChecker();
        const sink = new WritableStream<Uint8Array>({
          write: (chunk) => checker.check(chunk),
        });
        await Promise.all([source.pipeTo(writable), readable.pipeTo(sink)]);
        assert.equal(checker.received, total);
        assert.equal(await client.whenClosed, undefined);
        assert.equal(await (await echoed.promise), undefined);
      }));

    it("of messages: each is a chunk, both ways", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, readable, writable, leave } = await openStreams(runtime);
        const shouting = new TransformStream<string, string>({
          transform: (text, controller) =>
            controller.enqueue(text.toUpperCase()),
        });
        const piped = readable.pipeThrough(shouting).pipeTo(writable);
        peer.send(framesOf("a", "", "bc"));
        peer.end();
        await piped;
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["A", "", "BC"]);
        leave();
      }));

    it("reads nothing before it is read from, and no further than its high-water mark", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const mark of [undefined, 0, 2]) {
          const { codec, count } = countingTexts();
          const { peer, connection, leave } = await open(runtime, codec);
          const { readable } = mark === undefined
            ? toWebStreams(connection)
            : toWebStreams(connection, { highWaterMark: mark });
          peer.send(framesOf("a", "b", "c", "d", "e"));
          await eventually(() => count() === (mark ?? 0), "as many as allowed");
          await sleep(20);
          assert.equal(count(), mark ?? 0);
          const reader = readable.getReader();
          assert.deepEqual(await reader.read(), { done: false, value: "a" });
          await sleep(20);
          assert.equal(count(), 1 + (mark ?? 0));
          leave();
          await peer.ended;
          peer.end();
        }
      }));

    it("piped into a slow sink stops a peer that sends 32 MiB, and loses nothing", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const total = 32 * MiB;
        const { peer, connection, leave } = await open(runtime, unframed());
        const { readable } = toWebStreams(connection);
        const checker = new PatternChecker();
        let isSlow = true;
        const sink = new WritableStream<Uint8Array>({
          write(chunk) {
            checker.check(chunk);
            return isSlow ? sleep(10) : undefined;
          },
        });
        peer.send(pattern(0, total));
        peer.end();
        const piped = readable.pipeTo(sink);
        await sleep(100);
        const { received } = checker;
        assert.ok(received > 0 && received <= 11 * 65536, `${received}`);
        isSlow = false;
        await piped;
        assert.equal(checker.received, total);
        leave();
        await peer.ended;
      }));

    it("of bytes can be read into buffers of the reader's own, to the last byte and not beyond", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await open(runtime, unframed());
        const { readable } = toByteStreams(connection);
        peer.send(pattern(0, 10_000));
        const reader = readable.getReader({ mode: "byob" });
        const checker = new PatternChecker();
        const read = async () => {
          const { done, value } = await reader.read(new Uint8Array(100));
          if (value !== undefined) checker.check(value);
          return done;
        };
        while (checker.received < 10_000) assert.equal(await read(), false);
        const last = read();
        await sleep(10);
        peer.end();
        assert.equal(await last, true);
        assert.equal(checker.received, 10_000);
        leave();
        await peer.ended;
      }));

    it("of bytes has no chunks for messages that have none", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await open(
          runtime,
          lengthPrefixed({ bytes: 1 }),
        );
        let received = 0;
        peer.write(0, 1, 65, 0, 0, 2, 66, 67, 2, 68, 69, 0);
        peer.end();
        const { readable } = toByteStreams(connection, 3);
        const lengths: number[] = [];
        const sink = new WritableStream<Uint8Array>({
          write(chunk) {
            received += chunk.length;
            lengths.push(chunk.length);
          },
        });
        await readable.pipeTo(sink);
        assert.deepEqual(lengths, [1, 2, 2]);
        assert.equal(received, 5);
        leave();
        await peer.ended;
      }));

    it("of bytes fails its reader, whatever that brought, when the connection is lost", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const mode of ["byob", undefined] as const) {
          const { peer, connection, leave } = await open(runtime, unframed());
          const { readable } = toByteStreams(connection);
          const error = new Error("gone");
          const reading = mode === undefined
            ? readable.getReader().read()
            : readable.getReader({ mode }).read(new Uint8Array(9));
          const failing = assert.rejects(reading, is(error));
          connection.abort(error);
          await failing;
          peer.end();
          leave();
        }
      }));

    it("is not ready for more while the peer does not read", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, writable, leave } = await openStreams(runtime);
        peer.pause();
        const writer = writable.getWriter();
        const message = "x".repeat(MAX_TEXT);
        const total = 30_000;
        let count = 0;
        const writing = (async () => {
          for (; count < total; count++) {
            await writer.ready;
            void writer.write(message);
          }
          await writer.close();
        })();
        let before = -1;
        while (before !== count || count === 0) {
          before = count;
          await sleep(100);
        }
        assert.ok(count < total, `${count} were written`);
        peer.resume();
        await writing;
        await peer.ended;
        assert.equal(peer.received, total * frameOf(message).length);
        peer.end();
        leave();
      }));
  });

  describe(`${adapter.name}: the end of a connection as web streams`, () => {
    it("its writable closes by FIN, its readable goes on until the peer's", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const writer = writable.getWriter();
        void writer.write("last");
        await writer.close();
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["last"]);
        peer.send(frameOf("answer"));
        const reader = readable.getReader();
        assert.equal((await reader.read()).value, "answer");
        peer.end();
        assert.equal((await reader.read()).done, true);
        assert.equal(await connection.whenClosed, undefined);
        leave();
      }));

    it("the peer's FIN closes its readable, its writable goes on", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        peer.end();
        assert.equal((await readable.getReader().read()).done, true);
        await sleep(10);
        const writer = writable.getWriter();
        await writer.write("still here");
        await writer.close();
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["still here"]);
        assert.equal(await connection.whenClosed, undefined);
        leave();
      }));

    it("cancelling its readable drops what comes in; its writable goes on", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const reader = readable.getReader();
        peer.send(framesOf("a", "b"));
        assert.equal((await reader.read()).value, "a");
        const waiting = reader.read();
        assert.equal((await waiting).value, "b");
        await reader.cancel("no more");
        for (let i = 0; i < 2000; i++) peer.send(frameOf("x".repeat(MAX_TEXT)));
        const writer = writable.getWriter();
        await writer.write("still here");
        await peer.has(frameOf("still here").length);
        peer.end();
        await writer.close();
        await peer.ended;
        assert.equal(await connection.whenClosed, undefined);
        leave();
      }));

    it("aborting its writable aborts the connection, even while a write waits for the peer", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const isWaiting of [false, true]) {
          const { peer, connection, readable, writable, leave } =
            await openStreams(runtime);
          const error = new Error("changed my mind");
          const writer = writable.getWriter();
          writer.closed.catch(() => {});
          writer.ready.catch(() => {});
          peer.pause();
          if (isWaiting) {
            for (let i = 0; i < 30_000; i++) {
              writer.write("x".repeat(MAX_TEXT)).catch(() => {});
            }
            await sleep(50);
          }
          const reading = assert.rejects(
            readable.getReader().read(),
            is(error),
          );
          await writer.abort(error);
          await reading;
          assert.equal(await connection.whenClosed, error);
          peer.resume();
          peer.end();
          await peer.closed;
          leave();
        }
      }));

    it("aborting it with a value that is not an Error closes it with an error that has the value as its cause", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, writable, leave } = await openStreams(
          runtime,
        );
        await writable.abort("enough");
        const reason = await connection.whenClosed;
        assert.ok(reason instanceof ConnectionClosedError);
        assert.equal(reason.cause, "enough");
        peer.end();
        leave();
      }));

    it("a message that cannot be encoded fails both, and closes the connection with that error", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const writer = writable.getWriter();
        writer.closed.catch(() => {});
        const reading = assert.rejects(
          readable.getReader().read(),
          CodecError,
        );
        await writer.write("a");
        await assert.rejects(
          writer.write("x".repeat(MAX_TEXT + 1)),
          CodecError,
        );
        await reading;
        await peer.ended;
        assert.deepEqual(textsOf(peer.chunks), ["a"]);
        peer.end();
        assert.ok(await connection.whenClosed instanceof CodecError);
        leave();
      }));

    it("a reset fails both with its reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const reader = readable.getReader();
        const writer = writable.getWriter();
        const closed = writer.closed.catch((error) => error);
        const reading = reader.read().catch((error) => error);
        peer.pause();
        for (let i = 0; i < 1000; i++) {
          writer.write("x".repeat(MAX_TEXT)).catch(() => {});
        }
        await sleep(20);
        peer.destroy();
        const reason = await connection.whenClosed;
        assert.ok(reason instanceof ConnectionResetError, String(reason));
        assert.equal(await reading, reason);
        assert.equal(await closed, reason);
        leave();
      }));

    it("bytes that cannot be decoded fail both with the codec's error", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const { peer, readable, writable, leave } = await openStreams(
            runtime,
          );
          const closed = writable.getWriter().closed;
          const failing = assert.rejects(closed, CodecError);
          peer.write(0xff, 0xff);
          void peer.ended.then(() => peer.end());
          await assert.rejects(readable.getReader().read(), CodecError);
          await failing;
          leave();
        })
      ));

    it("closed cleanly by its owner, its readable closes and its writable fails", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const failing = assert.rejects(
          writable.getWriter().closed,
          ConnectionClosedError,
        );
        const reading = readable.getReader().read();
        await connection.close();
        assert.equal((await reading).done, true);
        await peer.ended;
        peer.end();
        await failing;
        leave();
      }));

    it("a runtime that drains lets them go on to their ends", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, readable, writable, leave } =
          await openStreams(runtime);
        const piped = readable.pipeTo(writable);
        peer.send(frameOf("a"));
        await peer.has(frameOf("a").length);
        const stopped = runtime.stop({ drainMs: 5000 });
        await sleep(20);
        peer.send(frameOf("b"));
        peer.end();
        await piped;
        await peer.ended;
        await stopped;
        assert.deepEqual(textsOf(peer.chunks), ["a", "b"]);
        assert.equal(await connection.whenClosed, undefined);
        leave();
      }));

    it("refuses a second call and invalid marks, which harm nothing", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { peer, connection, leave } = await open(runtime, texts);
        for (const highWaterMark of [-1, NaN]) {
          assert.throws(
            () => toWebStreams(connection, { highWaterMark }),
            RangeError,
          );
          assert.throws(
            () => toWebStreams(connection, undefined, { highWaterMark }),
            RangeError,
          );
        }
        const { readable } = toWebStreams(connection);
        assert.throws(() => toWebStreams(connection), ConnectionBusyError);
        peer.send(frameOf("a"));
        assert.equal((await readable.getReader().read()).value, "a");
        leave();
        await peer.ended;
        peer.end();
      }));
  });
}
