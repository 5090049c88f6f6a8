/**
 * A client that makes requests, and gets answers by promises.
 *
 * @module
 */

import { checkArgument } from "../../api/check_argument.ts";
import { InvalidOptionError } from "../../api/errors.ts";
import type { AddressLike } from "../../api/address.ts";
import type { Reactor } from "../../api/reactor.ts";
import { SendOrQueueResult } from "../../api/send_result.ts";
import type { Codec } from "../../codec/codec.ts";
import { engineOf, type ReactRuntime } from "../../runtime.ts";
import type { RequestClientStats } from "../../stats/stats.ts";
import { forget } from "../../util/forget.ts";
import { isPromiseLike } from "../../util/promises.ts";
import { checkCodec } from "../messages/check_codec.ts";
import { ClientLife } from "./client/client_life.ts";
import type { ClientLink } from "./client/client_link.ts";
import { newCorrelators } from "./client/correlators.ts";
import { framed } from "../messages/framed.ts";
import { keepConnected } from "../connecting/keep_connected.ts";
import { keptMessage } from "../messages/kept_message.ts";
import type { MessageContext } from "../messages/message_context.ts";
import type { RequestSettings } from "./client/pending_request.ts";
import {
  CLOSE_CLIENT_OPTIONS,
  type CloseClientOptions,
  type ConnectedClientOptions,
  REQUEST_CLIENT_OPTIONS,
  REQUEST_OPTIONS,
  type RequestClientOptions,
  type RequestOptions,
} from "./request_client_options.ts";
import type { Requester } from "./requester.ts";
import type { RequestServer } from "./serve.ts";
import type { SharedServer } from "./server/served_connection.ts";
import { RequestDispatcher } from "./client/request_dispatcher.ts";
import { linkGone } from "./client/request_failures.ts";

/**
 * Sends requests to one peer, and resolves to their answers.
 *
 * Requests made while there is no connection wait for the next one, while their
 * time runs. So do requests made while the queue of the connection is longer than
 * `sendHighWaterMark`. When a connection ends, requests in flight fail with
 * `RequestLostError`, since nobody knows whether they were carried out. Those
 * marked as idempotent are sent again on the next connection.
 *
 * A request that times out, or is cancelled by its signal, is over for its
 * caller. Its answer may still come; it is then counted and dropped. Until
 * then, or until the connection ends, the request keeps its place in the
 * window. When all places are taken by requests whose time is up, the
 * connection is closed with `RequestTimeoutError`. So with `window: 1`, one at
 * a time, each timeout closes it.
 *
 * When the runtime is stopped, the client goes on until nobody waits for an
 * answer, for `drainMs` at most, since accepted connections may need it to
 * finish.
 *
 * @example Redis: answers come in the order of the requests
 * ```ts
 * import { lines, ReactRuntime, RequestClient, serve } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const shout = serve(lines(), (line) => line.toUpperCase());
 * const { address } = await runtime.listen("127.0.0.1:0", shout);
 *
 * const client = new RequestClient(runtime, lines(), { timeoutMs: 1000 });
 * await runtime.connect(address, client.reactor());
 * console.log(await Promise.all([client.request("a"), client.request("b")])); // A, B
 * await client.close();
 * ```
 *
 * @category Requests
 */
export class RequestClient<Request, Response>
  implements Requester<Request, Response>, AsyncDisposable {
  readonly #codec: Codec<Response, Request>;
  readonly #server: SharedServer<Response, Request> | undefined;
  readonly #hooks: Hooks<Request, Response>;
  readonly #dispatcher: RequestDispatcher<Request, Response>;
  readonly #life: ClientLife<Request, Response>;
  readonly #defaults: RequestSettings;
  #unsolicitedCount = 0;

  /**
   * Makes a client that stays connected, as {@linkcode keepConnected} does. It
   * accepts requests at once.
   *
   * @param runtime Whose connections they are.
   * @param addresses Where to connect: one address, or several in turn.
   * @param codec How requests and answers are laid out in the stream.
   * @param options Options of the client and of its connections, and when to
   * connect again. When it stops connecting, the client is closed.
   * @returns The client, which connects in the next turn.
   * @throws {InvalidArgumentError} If `runtime` is not a runtime.
   * @throws {InvalidAddressError} If an address is invalid, or none is given.
   * @throws {InvalidCodecError} If `codec` is not a codec.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  static connect<Request, Response, UserCommand = unknown>(
    runtime: ReactRuntime<UserCommand>,
    addresses: AddressLike | readonly AddressLike[],
    codec: Codec<Response, Request>,
    options: ConnectedClientOptions<NoInfer<Request>, NoInfer<Response>> = {},
  ): RequestClient<Request, Response> {
    const client = new RequestClient(runtime, codec, options);
    try {
      const reactor = () => client.reactor();
      client.#life.keep(keepConnected(runtime, addresses, reactor, options));
    } catch (error) {
      client.#life.end("it cannot connect");
      throw error;
    }
    return client;
  }

  /**
   * Makes a client that sends nothing until {@linkcode RequestClient.reactor}
   * serves a connection.
   *
   * @param runtime The runtime whose clock measures the time limits.
   * @param codec How requests and answers are laid out in the stream.
   * @param options How answers are correlated, how much is in flight, how long
   * they may take.
   * @throws {InvalidArgumentError} If `runtime` is not a runtime.
   * @throws {InvalidCodecError} If `codec` is not a codec.
   * @throws {InvalidOptionError} If an option is out of range, or `server` has
   * another codec or no `isUnsolicited` beside it.
   */
  constructor(
    runtime: ReactRuntime<never>,
    codec: Codec<Response, Request>,
    options: RequestClientOptions<NoInfer<Request>, NoInfer<Response>> = {},
  ) {
    checkArgument(runtime, "a runtime", "connect");
    checkCodec(codec);
    const { window, maxQueue, timeoutMs, secondConnection, server, ...hooks } =
      REQUEST_CLIENT_OPTIONS.fill(
        options as RequestClientOptions<unknown, unknown>,
      );
    if (server !== undefined) checkServer(server, codec, hooks.isUnsolicited);
    this.#codec = codec;
    this.#server = server as unknown as
      | SharedServer<Response, Request>
      | undefined;
    this.#hooks = hooks as Hooks<Request, Response>;
    this.#defaults = {
      timeoutMs,
      signal: undefined,
      isIdempotent: false,
      isFirst: false,
    };
    const engine = engineOf(runtime);
    this.#dispatcher = new RequestDispatcher({
      maxQueue,
      tally: engine.connector.requested,
      newCorrelator: newCorrelators(options, window),
      after: (delayMs, callback) => runtime.after(delayMs, callback),
      lateMs: (call) => engine.calls.lateMs(call),
      onBusy: () => this.#life.onBusy(),
      onIdle: () => this.#life.onIdle(),
    });
    this.#life = new ClientLife(
      runtime,
      this.#dispatcher,
      secondConnection === "replace",
    );
  }

  /** True while there is a connection. */
  get isConnected(): boolean {
    return this.#dispatcher.isConnected;
  }

  /** How many requests wait for an answer that may come in time. */
  get inFlightCount(): number {
    return this.#dispatcher.inFlightCount;
  }

  /** How many requests wait to be sent. */
  get queuedCount(): number {
    return this.#dispatcher.queuedCount;
  }

  /** How many requests timed out whose answer may still come on this connection. */
  get overdueCount(): number {
    return this.#dispatcher.overdueCount;
  }

  /** How many requests were taken so far. */
  get requestCount(): number {
    return this.#dispatcher.requestCount;
  }

  /** How many of them were answered. */
  get answeredCount(): number {
    return this.#dispatcher.answeredCount;
  }

  /** How many of them timed out. */
  get timedOutCount(): number {
    return this.#dispatcher.timedOutCount;
  }

  /** How many answers came when nobody waited for them any more. */
  get lateCount(): number {
    return this.#dispatcher.lateCount;
  }

  /** How many messages came in that answer no request. */
  get unsolicitedCount(): number {
    return this.#unsolicitedCount;
  }

  /**
   * Returns what became of its requests, and how long answers took. The sum over
   * all clients of the runtime is `requested` of {@linkcode ReactRuntime.stats}.
   *
   * @returns A copy, which is plain data.
   */
  stats(): RequestClientStats {
    return {
      ...this.#dispatcher.stats(),
      queued: this.queuedCount,
      overdue: this.overdueCount,
      late: this.lateCount,
      unsolicited: this.unsolicitedCount,
    };
  }

  /**
   * Makes a request. May be called from anywhere in this thread, including the
   * hooks of this client.
   *
   * @param message What to send. It is encoded when the window has room for it,
   * so it must not be changed before the promise settles.
   * @param options How long it may take, what cancels it, and whether it may be
   * sent twice.
   * @returns Resolves to the answer. Bytes are the caller's.
   * @throws {RequestTimeoutError} If it is not answered within `timeoutMs`.
   * @throws {RequestCancelledError} If `signal` is aborted.
   * @throws {RequestQueueFullError} If as many wait to be sent as `maxQueue`
   * allows.
   * @throws {RequestLostError} If it was sent, and the connection ended before
   * its answer.
   * @throws {ConnectionClosedError} If the client is closed before it was sent.
   * @throws {RuntimeStoppedError} If the runtime is stopped before it was sent.
   * @throws {DuplicateRequestIdError} If it has the id of one that is not
   * answered.
   * @throws {CodecError} If it cannot be encoded; what the codec throws is
   * thrown.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  request(message: Request, options: RequestOptions = {}): Promise<Response> {
    return this.#request(message, options);
  }

  /**
   * Sends a message without an answer, such as a notification, on the current
   * connection: at once, ahead of requests that are waiting, and outside of the
   * window. May be called from anywhere in this thread.
   *
   * If the peer answers it all the same, that may be taken for the answer to a
   * request: to the next one where answers come in order, and to one with the
   * same id elsewhere.
   *
   * @param message What to send; it is the caller's again when the call
   * returns.
   * @returns As {@linkcode MessageContext.send}: `Closed` if there is no
   * connection, or one that closes. Then it is not sent, and does not wait.
   * @throws {CodecError} If it cannot be encoded; what the codec throws is
   * thrown.
   * @throws {SendQueueFullError} As {@linkcode MessageContext.send}.
   */
  send(message: Request): SendOrQueueResult {
    return this.#life.link?.send(message) ?? SendOrQueueResult.Closed;
  }

  /**
   * Makes the reactor of a connection to the peer, for `runtime.connect`, or
   * for a listener that makes requests to whoever connects. A client has one
   * connection at a time: a second one is refused with `AlreadyConnectedError`.
   *
   * @returns A new reactor, for one connection.
   */
  reactor(): Reactor {
    let link: ClientLink<Request> | undefined = undefined;
    const served = this.#server?.share((isEnding) => {
      if (link !== undefined) this.#life.onServed(link, isEnding);
    });
    const { onConnected, onIdle, onClose } = this.#hooks;
    const servedIdle = served?.onIdle;
    return framed<Response, Request>(this.#codec, {
      onConnected: (ctx) => {
        const isBeginning = served !== undefined || onConnected !== undefined;
        link = this.#life.open(ctx, isBeginning, served);
        const returned: unknown = served?.onConnected(ctx);
        if (isPromiseLike(returned)) ctx.watch(returned);
        return isBeginning ? this.#begin(link, ctx) : undefined;
      },
      onMessage: (message, ctx) => this.#receive(message, ctx, served),
      onCommand: served?.onCommand,
      onIdle: servedIdle && onIdle
        ? (kind, ctx) => both(() => servedIdle(kind), () => onIdle(kind, ctx))
        : servedIdle ?? onIdle,
      onPeerEnd: served && (() => {
        if (link !== undefined) this.#life.onPeerEnd(link);
        served.onPeerEnd();
      }),
      onDrain: () => served ? served.onDrain() : this.#life.onDrain(),
      onClose: (reason, ctx) => {
        if (link === undefined) return;
        this.#life.onGone(link, reason);
        if (served === undefined) return onClose?.(reason, ctx);
        return both(
          () => served.onClose(reason),
          () => onClose?.(reason, ctx),
        );
      },
    });
  }

  /**
   * Accepts no more requests and waits for outstanding answers, `drainMs` at
   * most. Then the remaining requests fail and the connection closes:
   * gracefully, or with a reset if the peer still owes answers. May be called
   * again with another `drainMs`, which counts from then on.
   *
   * With the option `server`, it also answers what the peer has asked, within
   * the same time, and is always graceful, so that these answers arrive.
   *
   * @param options How long to wait for answers.
   * @returns Resolves when the connection is closed.
   * @throws {InvalidOptionError} If `drainMs` is out of range.
   */
  async close(options: CloseClientOptions = {}): Promise<void> {
    const { drainMs } = CLOSE_CLIENT_OPTIONS.fill(options);
    await this.#life.close(drainMs);
  }

  /**
   * Closes the client at once; called at the end of its scope by `await using`.
   *
   * @returns Resolves as {@linkcode RequestClient.close} does.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes a request; with `link`, on that connection or not at all. */
  #request(
    message: Request,
    options: RequestOptions,
    link?: ClientLink<Request>,
  ): Promise<Response> {
    forget(options);
    return new Promise((resolve, reject) => {
      const ends = { resolve, reject };
      const settings = this.#settingsOf(options, link !== undefined);
      if (link === undefined || link === this.#life.link) {
        this.#dispatcher.request(message, settings, ends);
      } else this.#dispatcher.refuseOne(linkGone(link.peer), ends);
    });
  }

  #settingsOf(options: RequestOptions, isFirst: boolean): RequestSettings {
    const given = REQUEST_OPTIONS.given(options);
    if (given === undefined && !isFirst) return this.#defaults;
    const { timeoutMs, signal, idempotent } = given ?? {};
    return {
      timeoutMs: timeoutMs ?? this.#defaults.timeoutMs,
      signal,
      isIdempotent: idempotent ?? false,
      isFirst,
    };
  }

  /** Calls the hook that begins the connection; waiting requests are sent when it is done. */
  async #begin(
    link: ClientLink<Request>,
    ctx: MessageContext<Request>,
  ): Promise<void> {
    try {
      await this.#hooks.onConnected?.(
        (message, options = {}) => this.#request(message, options, link),
        ctx,
      );
    } catch (error) {
      if (link === this.#life.link) throw error;
    }
    if (link === this.#life.link) this.#dispatcher.endBeginning();
  }

  /** Returns what the hook returned, in case it is a promise. */
  #receive(
    message: Response,
    ctx: MessageContext<Request>,
    served: Served<Request, Response> | undefined,
  ): unknown {
    const { isUnsolicited, onUnsolicited } = this.#hooks;
    const isAnswer = isUnsolicited?.(message) !== true;
    if (!isAnswer && served) return served.onMessage(message);
    const kept = keptMessage(message);
    if (isAnswer && this.#dispatcher.receive(kept)) return;
    this.#unsolicitedCount++;
    return onUnsolicited?.(kept, ctx);
  }
}

/** Throws {@linkcode InvalidOptionError} if `server` cannot serve on a connection with `codec`. */
function checkServer(
  server: RequestServer,
  codec: unknown,
  isUnsolicited: unknown,
): void {
  if (isUnsolicited === undefined) {
    throw new InvalidOptionError(
      "Cannot use the option server without isUnsolicited: it tells requests of the peer from answers",
    );
  }
  if (server.codec === codec) return;
  throw new InvalidOptionError(
    "Cannot use the option server: it has another codec than the client; make one, and pass it to both",
  );
}

/** Calls both, even if the first one throws; rejects if either fails. */
async function both(...calls: readonly (() => unknown)[]): Promise<void> {
  await Promise.all(calls.map(async (call) => void (await call())));
}

/** What answers the peer of a connection. */
type Served<Request, Response> = ReturnType<
  SharedServer<Response, Request>["share"]
>;

/** The functions among the options. */
type Hooks<Request, Response> = Pick<
  RequestClientOptions<Request, Response>,
  "isUnsolicited" | "onUnsolicited" | "onConnected" | "onIdle" | "onClose"
>;
