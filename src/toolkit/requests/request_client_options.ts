/**
 * The options of a request client, and of each request.
 *
 * @module
 */

import {
  abortSignal,
  aFunction,
  choice,
  custom,
  flag,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { read } from "../../util/text.ts";
import type { Correlation } from "./correlation.ts";
import type { RequestServer } from "./serve.ts";
import type { KeepConnectedOptions } from "../connecting/keep_connected.ts";
import type { MessageContext } from "../messages/message_context.ts";

/**
 * Options of {@linkcode RequestClient}.
 *
 * @category Requests
 */
export interface RequestClientOptions<Request, Response> {
  /** How answers are matched with requests. Default `"in-order"`. */
  readonly correlate?: Correlation<Request, Response> | undefined;
  /**
   * How many requests the peer may have at once; 1 is one at a time. A request
   * that timed out or was cancelled keeps its place until it is answered or the
   * connection ends. When all places are taken by such requests whose time is
   * up, the connection is closed. Without a time limit, the time of a request
   * is up when it is cancelled. 1 to 65536, default 64.
   */
  readonly window?: number | undefined;
  /** How many requests may wait to be sent. Further ones fail with `RequestQueueFullError`. 0 to 2^20, default 1024. */
  readonly maxQueue?: number | undefined;
  /**
   * After how many milliseconds a request fails with `RequestTimeoutError`,
   * counted from when it is made. 0: never. 0 to 2^31 - 1, default 10000.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * What happens to a second connection while there is one: `"refuse"` closes it
   * with `AlreadyConnectedError`; `"replace"` aborts the first one, whose
   * requests are lost or sent again as after any other end. This is for servers
   * whose clients connect again before it is noticed that they were gone. Default
   * `"refuse"`.
   */
  readonly secondConnection?: "refuse" | "replace" | undefined;
  /**
   * Called first on each connection, for example to log in. Its requests are
   * sent before all that are waiting; those are sent once its promise has
   * resolved. If the promise rejects, the connection is closed with that
   * reason.
   *
   * @param request Makes a request as {@linkcode RequestClient.request} does,
   * but on this connection or not at all.
   * @param ctx The connection; `ctx.send` sends messages without an answer.
   * @returns A promise, if there is something to wait for.
   */
  readonly onConnected?:
    | ((
      request: (
        message: Request,
        options?: RequestOptions,
      ) => Promise<Response>,
      ctx: MessageContext<Request>,
    ) => unknown)
    | undefined;
  /**
   * Decides which messages answer no request. Called before they are matched:
   * where answers come in order, this recognises what the peer pushes.
   *
   * @param message What came in.
   * @returns True if it answers no request.
   */
  readonly isUnsolicited?: ((message: Response) => boolean) | undefined;
  /**
   * Answers the requests that the peer makes on the same connection: what
   * {@linkcode serve} returns for the same codec object. Needs `isUnsolicited`:
   * what that returns true for goes to the server.
   *
   * The connection is read all the time, since the answers come in among the
   * requests. What is more than the server's `concurrency` or `maxConcurrent` is
   * refused: its `onError` gets a `RequestQueueFullError`. When twice `concurrency`
   * are under way, counting refusals that wait to be sent, the next one closes the
   * connection with that error. While the connection drains, `onError` gets a
   * `ConnectionClosedError` instead; without `onError`, such a request is not
   * answered.
   *
   * Where both have a hook, the server's is called first. The options of the
   * connection are those of the listen or the connect, not of the server.
   */
  readonly server?: RequestServer<unknown, Response, Request> | undefined;
  /**
   * Called for messages that answer no request, or whose id nobody waits for;
   * with `server`, only for the latter. If it throws, the connection is closed.
   * Without it, they are only counted.
   *
   * @param message What came in.
   * @param ctx The connection; `ctx.send` sends messages without an answer.
   */
  readonly onUnsolicited?:
    | ((message: Response, ctx: MessageContext<Request>) => void)
    | undefined;
  /**
   * Nothing came in for `readIdleTimeoutMs`, or nothing went out for
   * `writeIdleTimeoutMs`; see {@linkcode Reactor.onIdle}. `ctx.send` sends a
   * heartbeat that is not answered, {@linkcode RequestClient.request} one that
   * is. With this hook, the connection stays open unless it gives the peer up,
   * with `ctx.abort`.
   *
   * @param kind Which of the two.
   * @param ctx The connection.
   */
  readonly onIdle?:
    | ((kind: "read" | "write", ctx: MessageContext<Request>) => void)
    | undefined;
  /**
   * The connection is closed. Requests that were in flight have failed, or wait
   * for the next connection; see {@linkcode Reactor.onClose}.
   *
   * @param reason What ended it; `undefined` if it ended cleanly.
   * @param ctx The closed connection.
   */
  readonly onClose?:
    | ((reason: Error | undefined, ctx: MessageContext<Request>) => void)
    | undefined;
}

/**
 * Options of {@linkcode RequestClient.connect}: those of the client, and of
 * {@linkcode keepConnected}.
 *
 * @category Requests
 */
export interface ConnectedClientOptions<Request, Response>
  extends RequestClientOptions<Request, Response>, KeepConnectedOptions {}

/**
 * Options of {@linkcode RequestClient.request}.
 *
 * @category Requests
 */
export interface RequestOptions {
  /** After how many milliseconds it fails with `RequestTimeoutError`. 0: never. 0 to 2^31 - 1; the default is the client's. */
  readonly timeoutMs?: number | undefined;
  /** When aborted, gives up: a request that was not sent yet never is. */
  readonly signal?: AbortSignal | undefined;
  /** The request may be carried out twice: if the connection ends before its answer, it is sent again on the next one. Default false. */
  readonly idempotent?: boolean | undefined;
}

/**
 * Options of {@linkcode RequestClient.close}.
 *
 * @category Requests
 */
export interface CloseClientOptions {
  /** How many milliseconds to wait for answers to earlier requests. 0 to 2^31 - 1, default 0. */
  readonly drainMs?: number | undefined;
}

/** The options of a client, except for `correlate`, which is checked by itself. */
export const REQUEST_CLIENT_OPTIONS: OptionTable<
  Omit<RequestClientOptions<unknown, unknown>, "correlate">
> = new OptionTable<Omit<RequestClientOptions<unknown, unknown>, "correlate">>({
  window: integer(1, 2 ** 16, 64),
  maxQueue: integer(0, 2 ** 20, 1024),
  timeoutMs: integer(0, MAX_INT32, 10_000),
  secondConnection: choice(["refuse", "replace"] as const, "refuse"),
  server: custom(
    "what serve() returns",
    (value) => typeof read(value, "share") === "function",
  ),
  onConnected: aFunction(),
  isUnsolicited: aFunction(),
  onUnsolicited: aFunction(),
  onIdle: aFunction(),
  onClose: aFunction(),
});

/** The options of a request. */
export const REQUEST_OPTIONS: OptionTable<RequestOptions> = new OptionTable<
  RequestOptions
>({
  timeoutMs: integer(0, MAX_INT32),
  signal: abortSignal(),
  idempotent: flag(false),
});

/** The options of closing a client. */
export const CLOSE_CLIENT_OPTIONS: OptionTable<CloseClientOptions> =
  new OptionTable<CloseClientOptions>({ drainMs: integer(0, MAX_INT32, 0) });
