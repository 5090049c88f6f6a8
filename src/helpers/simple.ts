/**
 * Reactors and listeners made of functions.
 *
 * @module
 */

import { InvalidReactorError } from "../api/errors.ts";
import { MessageResult } from "../api/message_result.ts";
import type { ConnectionOptions } from "../api/options/connection.ts";
import type {
  AcceptedConnection,
  DispatchContext,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import { ReactRuntime } from "../runtime.ts";
import { read, textOf } from "../util/text.ts";

/**
 * A runtime whose reactors take no commands: what the `SimpleIo` family runs
 * on.
 *
 * @category Simulation
 */
export const SimpleIoRuntime: typeof ReactRuntime<never> = ReactRuntime<never>;

/**
 * A runtime whose reactors take no commands: what the `SimpleIo` family runs
 * on.
 *
 * @category Simulation
 */
export type SimpleIoRuntime = ReactRuntime<never>;

/**
 * The context of the handlers of the `SimpleIo` family.
 *
 * @category Simulation
 */
export type SimpleIoReactorContext = DispatchContext<never>;

/**
 * What a {@linkcode SimpleIoReactor} or {@linkcode SimpleIoService} is made of.
 * A handler that throws closes its connection.
 *
 * @category Simulation
 */
export interface SimpleIoHandlers<AppData> {
  /** Given to every handler. May be left out if `AppData` allows `undefined`. */
  readonly appData?: AppData | undefined;

  /**
   * The connection is open; see {@linkcode Reactor.onConnected}.
   *
   * @param ctx The connection, and the commands.
   * @param listenerId The listener that accepted it;
   * {@linkcode INVALID_REACTOR_ID} if this end connected.
   * @param appData What the reactor was made with.
   */
  readonly onConnected?:
    | ((
      ctx: SimpleIoReactorContext,
      listenerId: ReactorID,
      appData: AppData,
    ) => void)
    | undefined;

  /**
   * The connection is gone; see {@linkcode Reactor.onClose}.
   *
   * @param reason What ended it; `undefined` if it ended cleanly.
   * @param ctx The connection, of which the addresses and counts are left.
   * @param appData What the reactor was made with.
   */
  readonly onClose?:
    | ((
      reason: Error | undefined,
      ctx: SimpleIoReactorContext,
      appData: AppData,
    ) => void)
    | undefined;

  /**
   * Bytes came in.
   *
   * @param buf What was read and not consumed yet (of a long read the first 8 KiB
   * at least, never more than `maxMessageSize` bytes); valid during the call only.
   * @param ctx The connection, and the commands.
   * @param appData What the reactor was made with.
   * @returns How many bytes are consumed, from the front; 0 if a message is not
   * complete.
   */
  readonly onMessage: (
    buf: Uint8Array,
    ctx: SimpleIoReactorContext,
    appData: AppData,
  ) => number;
}

/**
 * A reactor made of functions.
 *
 * @example
 * ```ts
 * import { SimpleIoReactor } from "@reactio/reactio";
 *
 * const echo = new SimpleIoReactor({
 *   appData: { count: 0 },
 *   onMessage(buf, ctx, appData) {
 *     appData.count++;
 *     ctx.sendOrQueue(buf);
 *     return buf.length;
 *   },
 * });
 * console.log(echo.appData.count); // 0
 * ```
 *
 * @category Simulation
 */
export class SimpleIoReactor<AppData = undefined> implements Reactor<never> {
  /** What its handlers are given. */
  readonly appData: AppData;
  readonly #handlers: SimpleIoHandlers<AppData>;

  /**
   * Makes a reactor.
   *
   * @param handlers Its functions and its data.
   * @throws {InvalidReactorError} If there is no `onMessage`.
   */
  constructor(handlers: SimpleIoHandlers<AppData>) {
    if (typeof read(handlers, "onMessage") !== "function") {
      throw new InvalidReactorError(
        `Cannot make a reactor of ${textOf(handlers)}: it has no onMessage`,
      );
    }
    this.#handlers = handlers;
    this.appData = handlers.appData as AppData;
  }

  /**
   * Calls the function of that name; see {@linkcode Reactor.onConnected}.
   *
   * @param ctx The connection, and the commands.
   * @param listenerId The listener that accepted it.
   */
  onConnected(ctx: SimpleIoReactorContext, listenerId: ReactorID): void {
    return this.#handlers.onConnected?.(ctx, listenerId, this.appData);
  }

  /**
   * Calls `onMessage`; see {@linkcode Reactor.onInboundMessage}.
   *
   * @param buf What was read and not consumed yet.
   * @param ctx The connection, and the commands.
   * @returns What to do with `buf`.
   */
  onInboundMessage(
    buf: Uint8Array,
    ctx: SimpleIoReactorContext,
  ): MessageResult {
    const consumed = this.#handlers.onMessage(buf, ctx, this.appData);
    if (consumed === 0) return MessageResult.expectMsgSize(0);
    // The reader refuses anything but a number, and looks after a promise.
    return typeof consumed === "number"
      ? MessageResult.dropMsgSize(consumed)
      : consumed;
  }

  /**
   * Calls the function of that name; see {@linkcode Reactor.onClose}.
   *
   * @param reason What ended the connection.
   * @param ctx The connection, of which the addresses and counts are left.
   */
  onClose(reason: Error | undefined, ctx: SimpleIoReactorContext): void {
    return this.#handlers.onClose?.(reason, ctx, this.appData);
  }
}

/**
 * One reactor for any number of connections, which share its `appData`. Partial
 * messages are kept for each connection, so they never mix.
 *
 * @category Simulation
 */
export class SimpleIoService<AppData = undefined>
  extends SimpleIoReactor<AppData> {}

/**
 * Serves the connections of a listener by simple reactors.
 *
 * @category Simulation
 */
export class SimpleIoListener implements TcpListenerHandler<never> {
  readonly #newReactor: (count: number) => Reactor<never> | null;
  readonly #options: ConnectionOptions;
  #count = 0;

  /**
   * Makes a handler.
   *
   * @param newReactor Makes the reactor of each connection, or returns `null` to
   * drop it; `count` is how many connections came in, this one included.
   * @param options Those of the connections.
   */
  constructor(
    newReactor: (count: number) => Reactor<never> | null,
    options: ConnectionOptions = {},
  ) {
    this.#newReactor = newReactor;
    this.#options = options;
  }

  /**
   * Makes a handler that has one service serve every connection.
   *
   * @param service Serves the connections.
   * @param options Those of the connections.
   * @returns The handler.
   */
  static withService<AppData>(
    service: SimpleIoService<AppData>,
    options: ConnectionOptions = {},
  ): SimpleIoListener {
    return new SimpleIoListener(() => service, options);
  }

  /**
   * Accepts the connection, or drops it; see
   * {@linkcode TcpListenerHandler.onNewConnection}.
   *
   * @returns A new reactor, and the options of the connection; `null` to drop it.
   */
  onNewConnection(): AcceptedConnection<never> | null {
    const reactor = this.#newReactor(++this.#count);
    return reactor === null ? null : { ...this.#options, reactor };
  }
}
