/**
 * The options of a server of requests.
 *
 * @module
 */

import {
  aFunction,
  choice,
  type Filled,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import type { ConnectionOptions } from "../../api/options/connection.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import type { ServedPeer } from "./server/served_peer.ts";

/**
 * Options of {@linkcode serve}: how requests are answered, and those of the
 * connections.
 *
 * @category Requests
 */
export interface ServeOptions<
  Request,
  Response,
  State = undefined,
  UserCommand = unknown,
> extends ConnectionOptions {
  /**
   * How many requests of one connection may be in progress: begun, and not yet
   * answered. While there are that many, nothing more is read from it; if a
   * client shares the connection, see `server` of {@linkcode RequestClientOptions}.
   * 1 to 65536, default 64.
   */
  readonly concurrency?: number | undefined;
  /**
   * How many handlers may run for all connections together. Beyond that,
   * connections wait their turn, and are not read from. 1 to 2^20, default 65536.
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * `"request"` sends the answers of a connection in the order of its requests,
   * whichever is ready first. `"any"` sends each as soon as it is ready. Default
   * `"request"`.
   */
  readonly order?: "request" | "any" | undefined;
  /**
   * How many milliseconds a handler may take. After that its request fails with
   * `RequestTimeoutError`, as if the handler had thrown it: the signal is
   * aborted, `onError` answers, and what the handler returns later is dropped.
   * `onError` may take as long again; after that the connection is closed. 0 to
   * 2^31 - 1, default 0: no limit.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Makes the answer when a handler failed: it threw or rejected, took longer
   * than `timeoutMs`, or returned an answer that cannot be encoded. Without
   * this hook, or if it throws, the connection is closed.
   *
   * @param error What was thrown; if that is no `Error`, a `HandlerError` whose
   * `cause` it is.
   * @param request What could not be answered.
   * @param peer The connection.
   * @returns The answer, or a promise of it; `undefined` for none.
   */
  readonly onError?:
    | ((
      error: Error,
      request: Request,
      peer: ServedPeer<Response, State, UserCommand>,
    ) => Response | undefined | PromiseLike<Response | undefined>)
    | undefined;
  /**
   * Creates the state kept for a connection, `peer.state`.
   *
   * @returns The state of one connection.
   */
  readonly newState?: (() => State) | undefined;
  /**
   * The connection is open. Throw to refuse it.
   *
   * @param peer The connection.
   */
  readonly onConnected?:
    | ((peer: ServedPeer<Response, State, UserCommand>) => void)
    | undefined;
  /**
   * A command was sent to the reactor of a connection; see
   * {@linkcode Reactor.onCommand}.
   *
   * @param cmd The command, as it was sent.
   * @param peer The connection.
   * @returns The value for the sender, if any, or a promise of it.
   */
  readonly onCommand?:
    | ((
      cmd: UserCommand,
      peer: ServedPeer<Response, State, UserCommand>,
    ) => unknown)
    | undefined;
  /**
   * Nothing came in for `readIdleTimeoutMs`, or nothing went out for
   * `writeIdleTimeoutMs`; see {@linkcode Reactor.onIdle}. `peer.send` sends a
   * heartbeat. With this hook, the connection stays open unless it gives the peer
   * up, with `peer.ctx.abort`.
   *
   * @param kind Which of the two.
   * @param peer The connection.
   */
  readonly onIdle?:
    | ((
      kind: "read" | "write",
      peer: ServedPeer<Response, State, UserCommand>,
    ) => void)
    | undefined;
  /**
   * The runtime is being stopped; see {@linkcode Reactor.onDrain}. When this
   * returns, no further request of the connection is begun, those in progress are
   * answered within `drainMs`, and then it is closed. Answer here what would
   * wait for longer than that, such as a long poll.
   *
   * @param peer The connection.
   */
  readonly onDrain?:
    | ((peer: ServedPeer<Response, State, UserCommand>) => void)
    | undefined;
  /**
   * The connection is closed; the signals of requests in progress are aborted.
   *
   * @param reason What ended it; `undefined` if it ended cleanly.
   * @param peer The connection.
   */
  readonly onClose?:
    | ((
      reason: Error | undefined,
      peer: ServedPeer<Response, State, UserCommand>,
    ) => void)
    | undefined;
}

export type OwnServeOptions<Request, Response, State, UserCommand> = Omit<
  ServeOptions<Request, Response, State, UserCommand>,
  keyof ConnectionOptions
>;

/** The options of a server, with defaults for numbers and words. */
export type ServeSettings<Request, Response, State, UserCommand> =
  & OwnServeOptions<Request, Response, State, UserCommand>
  & Filled<
    Pick<
      OwnServeOptions<Request, Response, State, UserCommand>,
      "concurrency" | "maxConcurrent" | "order" | "timeoutMs"
    >
  >;

export const SERVE_OPTIONS: OptionTable<
  OwnServeOptions<unknown, unknown, unknown, unknown>
> = new OptionTable<OwnServeOptions<unknown, unknown, unknown, unknown>>({
  concurrency: integer(1, 2 ** 16, 64),
  maxConcurrent: integer(1, 2 ** 20, 65536),
  order: choice(["request", "any"], "request"),
  timeoutMs: integer(0, MAX_INT32, 0),
  onError: aFunction(),
  newState: aFunction(),
  onConnected: aFunction(),
  onCommand: aFunction(),
  onIdle: aFunction(),
  onDrain: aFunction(),
  onClose: aFunction(),
});
