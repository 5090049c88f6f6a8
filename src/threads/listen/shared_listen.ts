import type { Adapter } from "../../contract/adapter.ts";
import type { Address } from "../../contract/address.ts";
import type { Upgrade } from "../../contract/upgrade.ts";
import type { PollBarrier } from "../../core/poll_barrier.ts";
import {
  LISTEN_OPTIONS,
  type ListenOptions,
} from "../../api/options/listen.ts";
import { DROP_REASONS } from "../../api/drops.ts";
import type { TcpListenerHandler } from "../../api/reactor.ts";
import type { ChannelPort } from "../link/port.ts";
import { relayedListener } from "../relay/relayed_listener.ts";

/** The options of a listen that `listenAll` sends to a worker. */
export interface SharedListenOptions extends ListenOptions {
  /** Counts the connections that each runtime accepted; shared by all threads. */
  readonly spread?: Int32Array;
  /** Counts the dropped connections, by the index of the reason in `DROP_REASONS`; shared by all threads. */
  readonly drops?: Int32Array;
  /** Which element of `spread` is this runtime's. */
  readonly runtimeId?: number;
  /** The source of connections that the main thread accepts, if the port cannot be shared. */
  readonly relay?: { readonly port: ChannelPort; readonly address: Address };
}

/** The names of these options. */
export const SHARED_LISTEN_OPTION_NAMES: readonly string[] = [
  ...LISTEN_OPTIONS.names,
  "spread",
  "drops",
  "runtimeId",
  "relay",
];

/** The parts that a worker makes of {@linkcode SharedListenOptions}. */
export interface SharedParts extends ListenOptions {
  /** Wraps a handler so that it counts. */
  readonly wrap?: (handler: TcpListenerHandler) => TcpListenerHandler;
  /** Listens by the relay instead of the adapter. */
  readonly bind?: Adapter["listen"];
}

/** Makes these parts of `options`; a relayed listener becomes a party of `barrier`. */
export function sharedParts(
  options: SharedListenOptions,
  barrier: PollBarrier,
): SharedParts {
  const { spread, drops, runtimeId = 0, relay, ...rest } = options;
  return {
    ...rest,
    ...(spread && drops && {
      wrap: (handler) => new CountingHandler(handler, spread, runtimeId, drops),
    }),
    ...(relay && {
      bind: (_options, events) =>
        Promise.resolve(
          relayedListener(relay.port, relay.address, events, barrier),
        ),
    }),
  };
}

/** Counts the connections that `handler` takes, and those that are dropped. */
class CountingHandler implements TcpListenerHandler {
  readonly #handler: TcpListenerHandler;
  readonly #spread: Int32Array;
  readonly #runtimeId: number;
  readonly #drops: Int32Array;

  constructor(
    handler: TcpListenerHandler,
    spread: Int32Array,
    runtimeId: number,
    drops: Int32Array,
  ) {
    this.#handler = handler;
    this.#spread = spread;
    this.#runtimeId = runtimeId;
    this.#drops = drops;
  }

  get upgrade(): Upgrade | undefined {
    return this.#handler.upgrade;
  }

  onStartListen(
    ...args: Parameters<NonNullable<TcpListenerHandler["onStartListen"]>>
  ): void {
    return this.#handler.onStartListen?.(...args);
  }

  onNewConnection(
    ...args: Parameters<TcpListenerHandler["onNewConnection"]>
  ): ReturnType<TcpListenerHandler["onNewConnection"]> {
    const connection = this.#handler.onNewConnection(...args);
    if (connection !== null) Atomics.add(this.#spread, this.#runtimeId, 1);
    return connection;
  }

  onDrop(
    ...args: Parameters<NonNullable<TcpListenerHandler["onDrop"]>>
  ): void {
    Atomics.add(this.#drops, DROP_REASONS.indexOf(args[0]), 1);
    return this.#handler.onDrop?.(...args);
  }

  onCloseListen(
    ...args: Parameters<NonNullable<TcpListenerHandler["onCloseListen"]>>
  ): void {
    return this.#handler.onCloseListen?.(...args);
  }
}
