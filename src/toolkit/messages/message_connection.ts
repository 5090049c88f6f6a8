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
 * You may keep messages: if a message is a view of what was read, it is copied.
 * Views inside a message are not found; a codec for such a connection must copy
 * them, for example with `readBytes` of {@linkcode BinaryReader}.
 *
 * Nothing is read before you ask for it, so the peer has to wait. No message is
 * decoded ahead. What has arrived waits in the buffers of the system, and what
 * one read of the runtime has brought, at most 512 KiB and a message, in those
 * of the connection. While nobody asks, the peer's FIN is not noticed either,
 * and `idleTimeoutMs` does not count.
 *
 * When the peer has ended, the messages end, but this end may go on sending.
 * The connection is closed by {@linkcode MessageConnection.end},
 * {@linkcode MessageConnection.close} or the end of the scope of `await using`.
 * When the runtime is stopped with a `drainMs`, asking for a further message
 * throws {@linkcode RuntimeStoppedError}, so that the message in hand can be
 * finished. A `receive` that already waits goes on if this end has connected,
 * since it may wait for an answer; so does a stream. A connection that this end
 * opened, and on which nobody waits or loops, is closed.
 *
 * If the connection ends in another way, such as a reset or bytes that the
 * codec cannot decode, asking for a message throws that error once the
 * connection is closed.
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

  /** What the proxy in front has said about the connection; undefined without {@linkcode ListenOptions.proxyProtocol}. */
  readonly proxy: ProxyInfo | undefined;

  /** What the TLS handshake has agreed on; undefined without TLS, and until the handshake is done. */
  readonly tls: TlsInfo | undefined;

  /**
   * Resolves when the connection is closed, with the reason; `undefined` if it
   * ended cleanly. Never rejects. Waiting for it does not read: the peer's FIN
   * is noticed only by asking for messages, or after closing this end.
   */
  readonly whenClosed: Promise<Error | undefined>;

  /**
   * Waits for the next message. Concurrent calls get the messages in the order
   * of the calls.
   *
   * @param options How long to wait. A call that gives up loses no message: the
   * next call gets it.
   * @returns Resolves to the message; to `undefined` when there are no more,
   * since the peer has ended or this end has closed the connection. Rejects
   * with the reason of the connection.
   * @throws {ReceiveTimeoutError} If there is none within `timeoutMs`.
   * @throws {ReceiveCancelledError} If the signal is aborted; its reason is the
   * `cause`.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  receive(options?: ReceiveOptions): Promise<Received | undefined>;

  /**
   * Sends a message. Messages go out in the order of the calls, awaited or not.
   *
   * @param message What to send. It is encoded before this returns, and then
   * the caller's again.
   * @returns Resolves when there is room for more: at once while the system
   * takes what is sent, otherwise when it has taken all of it. Rejects if the
   * connection closes before, with the reason or a
   * {@linkcode ConnectionClosedError}. You need not await it.
   * @throws {CodecError} If it cannot be encoded. Whatever encoding throws is
   * thrown by the call; nothing of the message goes out, and the connection
   * stays as it is.
   * @throws {SendQueueFullError} If it is larger than `maxSendQueue`.
   */
  send(message: Sent): Promise<void>;

  /**
   * Switches the connection to TLS, after the message that asks for it or
   * agrees to it; see {@linkcode DispatchContext.startTls}. What is sent after
   * this call goes out encrypted, awaited or not.
   *
   * @param options The TLS options. Default: those of the listener or the
   * connect, which was set up with `start: "later"`.
   * @returns Resolves when the handshake is done; rejects with the reason if
   * the connection closes before. You need not await it.
   * @throws {TlsAlreadyStartedError} If it has TLS, or is about to.
   * @throws {ConnectionClosedError} If it is closed or closing, or one end has
   * ended.
   * @throws {InvalidCredentialError} If a certificate or key is missing, or
   * cannot be used.
   * @throws {InvalidOptionError} If another option is out of range; or without
   * options, if no TLS was set up with `start: "later"`.
   * @throws {UnsupportedTransportError} If the adapter has no TLS.
   */
  startTls(options?: StartTlsOptions): Promise<TlsInfo>;

  /**
   * Ends sending: what was sent goes out, then FIN. You can still receive
   * messages until the peer ends; then the connection closes by itself.
   *
   * @returns Resolves when all that was sent is out; rejects if it is lost.
   * Nobody has to await it.
   */
  end(): Promise<void>;

  /**
   * Closes the connection gracefully: what was sent goes out, then FIN; nothing
   * is received any more. Called by `await using` at the end of its scope, and
   * by a loop that is left early. Does not wait for the peer:
   * {@linkcode MessageConnection.whenClosed} does.
   *
   * @param reason Given to those who wait for a message, and to `whenClosed`.
   * @returns Resolves when all that was sent is out; rejects if it is lost.
   * Nobody has to await it.
   */
  close(reason?: Error): Promise<void>;

  /**
   * Closes the connection now, with a reset where the runtime can, and drops
   * what is not out.
   *
   * @param reason Given to those who wait, and to `whenClosed`.
   */
  abort(reason?: Error): void;

  /**
   * Iterates over the messages. Leaving the loop early closes the connection;
   * reaching the end of the messages does not.
   *
   * @returns An iterator; there can be only one at a time.
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
  /** Resolves when what was sent last is out; undefined while there is room for more. */
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

  /** The messages, for a stream that ends when they do. */
  stream(): AsyncIterator<Received> {
    return this.#iterate("stream");
  }

  /** True while somebody waits for a message, or loops over them. */
  get isInUse(): boolean {
    return !this.#pull.isOver &&
      (this.#pull.isAwaited || this.#iterator?.isActive === true);
  }

  /** True if the messages ended with `error`, so that it need not be reported again. */
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

/** Returns `promise`, which need not be awaited: its rejection is reported elsewhere, too, and must not end the process. */
function unawaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
