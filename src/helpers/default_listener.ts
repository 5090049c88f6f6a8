/**
 * A listener's handler that gives every connection a reactor of its own.
 *
 * @module
 */

import type { ConnectionOptions } from "../api/options/connection.ts";
import type {
  AcceptedConnection,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";

/**
 * Makes the reactor of an accepted connection; `count` is how many were made,
 * this one included.
 *
 * @category Reactors
 */
export type NewServerReactor<UserCommand = unknown, Param = undefined> = (
  count: number,
  param: Param,
) => Reactor<UserCommand>;

/**
 * Options of {@linkcode DefaultTcpListenerHandler}: those of its connections,
 * and the parameter of its reactors.
 *
 * @category Reactors
 */
export interface DefaultTcpListenerOptions<Param> extends ConnectionOptions {
  /** Given to every call that makes a reactor. */
  readonly param?: Param | undefined;
}

/**
 * Serves every connection of a listener by a reactor of its own.
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
   * Makes a handler.
   *
   * @param newReactor Called once for each connection; makes its reactor.
   * @param options Those of the connections, and the parameter of `newReactor`.
   */
  constructor(
    newReactor: NewServerReactor<UserCommand, Param>,
    options: DefaultTcpListenerOptions<Param> = {},
  ) {
    const { param, ...connectionOptions } = options;
    this.#newReactor = newReactor;
    this.#options = connectionOptions;
    this.#param = param as Param;
  }

  /** How many reactors were made so far. */
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
