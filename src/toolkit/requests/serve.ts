/**
 * A server of requests.
 *
 * @module
 */

import { InvalidReactorError } from "../../api/errors.ts";
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  connectionSettings,
} from "../../api/options/connection.ts";
import type {
  AcceptedConnection,
  Reactor,
  TcpListenerHandler,
} from "../../api/reactor.ts";
import type { Codec } from "../../codec/codec.ts";
import { RequestCounts } from "../../stats/request_counts.ts";
import type { RequestServerStats } from "../../stats/stats.ts";
import { forget } from "../../util/forget.ts";
import { literalOf } from "../../util/text.ts";
import { checkCodec } from "../messages/check_codec.ts";
import { framed } from "../messages/framed.ts";
import { HandlerSlots } from "./server/handler_slots.ts";
import {
  SERVE_OPTIONS,
  type ServeOptions,
  type ServeSettings,
} from "./serve_options.ts";
import {
  type OnServed,
  type ServedBy,
  ServedConnection,
  type SharedServer,
} from "./server/served_connection.ts";
import type { RequestHandler } from "./server/served_peer.ts";

/**
 * What {@linkcode serve} returns: the handler of a listener, or of several. It
 * counts for all its connections together.
 *
 * @category Requests
 */
export interface RequestServer<
  UserCommand = unknown,
  Request = unknown,
  Response = never,
> extends TcpListenerHandler<UserCommand> {
  /** How requests and answers lie in the stream. */
  readonly codec: Codec<Request, Response>;
  /** How many handlers are running, including those whose answer nobody waits for any more. */
  readonly activeCount: number;
  /** How many requests came in so far. */
  readonly requestCount: number;
  /** How many of them failed: `onError` answered, or the connection was closed. */
  readonly failedCount: number;
  /** How many of them failed because of `timeoutMs`. */
  readonly timedOutCount: number;
  /** How many answers were dropped, since the connection was closed or closing, or the time was over. */
  readonly droppedCount: number;

  /**
   * Returns what became of the requests of all its connections so far, and how
   * long answers took. The sum over all servers of a runtime is `served` of
   * {@linkcode ReactRuntime.stats}.
   *
   * @returns A copy, which is plain data.
   */
  stats(): RequestServerStats;

  /**
   * Makes the reactor of a connection that no listener accepts, such as one
   * that this end opens.
   *
   * @returns A new reactor, for one connection.
   */
  reactor(): Reactor<UserCommand>;
}

/**
 * Makes a server from a codec and a function that answers requests.
 *
 * Each connection may have as many requests in progress as `concurrency` says;
 * then nothing more is read from it. Answers wait while the queue is longer
 * than `sendHighWaterMark`, so that a peer that reads slowly gets all of them.
 * When the peer sends FIN, or the runtime is stopped with a `drainMs`, requests
 * in progress are answered, and then the connection is closed. When the
 * connection is gone, the signals of requests in progress are aborted; later
 * answers are dropped and counted.
 *
 * If a message is bytes, they are copied, so that a handler may keep them.
 *
 * @param codec How requests and answers are laid out in the stream.
 * @param handler Answers a request.
 * @param options How many requests at once, in which order, within what time;
 * and the options of the connections.
 * @returns The handler for `runtime.listen`.
 * @throws {InvalidCodecError} If `codec` is not a codec.
 * @throws {InvalidReactorError} If `handler` is not a function.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @example
 * ```ts
 * import { lines, ReactRuntime, RequestClient, serve } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const server = serve(lines(), async (name) => `hello ${await name}`, {
 *   concurrency: 16,
 *   timeoutMs: 1000,
 *   onError: () => "error: try again later",
 * });
 * const { address } = await runtime.listen("127.0.0.1:0", server);
 *
 * const client = new RequestClient(runtime, lines());
 * await runtime.connect(address, client.reactor());
 * console.log(await client.request("Ada")); // hello Ada
 * await client.close();
 * console.log(server.requestCount); // 1
 * ```
 *
 * @category Requests
 */
export function serve<
  Request,
  Response,
  State = undefined,
  UserCommand = unknown,
>(
  codec: Codec<Request, Response>,
  handler: RequestHandler<Request, NoInfer<Response>, State, UserCommand>,
  options: ServeOptions<Request, NoInfer<Response>, State, UserCommand> = {},
): RequestServer<UserCommand, Request, Response> {
  if (typeof handler !== "function") {
    forget(handler);
    throw new InvalidReactorError(
      `Cannot serve requests by ${literalOf(handler)}: it is not a function`,
    );
  }
  checkCodec(codec);
  const connection = CONNECTION_OPTIONS.given(options) ?? {};
  connectionSettings(connection);
  const settings = SERVE_OPTIONS.fill(
    options as ServeOptions<unknown, unknown, unknown, unknown>,
  ) as ServeSettings<Request, Response, State, UserCommand>;
  return new CodecServer(codec, handler, settings, connection);
}

class CodecServer<Request, Response, State, UserCommand>
  implements
    RequestServer<UserCommand, Request, Response>,
    SharedServer<Request, Response>,
    ServedBy<Request, Response, State, UserCommand> {
  readonly codec: Codec<Request, Response>;
  readonly handler: RequestHandler<Request, Response, State, UserCommand>;
  readonly settings: ServeSettings<Request, Response, State, UserCommand>;
  readonly slots: HandlerSlots;
  readonly counts: RequestCounts = new RequestCounts();
  requestCount = 0;
  failedCount = 0;
  timedOutCount = 0;
  droppedCount = 0;
  readonly #connection: ConnectionOptions;

  constructor(
    codec: Codec<Request, Response>,
    handler: RequestHandler<Request, Response, State, UserCommand>,
    settings: ServeSettings<Request, Response, State, UserCommand>,
    connection: ConnectionOptions,
  ) {
    this.codec = codec;
    this.handler = handler;
    this.settings = settings;
    this.slots = new HandlerSlots(settings.maxConcurrent);
    this.#connection = connection;
  }

  get activeCount(): number {
    return this.slots.usedCount;
  }

  stats(): RequestServerStats {
    const { activeCount, droppedCount } = this;
    return { ...this.counts.stats(), active: activeCount, late: droppedCount };
  }

  reactor(): Reactor<UserCommand> {
    return framed(
      this.codec,
      new ServedConnection<Request, Response, State, UserCommand>(this),
    );
  }

  share(
    onServed: OnServed,
  ): ServedConnection<Request, Response, unknown, unknown> {
    return new ServedConnection<Request, Response, State, UserCommand>(
      this,
      onServed,
    ) as ServedConnection<Request, Response, unknown, unknown>;
  }

  onNewConnection(): AcceptedConnection<UserCommand> {
    return { ...this.#connection, reactor: this.reactor() };
  }
}
