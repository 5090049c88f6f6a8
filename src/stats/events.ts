/**
 * Events on the channels of `node:diagnostics_channel`.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { DiagnosticsChannel } from "../contract/diagnostics.ts";
import type { DropReason } from "../api/drops.ts";
import type { CmdSender } from "../api/reactor.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import type { ConnectionStats } from "./stats.ts";

/**
 * The common part of all messages about a connection.
 *
 * @category Statistics
 */
export interface ConnectionMessage {
  /** The command sender of its runtime, which can close it. Each runtime has one. */
  readonly cmdSender: CmdSender;
  /** The id of its reactor there. */
  readonly id: ReactorID;
  /** The peer's end. */
  readonly remoteAddress: SocketAddress;
}

/**
 * A connection is open.
 *
 * @category Statistics
 */
export interface ConnectionOpenMessage extends ConnectionMessage {
  /** This end. */
  readonly localAddress: SocketAddress;
  /** The listener that accepted it; `INVALID_REACTOR_ID` if this end connected. */
  readonly listenerId: ReactorID;
}

/**
 * A connection is closed.
 *
 * @category Statistics
 */
export interface ConnectionCloseMessage extends ConnectionMessage {
  /** The reason passed to `onClose`; `undefined` if it ended cleanly. */
  readonly reason: Error | undefined;
  /** Its final statistics. */
  readonly stats: ConnectionStats;
}

/**
 * Reading has paused.
 *
 * @category Statistics
 */
export interface ConnectionPauseMessage extends ConnectionMessage {
  /** Bytes that are waiting to be sent. */
  readonly bytesQueued: number;
}

/**
 * Reading has resumed, or the connection closes while it is paused.
 *
 * @category Statistics
 */
export interface ConnectionResumeMessage extends ConnectionMessage {
  /** How long reading was paused so far, in milliseconds, over all pauses. */
  readonly pausedMs: number;
}

/**
 * A handler threw, or its promise rejected, and its connection is closed.
 *
 * @category Statistics
 */
export interface ConnectionErrorMessage extends ConnectionMessage {
  /** The name of the handler, such as `onInboundMessage`. */
  readonly handler: string;
  /** What was thrown. */
  readonly error: Error;
}

/**
 * A handler took `slowHandlerMs` or longer.
 *
 * @category Statistics
 */
export interface SlowHandlerMessage extends ConnectionMessage {
  /**
   * The name of the handler, such as `onInboundMessage`; one call covers all
   * messages of one read.
   */
  readonly handler: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/**
 * A listener dropped a connection.
 *
 * @category Statistics
 */
export interface ListenerDropMessage {
  /** The command sender of its runtime. */
  readonly cmdSender: CmdSender;
  /** The listener. */
  readonly listenerId: ReactorID;
  /** The peer's address. */
  readonly remoteAddress: SocketAddress;
  /** The reason. */
  readonly reason: DropReason;
  /** The error, as passed to `onDrop`. */
  readonly error: Error | undefined;
}

/**
 * The channels of `node:diagnostics_channel` on which a runtime reports events,
 * and their messages.
 *
 * A message is delivered in a later turn than the event, in no asynchronous
 * context, and before the `stop` of the runtime resolves. No message is built
 * for a channel without subscribers. An error thrown by a subscriber is an
 * `uncaughtException` of the process, as on every such channel, and changes
 * nothing here.
 *
 * @example
 * ```ts
 * import diagnostics from "node:diagnostics_channel";
 * import type { DiagnosticsMessages } from "@reactio/reactio";
 *
 * diagnostics.subscribe("reactio:connection:close", (message) => {
 *   const { id, reason, stats } =
 *     message as DiagnosticsMessages["reactio:connection:close"];
 *   console.log(id, reason?.name ?? "ok", stats.bytesIn);
 * });
 * ```
 *
 * @category Statistics
 */
export interface DiagnosticsMessages {
  /** A connection is open. */
  readonly "reactio:connection:open": ConnectionOpenMessage;
  /** A connection is closed, and its `onClose` was called. */
  readonly "reactio:connection:close": ConnectionCloseMessage;
  /**
   * Reading is paused: by the program, by a queue above its high-water mark, or
   * during a later start of TLS.
   */
  readonly "reactio:connection:pause": ConnectionPauseMessage;
  /** Reading has resumed, or the connection closes while it is paused. */
  readonly "reactio:connection:resume": ConnectionResumeMessage;
  /** A handler threw. */
  readonly "reactio:connection:error": ConnectionErrorMessage;
  /** A handler took `slowHandlerMs` or longer. */
  readonly "reactio:connection:slow-handler": SlowHandlerMessage;
  /** A listener dropped a connection. */
  readonly "reactio:listener:drop": ListenerDropMessage;
}

/**
 * One channel. Messages are published in the next turn, when no state is half
 * changed.
 */
export class EventChannel<Message> {
  readonly #channel: DiagnosticsChannel | undefined;
  readonly #defer: (callback: () => void) => void;

  constructor(
    channel: DiagnosticsChannel | undefined,
    defer: (callback: () => void) => void,
  ) {
    this.#channel = channel;
    this.#defer = defer;
  }

  get hasSubscribers(): boolean {
    return this.#channel !== undefined && this.#channel.hasSubscribers;
  }

  publish(message: Message): void {
    this.#defer(() => this.#channel?.publish(message));
  }
}

/** The channels of a runtime. */
export class Events {
  readonly open: EventChannel<ConnectionOpenMessage>;
  readonly close: EventChannel<ConnectionCloseMessage>;
  readonly pause: EventChannel<ConnectionPauseMessage>;
  readonly resume: EventChannel<ConnectionResumeMessage>;
  readonly error: EventChannel<ConnectionErrorMessage>;
  readonly slowHandler: EventChannel<SlowHandlerMessage>;
  readonly drop: EventChannel<ListenerDropMessage>;
  /** Milliseconds from which a handler is slow. */
  readonly slowHandlerMs: number;
  #waitingCount = 0;

  /** `defer` calls back in the next turn. */
  constructor(
    channelOf: ((name: string) => DiagnosticsChannel) | undefined,
    defer: (callback: () => void) => void,
    slowHandlerMs: number,
  ) {
    const publishLater = (publish: () => void) => {
      this.#waitingCount++;
      defer(() => {
        this.#waitingCount--;
        publish();
      });
    };
    const channel = <Name extends keyof DiagnosticsMessages>(name: Name) =>
      new EventChannel<DiagnosticsMessages[Name]>(
        channelOf?.(name),
        publishLater,
      );
    this.open = channel("reactio:connection:open");
    this.close = channel("reactio:connection:close");
    this.pause = channel("reactio:connection:pause");
    this.resume = channel("reactio:connection:resume");
    this.error = channel("reactio:connection:error");
    this.slowHandler = channel("reactio:connection:slow-handler");
    this.drop = channel("reactio:listener:drop");
    this.slowHandlerMs = slowHandlerMs;
  }

  /** True while messages wait to be published. */
  get isPublishing(): boolean {
    return this.#waitingCount > 0;
  }
}
