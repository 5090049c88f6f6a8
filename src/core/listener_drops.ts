import type { SocketAddress } from "../contract/address.ts";
import type { Socket } from "../contract/socket.ts";
import { describeListener } from "../api/address.ts";
import { type DropCounts, type DropReason, sumOf } from "../api/drops.ts";
import type {
  CmdSender,
  ListenerContext,
  TcpListenerHandler,
} from "../api/reactor.ts";
import type { Events } from "../stats/events.ts";
import type { Tally } from "../stats/tally.ts";
import { callGuarded } from "../util/promises.ts";
import { peerOf } from "../api/address.ts";
import { toError } from "../api/to_error.ts";
import type { PeerLog } from "./peer_log.ts";
import type { TurnLoop } from "./turn_loop.ts";

/**
 * Drops connections of a listener: counts them, logs them, and calls the
 * handler's `onDrop`.
 */
export class ListenerDrops<UserCommand> {
  readonly #listener: ListenerContext<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #peerLog: PeerLog;
  readonly #loop: Pick<TurnLoop<UserCommand>, "defer">;
  readonly #tally: Tally;
  /** The counters of all listeners together. */
  readonly #all: Tally;
  readonly #events: Events;
  #isReporting = true;

  constructor(
    listener: ListenerContext<UserCommand>,
    handler: TcpListenerHandler<UserCommand>,
    { peerLog, loop, tally: all, events }: {
      readonly peerLog: PeerLog;
      readonly loop: Pick<TurnLoop<UserCommand>, "defer">;
      readonly tally: Tally;
      readonly events: Events;
    },
    tally: Tally,
  ) {
    this.#listener = listener;
    this.#handler = handler;
    this.#peerLog = peerLog;
    this.#loop = loop;
    this.#tally = tally;
    this.#all = all;
    this.#events = events;
  }

  get counts(): DropCounts {
    return { ...this.#tally.dropped };
  }

  get count(): number {
    return sumOf(this.#tally.dropped);
  }

  /** Stops calling `onDrop`, because `onCloseListen` must be the last call. */
  stopReporting(): void {
    this.#isReporting = false;
  }

  /** Logs why `socket` is dropped. */
  warn(socket: Socket, why: string, error?: Error): void {
    const say = () =>
      `${describeListener(this.#listener)} dropped a connection of ${
        peerOf(socket)
      }: ${why}`;
    this.#peerLog.warn(say, error);
  }

  /** Drops `socket`, counts it, and calls `onDrop`. */
  drop(socket: Socket, reason: DropReason, error?: Error): void {
    const { remoteAddress } = socket;
    socket.destroy();
    this.report(reason, remoteAddress, error);
  }

  /** Counts a dropped connection of `remoteAddress`, and calls `onDrop`. */
  report(
    reason: DropReason,
    remoteAddress: SocketAddress,
    error?: Error,
  ): void {
    this.#tally.dropped[reason]++;
    this.#all.dropped[reason]++;
    const { drop } = this.#events;
    if (drop.hasSubscribers) {
      const { id: listenerId, cmdSender } = this.#listener;
      drop.publish({
        cmdSender: cmdSender as CmdSender<unknown>,
        listenerId,
        remoteAddress,
        reason,
        error,
      });
    }
    if (!this.#isReporting) return;
    const call = () => this.#call(reason, remoteAddress, error);
    // `onDrop` must not run inside the call that closes the listener.
    if (reason === "closing") this.#loop.defer(call);
    else call();
  }

  #call(reason: DropReason, remoteAddress: SocketAddress, error?: Error): void {
    callGuarded(
      () =>
        this.#handler.onDrop?.(reason, remoteAddress, this.#listener, error),
      (thrown) =>
        this.#peerLog.warn(
          () => `${describeListener(this.#listener)}: onDrop failed`,
          toError(thrown, "onDrop"),
        ),
    );
  }
}
