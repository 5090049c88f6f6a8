/**
 * A listener handler that creates a reactor for each connection.
 *
 * @module
 */

import { connectionSettings } from "../api/options/connection.ts";
import { checkFunction } from "../api/check_function.ts";
import type { ConnectionOptions } from "../api/options/connection.ts";
import type {
  AcceptedConnection,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";

/**
 * Creates the reactor for an accepted connection. `count` is the number of
 * reactors created so far, including this one.
 *
 * @param count How many reactors were created so far, including this one.
 * @param param The option `param`.
 * @returns The reactor.
 *
 * @category Reactors
 */
export type NewServerReactor<UserCommand = unknown, Param = undefined> = (
  count: number,
  param: Param,
) => Reactor<UserCommand>;

/**
 * Options of {@linkcode DefaultTcpListenerHandler}: the options of its
 * connections, and a parameter for its reactors.
 *
 * @category Reactors
 */
export interface DefaultTcpListenerOptions<Param> extends ConnectionOptions {
  /** Passed to each call that creates a reactor. */
  readonly param?: Param | undefined;
}

/**
 * Serves each connection of a listener with a new reactor.
 *
 * @example
 * ```ts
 * import { DefaultTcpListenerHandler, MessageResult } from "@reactio/reactio";
 *
 * const handler = new DefaultTcpListenerHandler(
 *   (count, greeting) => ({
 *     onConnected: (ctx) => void ctx.sendOrQueue(greeting),
 *     onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
 *     onClose: () => console.log(`connection ${count} closed`),
 *   }),
 *   { param: new TextEncoder().encode("hello"), idleTimeoutMs: 60_000 },
 * );
 * console.log(handler.acceptedCount); // 0
 * ```
 *
 * @category Reactors
 */
export class DefaultTcpListenerHandler<UserCommand = unknown, Param = undefined>
  implements TcpListenerHandler<UserCommand> {
  readonly #newReactor: NewServerReactor<UserCommand, Param>;
  readonly #options: ConnectionOptions;
  readonly #param: Param;
  #count = 0;

  /**
   * Creates a handler.
   *
   * @param newReactor Called once for each connection to create its reactor.
   * @param options The options of the connections, and the parameter of
   *   `newReactor`.
   * @throws {InvalidCallbackError} If `newReactor` is not a function.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  constructor(
    newReactor: NewServerReactor<UserCommand, Param>,
    options: DefaultTcpListenerOptions<Param> = {},
  ) {
    checkFunction(newReactor, "make reactors by");
    connectionSettings(options);
    const { param, ...connectionOptions } = options;
    this.#newReactor = newReactor;
    this.#options = connectionOptions;
    this.#param = param as Param;
  }

  /** Number of reactors created so far. */
  get acceptedCount(): number {
    return this.#count;
  }

  /**
   * Accepts every connection; see {@linkcode TcpListenerHandler.onNewConnection}.
   *
   * @returns A new reactor, and the options of the connection.
   */
  onNewConnection(): AcceptedConnection<UserCommand> {
    const reactor = this.#newReactor(++this.#count, this.#param);
    return { ...this.#options, reactor };
  }
}
