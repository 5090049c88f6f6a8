/**
 * Connections as web streams.
 *
 * @module
 */

import { checkArgument } from "../../api/check_argument.ts";
import { ConnectionClosedError } from "../../api/errors.ts";
import { isError } from "../../util/text.ts";
import {
  type MessageConnection,
  PulledConnection,
} from "./message_connection.ts";

/**
 * A connection as a pair of web streams.
 *
 * @category Reactors
 */
export interface MessageStreams<Received, Sent = Received> {
  /** What comes in. */
  readonly readable: ReadableStream<Received>;
  /** What is sent. */
  readonly writable: WritableStream<Sent>;
}

/**
 * Makes a pair of web streams of a connection: streams of messages, or, with
 * the codec {@linkcode unframed}, of bytes.
 *
 * Both have back-pressure: nothing is read beyond the high-water mark of
 * `readable`, and `writable` is ready when the system has taken what was written.
 *
 * | What happens                         | What becomes of it                         |
 * | ------------------------------------ | ------------------------------------------ |
 * | the peer sends FIN                   | `readable` closes, `writable` goes on      |
 * | `writable` is closed                 | FIN goes out after what was written; `readable` goes on |
 * | both                                 | the connection is closed                   |
 * | `readable` is cancelled              | what comes in is dropped, `writable` goes on |
 * | `writable` is aborted                | the connection is aborted                  |
 * | a chunk cannot be encoded            | the connection is closed with that error   |
 * | the connection is lost               | both fail with its reason                  |
 * | the runtime drains                   | both go on, until they end or `drainMs` is over |
 * | the connection closes cleanly        | `readable` closes, `writable` fails with {@linkcode ConnectionClosedError} |
 *
 * @param connection A connection from {@linkcode connectMessages} or
 * {@linkcode acceptMessages}. From now on, its messages belong to the stream.
 * @param readableStrategy The high-water mark of `readable`; 0 by default, so
 * nothing is read before somebody asks for it.
 * @param writableStrategy The same for `writable`; 1 chunk by default. A value
 * that is not a high-water mark is refused by the runtime with a `RangeError`.
 * @returns The two streams.
 * @throws {InvalidArgumentError} If `connection` is not a connection of messages.
 * @throws {ConnectionBusyError} If the messages are being iterated.
 *
 * @example An echo server, piped
 * ```ts
 * import { acceptMessages, connectMessages, ReactRuntime, toWebStreams, unframed } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const echo = acceptMessages(unframed(), async (connection) => {
 *   const { readable, writable } = toWebStreams(connection);
 *   await readable.pipeTo(writable);
 * });
 * const { address } = await runtime.listen("127.0.0.1:0", echo);
 *
 * const client = toWebStreams(await connectMessages(runtime, address, unframed()));
 * const sent = new Blob(["hello ", "world"]).stream().pipeTo(client.writable);
 * const text = await new Response(client.readable).text();
 * await sent;
 * console.log(text); // hello world
 * ```
 *
 * @category Reactors
 */
export function toWebStreams<Received, Sent>(
  connection: MessageConnection<Received, Sent>,
  readableStrategy: QueuingStrategy<Received> = { highWaterMark: 0 },
  writableStrategy?: QueuingStrategy<Sent>,
): MessageStreams<Received, Sent> {
  const writable = writableOf(connection, writableStrategy);
  const readable = new ReadableStream(
    new MessageSource(connection),
    readableStrategy,
  );
  return { readable, writable };
}

/**
 * Does the same for messages that are bytes, but `readable` is a byte stream:
 * its readers may bring their own buffers (`getReader({ mode: "byob" })`).
 *
 * @param connection A connection from {@linkcode connectMessages} or
 * {@linkcode acceptMessages}, for example with {@linkcode unframed}.
 * @param highWaterMark Bytes that `readable` may read ahead; 0 by default. A
 * value that is not a high-water mark is refused by the runtime with a
 * `RangeError`.
 * @param writableStrategy As for {@linkcode toWebStreams}.
 * @returns The two streams.
 * @throws {InvalidArgumentError} If `connection` is not a connection of messages.
 * @throws {ConnectionBusyError} If the messages are being iterated.
 *
 * @category Reactors
 */
export function toByteStreams<Sent>(
  connection: MessageConnection<Uint8Array, Sent>,
  highWaterMark = 0,
  writableStrategy?: QueuingStrategy<Sent>,
): MessageStreams<Uint8Array, Sent> {
  const writable = writableOf(connection, writableStrategy);
  const source = new ByteSource(
    connection as MessageConnection<Uint8Array<ArrayBuffer>, Sent>,
  );
  const readable = new ReadableStream(source, { highWaterMark });
  return { readable, writable };
}

function writableOf<Sent>(
  connection: MessageConnection<unknown, Sent>,
  strategy: QueuingStrategy<Sent> | undefined,
): WritableStream<Sent> {
  checkArgument(connection, "a connection", "receive");
  return new WritableStream(new MessageSink(connection), strategy);
}

class MessageSink<Sent> implements UnderlyingSink<Sent> {
  readonly #connection: MessageConnection<unknown, Sent>;

  constructor(connection: MessageConnection<unknown, Sent>) {
    this.#connection = connection;
  }

  start(controller: WritableStreamDefaultController): void {
    const { signal } = controller;
    // Aborting does not wait for a write that waits for the peer.
    signal.addEventListener("abort", () => this.abort(signal.reason));
    this.#connection.whenClosed.then((reason) =>
      controller.error(
        reason ??
          new ConnectionClosedError("Cannot write: the connection is closed"),
      )
    );
  }

  async write(message: Sent): Promise<void> {
    try {
      await this.#connection.send(message);
    } catch (thrown) {
      void this.#connection.close(asError(thrown));
      throw thrown;
    }
  }

  close(): Promise<void> {
    return this.#connection.end();
  }

  abort(reason: unknown): void {
    this.#connection.abort(asError(reason));
  }
}

/** What both kinds of stream controllers have. */
interface SourceController<Received> {
  enqueue(message: Received): void;
  close(): void;
  error(reason: unknown): void;
}

class MessageSource<Received> {
  readonly #connection: MessageConnection<Received, never>;
  #messages!: AsyncIterator<Received>;
  #isClosed = false;

  constructor(connection: MessageConnection<Received, never>) {
    this.#connection = connection;
  }

  start(controller: SourceController<Received>): void {
    const connection = this.#connection;
    this.#messages = connection instanceof PulledConnection
      ? connection.stream()
      : connection[Symbol.asyncIterator]();
    this.#connection.whenClosed.then((reason) => {
      if (reason === undefined) this.#close(controller);
      else controller.error(reason);
    });
  }

  async pull(controller: SourceController<Received>): Promise<void> {
    const { done, value } = await this.#messages.next();
    if (this.#isClosed) return;
    if (done) this.#close(controller);
    else await this.put(value, controller);
  }

  /** Drops what comes in, so that the peer's FIN is noticed. */
  cancel(): void {
    this.#isClosed = true;
    void this.#drop();
  }

  protected put(
    message: Received,
    controller: SourceController<Received>,
  ): Promise<void> | void {
    controller.enqueue(message);
  }

  protected finish(controller: SourceController<Received>): void {
    controller.close();
  }

  async #drop(): Promise<void> {
    try {
      while (!(await this.#messages.next()).done);
    } catch {
      // The writable fails with it.
    }
  }

  #close(controller: SourceController<Received>): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.finish(controller);
  }
}

/** Messages that are bytes, which can be read into a buffer of the reader. */
class ByteSource extends MessageSource<Uint8Array<ArrayBuffer>> {
  readonly type = "bytes";

  /** A byte stream refuses empty chunks. */
  protected override put(
    message: Uint8Array<ArrayBuffer>,
    controller: ReadableByteStreamController,
  ): Promise<void> | void {
    if (message.length === 0) return this.pull(controller);
    controller.enqueue(message);
  }

  /** A waiting reader gets its buffer back. */
  protected override finish(controller: ReadableByteStreamController): void {
    controller.close();
    controller.byobRequest?.respond(0);
  }
}

/** The reason to close a connection whose stream was aborted with `reason`. */
function asError(reason: unknown): Error {
  return isError(reason) ? reason : new ConnectionClosedError(
    "The stream was aborted",
    { cause: reason },
  );
}
