import type { Listener } from "../contract/listener.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { AcceptBackOff } from "./accept_back_off.ts";
import type { PeerLog } from "./peer_log.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a listener that accepts is part of. */
export interface AcceptRetryHost {
  readonly loop: Pick<TurnLoop<unknown>, "arm" | "disarm">;
  /** Where it is logged that accepting has failed, which peers can cause. */
  readonly peerLog: Pick<PeerLog, "warn">;
}

/** Has a listener go on after accepting has failed: at once, after a while, or not at all. */
export class AcceptRetry {
  readonly #host: AcceptRetryHost;
  readonly #listener: () => Listener;
  readonly #onFailed: (failure: SocketFailure) => void;
  readonly #backOff = new AcceptBackOff((line) =>
    this.#host.peerLog.warn(() => line)
  );
  readonly #wait = new Timeout(() => {
    this.#backOff.waited();
    this.#listener().resume();
  });

  /** `onFailed` is called when to go on is no use. */
  constructor(
    host: AcceptRetryHost,
    listener: () => Listener,
    onFailed: (failure: SocketFailure) => void,
  ) {
    this.#host = host;
    this.#listener = listener;
    this.#onFailed = onFailed;
  }

  /** A connection was accepted. */
  onAccept(): void {
    this.#backOff.reset();
  }

  /** Accepting has failed. */
  onAcceptError(failure: SocketFailure): void {
    if (this.#backOff.isWaiting) return;
    const listener = this.#listener();
    const delayMs = this.#backOff.delayAfter(failure, listener.address);
    if (delayMs === undefined) this.#onFailed(failure);
    else if (delayMs === 0) listener.resume();
    else this.#host.loop.arm(this.#wait, delayMs);
  }

  /** Nothing more is to be accepted. */
  stop(): void {
    this.#host.loop.disarm(this.#wait);
  }
}
