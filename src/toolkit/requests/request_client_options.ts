/**
 * What a client of requests, and each of its requests, can be given.
 *
 * @module
 */

import {
  abortSignal,
  aFunction,
  flag,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import type { Correlation } from "./correlation.ts";
import type { KeepConnectedOptions } from "../connecting/keep_connected.ts";
import type { MessageContext } from "../messages/message_context.ts";

/**
 * Options of {@linkcode RequestClient}.
 *
 * @category Requests
 */
export interface RequestClientOptions<Request, Response> {
  /** How an answer finds its request. Default `"in-order"`. */
  readonly correlate?: Correlation<Request, Response> | undefined;
  /**
   * Requests that the peer may have in hand at once; 1 is one at a time. One that
   * timed out, or was given up, keeps its place until it is answered or the
   * connection ends; when the time of all is over, the connection is closed. Of
   * one without a time limit it is over when it is given up. 1 to 65536, default
   * 64.
   */
  readonly window?: number | undefined;
  /** Requests that may wait to be sent. What comes beyond fails with `RequestQueueFullError`. 0 to 2^20, default 1024. */
  readonly maxQueue?: number | undefined;
  /**
   * Milliseconds until a request fails with `RequestTimeoutError`, from when it
   * is made. 0: never. 0 to 2^31 - 1, default 10000.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Begins each connection, by a login for instance: what it asks is sent before
   * all that waits, which is sent when its promise has resolved. If that rejects,
   * the connection is closed with the reason.
   *
   * @param request Asks as {@linkcode RequestClient.request} does, on this
   * connection or not at all.
   * @param ctx The connection: `ctx.send` sends what nobody answers.
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
   * Tells messages that answer nothing, before they are correlated: what a peer
   * pushes where answers come in order.
   *
   * @param message What came in.
   * @returns True if it answers no request.
   */
  readonly isUnsolicited?: ((message: Response) => boolean) | undefined;
  /**
   * Told of messages that answer no request: they are none, or name an id that
   * nobody waits for. If it throws, the connection is closed. Without it they are
   * counted.
   *
   * @param message What came in.
   * @param ctx The connection: `ctx.send` sends what nobody answers.
   */
  readonly onUnsolicited?:
    | ((message: Response, ctx: MessageContext<Request>) => void)
    | undefined;
  /**
   * Nothing came in for `readIdleTimeoutMs`, or went out for `writeIdleTimeoutMs`;
   * see {@linkcode Reactor.onIdle}. `ctx.send` sends a heartbeat that nobody
   * answers, {@linkcode RequestClient.request} one that is answered; `ctx.abort`
   * gives the peer up, which is up to this hook, if there is one.
   *
   * @param kind Which of the two.
   * @param ctx The connection.
   */
  readonly onIdle?:
    | ((kind: "read" | "write", ctx: MessageContext<Request>) => void)
    | undefined;
  /**
   * The connection is gone, and requests that were in flight have failed or wait
   * for the next; see {@linkcode Reactor.onClose}.
   *
   * @param reason What ended it; `undefined` if it ended in good order.
   * @param ctx The connection that is gone.
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
  /** Milliseconds until it fails with `RequestTimeoutError`. 0: never. 0 to 2^31 - 1; the default is the client's. */
  readonly timeoutMs?: number | undefined;
  /** Gives it up when it is aborted: what is not sent yet never is. */
  readonly signal?: AbortSignal | undefined;
  /** It may be carried out twice: if the connection ends before its answer, it is sent again on the next one. Default false. */
  readonly idempotent?: boolean | undefined;
}

/**
 * Options of {@linkcode RequestClient.close}.
 *
 * @category Requests
 */
export interface CloseClientOptions {
  /** Milliseconds that requests which were made are given to be answered. 0 to 2^31 - 1, default 0. */
  readonly drainMs?: number | undefined;
}

/** The options of a client, but for what correlates, which is checked by itself. */
export const REQUEST_CLIENT_OPTIONS: OptionTable<
  Omit<RequestClientOptions<unknown, unknown>, "correlate">
> = new OptionTable<Omit<RequestClientOptions<unknown, unknown>, "correlate">>({
  window: integer(1, 2 ** 16, 64),
  maxQueue: integer(0, 2 ** 20, 1024),
  timeoutMs: integer(0, MAX_INT32, 10_000),
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
