/**
 * Reactors and listeners built from functions.
 *
 * @module
 */

import { connectionSettings } from "../api/options/connection.ts";
import { checkFunction } from "../api/check_function.ts";
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
 * A runtime for the `SimpleIo` family, whose reactors take no commands.
 *
 * @category Reactors
 */
export const SimpleIoRuntime: typeof ReactRuntime<never> = ReactRuntime<never>;

/**
 * A runtime for the `SimpleIo` family, whose reactors take no commands.
 *
 * @category Reactors
 */
export type SimpleIoRuntime = ReactRuntime<never>;

/**
 * The context that handlers of the `SimpleIo` family get.
 *
 * @category Reactors
 */
export type SimpleIoReactorContext = DispatchContext<never>;

/**
 * The functions of a {@linkcode SimpleIoReactor} or
 * {@linkcode SimpleIoService}. If one throws, its connection is closed.
 *
 * @category Reactors
 */
export interface SimpleIoHandlers<AppData> {
  /**
   * Passed to every function. May be left out if `AppData` allows `undefined`.
   */
  readonly appData?: AppData | undefined;

  /**
   * Called when the connection is open; see {@linkcode Reactor.onConnected}.
   *
   * @param ctx The connection and the runtime's commands.
   * @param listenerId The listener that accepted it;
   *   {@linkcode INVALID_REACTOR_ID} if this end connected.
   * @param appData The reactor's data.
   */
  readonly onConnected?:
    | ((
      ctx: SimpleIoReactorContext,
      listenerId: ReactorID,
      appData: AppData,
    ) => void)
    | undefined;

  /**
   * Called when the connection has closed; see {@linkcode Reactor.onClose}.
   *
   * @param reason Why it closed; `undefined` if it closed cleanly.
   * @param ctx The connection, whose addresses and counters are still
   *   available.
   * @param appData The reactor's data.
   */
  readonly onClose?:
    | ((
      reason: Error | undefined,
      ctx: SimpleIoReactorContext,
      appData: AppData,
    ) => void)
    | undefined;

  /**
   * Called when bytes have come in.
   *
   * @param buf The bytes received and not consumed yet: of a long read at least
   *   the first 8 KiB, but never more than `maxMessageSize` bytes. Valid during
   *   the call only.
   * @param ctx The connection and the runtime's commands.
   * @param appData The reactor's data.
   * @returns How many bytes to consume from the front; 0 if the message is
   *   incomplete.
   */
  readonly onMessage: (
    buf: Uint8Array,
    ctx: SimpleIoReactorContext,
    appData: AppData,
  ) => number;
}

/**
 * A reactor built from functions.
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
 * @category Reactors
 */
export class SimpleIoReactor<AppData = undefined> implements Reactor<never> {
  /** The data that is passed to its functions. */
  readonly appData: AppData;
  readonly #handlers: SimpleIoHandlers<AppData>;

  /**
   * Creates a reactor.
   *
   * @param handlers Its functions and its data.
   * @throws {InvalidReactorError} If there is no `onMessage`.
   */
  constructor(handlers: SimpleIoHandlers<AppData>) {
    if (typeof read(handlers, "onMessage") !== "function") {
      throw new InvalidReactorError(
        `Cannot create a reactor from ${textOf(handlers)}: it has no onMessage`,
      );
    }
    this.#handlers = handlers;
    this.appData = handlers.appData as AppData;
  }

  /**
   * Calls the given `onConnected`; see {@linkcode Reactor.onConnected}.
   *
   * @param ctx The connection and the runtime's commands.
   * @param listenerId The listener that accepted it.
   */
  onConnected(ctx: SimpleIoReactorContext, listenerId: ReactorID): void {
    return this.#handlers.onConnected?.(ctx, listenerId, this.appData);
  }

  /**
   * Calls the given `onMessage`; see {@linkcode Reactor.onInboundMessage}.
   *
   * @param buf The bytes received and not consumed yet.
   * @param ctx The connection and the runtime's commands.
   * @returns What to do with `buf`.
   */
  onInboundMessage(
    buf: Uint8Array,
    ctx: SimpleIoReactorContext,
  ): MessageResult {
    const consumed = this.#handlers.onMessage(buf, ctx, this.appData);
    if (consumed === 0) return MessageResult.expectMsgSize(0);
    // Anything but a number is refused by the reader, which also handles a
    // promise.
    return typeof consumed === "number"
      ? MessageResult.dropMsgSize(consumed)
      : consumed;
  }

  /**
   * Calls the given `onClose`; see {@linkcode Reactor.onClose}.
   *
   * @param reason Why the connection closed.
   * @param ctx The connection, whose addresses and counters are still
   *   available.
   */
  onClose(reason: Error | undefined, ctx: SimpleIoReactorContext): void {
    return this.#handlers.onClose?.(reason, ctx, this.appData);
  }
}

/**
 * One reactor for any number of connections, which share its `appData`. Partial
 * messages are kept for each connection, so they never mix.
 *
 * @category Reactors
 */
export class SimpleIoService<AppData = undefined>
  extends SimpleIoReactor<AppData> {}

/**
 * Serves the connections of a listener with simple reactors.
 *
 * @category Reactors
 */
export class SimpleIoListener implements TcpListenerHandler<never> {
  readonly #newReactor: (count: number) => Reactor<never> | null;
  readonly #options: ConnectionOptions;
  #count = 0;

  /**
   * Creates a handler.
   *
   * @param newReactor Creates the reactor for each connection, or returns
   *   `null` to drop it. `count` is the number of connections so far, including
   *   this one.
   * @param options The options of the connections.
   * @throws {InvalidCallbackError} If `newReactor` is not a function.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  constructor(
    newReactor: (count: number) => Reactor<never> | null,
    options: ConnectionOptions = {},
  ) {
    checkFunction(newReactor, "make reactors by");
    connectionSettings(options);
    this.#newReactor = newReactor;
    this.#options = options;
  }

  /**
   * Creates a handler that serves every connection with the same service.
   *
   * @param service Serves the connections.
   * @param options The options of the connections.
   * @returns The handler.
   * @throws {InvalidOptionError} If an option is out of range.
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
