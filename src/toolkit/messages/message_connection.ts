/**
 * Connections whose messages are pulled.
 *
 * @module
 */

import type { SocketAddress } from "../../contract/address.ts";
import type { ProxyInfo } from "../../contract/proxy.ts";
import type { TlsInfo } from "../../contract/tls_info.ts";
import {
  ConnectionBusyError,
  ConnectionClosedError,
} from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { SendOrQueueResult } from "../../api/send_result.ts";
import type { StartTlsOptions } from "../../api/options/tls.ts";
import { EMPTY } from "../../util/empty.ts";
import type { MessageContext } from "./message_context.ts";
import { receiveWithin } from "./limited_receive.ts";
import { MessageIterator } from "./message_iterator.ts";
import type { MessagePull, PullKind } from "./message_pull.ts";
import type { ReceiveOptions } from "./receive_options.ts";

/**
 * A connection for scripts and tests: messages are pulled out of it one by one,
 * by `for await` or by {@linkcode MessageConnection.receive}, and
 * {@linkcode MessageConnection.send} can be awaited.
 *
 * A message can be kept: bytes that the codec has decoded as a view are copied. Of
 * views inside of a message that cannot be known; codecs for such a connection make
 * copies, `readBytes` of {@linkcode BinaryReader} for instance.
 *
 * Nothing is read before it is asked for, so a peer has to wait for whoever does
 * not ask. No message is decoded ahead. What has arrived waits in the buffers of
 * the system, and as much as one read of the runtime has brought, at most 128 KiB
 * and a message, in those of the connection. While nobody asks, the peer's end is
 * not heard either, and `idleTimeoutMs` does not count.
 *
 * When the peer has ended, the messages end, and this end may go on sending: the
 * connection is closed by {@linkcode MessageConnection.end},
 * {@linkcode MessageConnection.close} or the end of the scope of `await using`.
 * When the runtime is stopped with a `drainMs`, whoever asks for a further message
 * gets a {@linkcode RuntimeStoppedError}, so that what is in hand can be finished.
 * A `receive` that waits goes on if this end has connected, for it may wait for an
 * answer, and so does a stream. A connection of this end that is in neither of
 * these, nor in a loop, is closed.
 *
 * If it ends otherwise, by a reset, or by bytes that the codec cannot decode,
 * whoever asks for a message gets that error, as soon as the connection is closed.
 *
 * @category Reactors
 */
export interface MessageConnection<Received, Sent = Received>
  extends AsyncIterable<Received>, AsyncDisposable {
  /** The id of its reactor in its runtime. */
  readonly id: ReactorID;

  /** This end of the connection. */
  readonly localAddress: SocketAddress;

  /** The peer's end of the connection. */
  readonly remoteAddress: SocketAddress;

  /** What the proxy has said that the connection came through; undefined if it was not asked to. See {@linkcode ListenOptions.proxyProtocol}. */
  readonly proxy: ProxyInfo | undefined;

  /** What the handshake of TLS has agreed on; undefined without TLS, and until it is started and that handshake is done. */
  readonly tls: TlsInfo | undefined;

  /**
   * Resolves when the connection is closed, with the reason; `undefined` if it ended
   * cleanly. Never rejects. To wait for it does not read: of a peer's end
   * only those hear who ask for messages, or have closed this end.
   */
  readonly whenClosed: Promise<Error | undefined>;

  /**
   * Waits for the next message. Several calls at a time get the messages in the
   * order of the calls.
   *
   * @param options How long it waits. A call that gives up loses no message: the
   * next one goes to the next call.
   * @returns Resolves to the message; to `undefined` when there are no more,
   * because the peer has ended, or this end has closed the connection. Rejects
   * with what the connection was closed with.
   * @throws {ReceiveTimeoutError} If there is none within `timeoutMs`.
   * @throws {ReceiveCancelledError} If the signal is aborted; its reason is the
   * `cause`.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  receive(options?: ReceiveOptions): Promise<Received | undefined>;

  /**
   * Sends a message. What is sent goes out in the order of the calls, awaited or
   * not.
   *
   * @param message What to send. It is encoded at once, and then the caller's again.
   * @returns Resolves when there is room for more: at once while the system takes
   * what is sent, else when it has taken all of it. Rejects if the connection is
   * closed before, with the reason, or with {@linkcode ConnectionClosedError}.
   * Nobody has to await it.
   * @throws {CodecError} If it cannot be encoded. Whatever encoding throws is thrown
   * by the call; nothing of the message goes out, and the connection stays as it is.
   * @throws {SendQueueFullError} If it is larger than `maxSendQueue`.
   */
  send(message: Sent): Promise<void>;

  /**
   * Has the connection speak TLS, when the message was received that asks for it,
   * or agrees to it; see {@linkcode DispatchContext.startTls}. What is sent after
   * this goes out in TLS, awaited or not.
   *
   * @param options The TLS. Default: that of the listener or the connect, which was
   * set up with `start: "later"`.
   * @returns Resolves when the handshake is done; rejects with what the connection
   * was closed with before. Nobody has to await it.
   * @throws {TlsAlreadyStartedError} If it has TLS, or is about to.
   * @throws {ConnectionClosedError} If it is closed or closing, or one end has ended.
   * @throws {InvalidCredentialError} If a certificate or key is missing, or cannot
   * be used.
   * @throws {InvalidOptionError} If another option is out of range, or none
   * are given and there is no TLS to start later.
   * @throws {UnsupportedTransportError} If the adapter has no TLS.
   */
  startTls(options?: StartTlsOptions): Promise<TlsInfo>;

  /**
   * Ends sending: what was sent goes out, then FIN. Messages can still be received,
   * until the peer ends; then the connection closes by itself.
   *
   * @returns Resolves when all that was sent is out; rejects if it is lost. Nobody
   * has to await it.
   */
  end(): Promise<void>;

  /**
   * Closes the connection gracefully: what was sent goes out, then FIN; nothing
   * is received any more. Called by `await using` at the end of its scope, and by a
   * loop that is left early. Does not wait for the peer:
   * {@linkcode MessageConnection.whenClosed} does.
   *
   * @param reason Given to those who wait for a message, and to `whenClosed`.
   * @returns Resolves when all that was sent is out; rejects if it is lost. Nobody
   * has to await it.
   */
  close(reason?: Error): Promise<void>;

  /**
   * Closes the connection now and drops what is not out, by a reset where the
   * runtime can.
   *
   * @param reason Given to those who wait, and to `whenClosed`.
   */
  abort(reason?: Error): void;

  /**
   * The messages, one at a time. To leave the loop closes the connection; that the
   * messages end does not.
   *
   * @returns An iterator, one at a time.
   * @throws {ConnectionBusyError} If there is one already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Received>;
}

/** The connection of `ctx`, whose messages come by `pull`. */
export class PulledConnection<Received, Sent>
  implements MessageConnection<Received, Sent> {
  readonly whenClosed: Promise<Error | undefined>;
  /** What it was closed with, once it is. */
  reason: Error | undefined = undefined;
  readonly #ctx: MessageContext<Sent, never>;
  readonly #pull: MessagePull<Received>;
  #iterator: MessageIterator<Received> | undefined = undefined;
  /** What is sent is out; undefined while more may be sent. */
  #lastOut: Promise<void> | undefined = undefined;

  constructor(
    ctx: MessageContext<Sent, never>,
    pull: MessagePull<Received>,
    whenClosed: Promise<Error | undefined>,
  ) {
    this.#ctx = ctx;
    this.#pull = pull;
    this.whenClosed = whenClosed;
  }

  get id(): ReactorID {
    return this.#ctx.id;
  }

  get localAddress(): SocketAddress {
    return this.#ctx.socket.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.#ctx.socket.remoteAddress;
  }

  get proxy(): ProxyInfo | undefined {
    return this.#ctx.socket.proxy;
  }

  get tls(): TlsInfo | undefined {
    return this.#ctx.socket.tls;
  }

  startTls(options?: StartTlsOptions): Promise<TlsInfo> {
    return this.#ctx.startTls(options);
  }

  async receive(options?: ReceiveOptions): Promise<Received | undefined> {
    if (options !== undefined) {
      return await receiveWithin(this.#ctx, this.#pull, options);
    }
    const { value } = await this.#pull.pull("once");
    return value;
  }

  send(message: Sent): Promise<void> {
    switch (this.#ctx.send(message)) {
      case SendOrQueueResult.Complete:
        return Promise.resolve();
      case SendOrQueueResult.InQueue:
        return this.#whenOut();
      case SendOrQueueResult.Closed:
        return unawaited(Promise.reject(this.#closedError()));
    }
  }

  end(): Promise<void> {
    this.#lastOut ??= this.#whenOut();
    this.#ctx.end();
    return this.#lastOut;
  }

  close(reason?: Error): Promise<void> {
    this.#lastOut ??= this.#whenOut();
    this.#ctx.close(reason);
    this.#pull.finish(reason);
    return this.#lastOut;
  }

  abort(reason?: Error): void {
    this.#ctx.abort(reason);
    this.#pull.finish(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Received> {
    return this.#iterate("loop");
  }

  /** The messages for a stream, which ends when they do. */
  stream(): AsyncIterator<Received> {
    return this.#iterate("stream");
  }

  /** Somebody waits for a message, or is in a loop over them. */
  get isInUse(): boolean {
    return !this.#pull.isOver &&
      (this.#pull.isAwaited || this.#iterator?.isActive === true);
  }

  /** True if `error` is what the messages ended with: nobody has to be told of it again. */
  isKnown(error: unknown): error is Error {
    return error !== undefined &&
      (error === this.reason || error === this.#pull.reason);
  }

  #iterate(asking: PullKind): MessageIterator<Received> {
    if (this.#iterator?.isActive && !this.#pull.isOver) {
      throw new ConnectionBusyError(
        `Cannot iterate the messages of reactor ${this.id}: they are being iterated already`,
      );
    }
    return this.#iterator = new MessageIterator(this.#pull, asking, this);
  }

  /** Resolves when all that was sent so far is out. */
  #whenOut(): Promise<void> {
    return unawaited(
      new Promise((resolve, reject) => {
        const result = this.#ctx.sendOrQueue(EMPTY, (result) => {
          if (result.ok) resolve();
          else if (!isClosing) reject(result.error);
        });
        const isClosing = result === SendOrQueueResult.Closed;
        if (isClosing) resolve(this.whenClosed.then(() => {}));
      }),
    );
  }

  #closedError(): Error {
    return this.reason ?? new ConnectionClosedError(
      `Cannot send to reactor ${this.id}: its connection is closed or closing`,
    );
  }
}

/** `promise`, which may be left alone: that it rejects is told elsewhere, too, and does not end the process. */
function unawaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
