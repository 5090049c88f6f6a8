/**
 * Connections as web streams.
 *
 * @module
 */

import { ConnectionClosedError } from "../api/errors.ts";
import { isError } from "../util/text.ts";
import type { MessageConnection } from "./message_connection.ts";

/**
 * A connection as what web streams can be piped from and to.
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
 * Gives a connection the form of a pair of web streams: of messages, or, with the
 * codec {@linkcode unframed}, of bytes.
 *
 * Both have back-pressure: nothing is read beyond the high-water mark of
 * `readable`, and `writable` is ready when the system has taken what was written.
 *
 * | What happens                         | What becomes of it                         |
 * | ------------------------------------ | ------------------------------------------ |
 * | the peer sends FIN                   | `readable` closes, `writable` goes on      |
 * | `writable` is closed                 | FIN, behind what was written; `readable` goes on |
 * | both                                 | the connection is closed                   |
 * | `readable` is cancelled              | what comes in is dropped, `writable` goes on |
 * | `writable` is aborted                | the connection is aborted                  |
 * | a chunk cannot be encoded            | the connection is closed with that error   |
 * | the connection is lost               | both fail with its reason                  |
 * | the connection is closed in good order | `readable` closes, `writable` fails with {@linkcode ConnectionClosedError} |
 *
 * @param connection What {@linkcode connectMessages} or {@linkcode acceptMessages}
 * has opened. Its messages are the stream's from now on.
 * @param readableStrategy The high-water mark of `readable`; 0 by default, so
 * nothing is read before somebody asks for it.
 * @param writableStrategy The same for `writable`; 1 chunk by default. What is no
 * mark is refused by the streams of the runtime, with a `RangeError`.
 * @returns The two streams.
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
  const writable = new WritableStream(
    new MessageSink(connection),
    writableStrategy,
  );
  const readable = new ReadableStream(
    new MessageSource(connection),
    readableStrategy,
  );
  return { readable, writable };
}

class MessageSink<Sent> implements UnderlyingSink<Sent> {
  readonly #connection: MessageConnection<unknown, Sent>;

  constructor(connection: MessageConnection<unknown, Sent>) {
    this.#connection = connection;
  }

  start(controller: WritableStreamDefaultController): void {
    const { signal } = controller;
    // Who aborts does not wait for a write that waits for the peer.
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

class MessageSource<Received> implements UnderlyingDefaultSource<Received> {
  readonly #connection: MessageConnection<Received, never>;
  #messages!: AsyncIterator<Received>;
  #isClosed = false;

  constructor(connection: MessageConnection<Received, never>) {
    this.#connection = connection;
  }

  start(controller: ReadableStreamDefaultController<Received>): void {
    this.#messages = this.#connection[Symbol.asyncIterator]();
    this.#connection.whenClosed.then((reason) => {
      if (reason === undefined) this.#close(controller);
      else controller.error(reason);
    });
  }

  async pull(
    controller: ReadableStreamDefaultController<Received>,
  ): Promise<void> {
    const { done, value } = await this.#messages.next();
    if (this.#isClosed) return;
    if (done) this.#close(controller);
    else controller.enqueue(value);
  }

  /** What comes in is dropped, so that the peer's end is heard. */
  cancel(): void {
    this.#isClosed = true;
    void this.#drop();
  }

  async #drop(): Promise<void> {
    try {
      while (!(await this.#messages.next()).done);
    } catch {
      // The writable is told.
    }
  }

  #close(controller: ReadableStreamDefaultController<Received>): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    controller.close();
  }
}

/** What a stream was aborted with, as what a connection is closed with. */
function asError(reason: unknown): Error {
  return isError(reason) ? reason : new ConnectionClosedError(
    "The stream was aborted",
    { cause: reason },
  );
}
