import type { Listener } from "../contract/listener.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { describeAddress } from "../api/address.ts";
import { ACCEPT_DELAY_MS, ACCEPT_TRIES_AT_ONCE } from "../tuning.ts";
import type { PeerLog } from "./peer_log.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What an {@linkcode AcceptRetry} needs from its runtime. */
export interface AcceptRetryHost {
  readonly loop: Pick<TurnLoop<unknown>, "arm" | "disarm">;
  /** Logs failures to accept, which peers can cause. */
  readonly peerLog: Pick<PeerLog, "warn">;
}

/**
 * Decides what to do after a failure to accept: continue at once, continue
 * later, or give up.
 */
export class AcceptRetry {
  readonly #host: AcceptRetryHost;
  readonly #listener: () => Listener;
  readonly #onFailed: (failure: SocketFailure) => void;
  #delayMs: number = ACCEPT_DELAY_MS.first;
  #triesAtOnce = 0;
  /** True during a wait; further failures are ignored then. */
  #isWaiting = false;
  readonly #wait = new Timeout(() => {
    this.#isWaiting = false;
    this.#listener().resume();
  });

  /** `onFailed` is called when there is no point in going on. */
  constructor(
    host: AcceptRetryHost,
    listener: () => Listener,
    onFailed: (failure: SocketFailure) => void,
  ) {
    this.#host = host;
    this.#listener = listener;
    this.#onFailed = onFailed;
  }

  /** A connection was accepted: the next wait is short again. */
  onAccept(): void {
    this.#delayMs = ACCEPT_DELAY_MS.first;
    this.#triesAtOnce = 0;
  }

  /** Handles a failure to accept. */
  onAcceptError(failure: SocketFailure): void {
    if (this.#isWaiting) return;
    // Each such failure removed a connection that was already gone. Peers can
    // cause any number of them, so there is no wait.
    if (failure.kind === "reset") return this.#listener().resume();
    const isTransient = failure.kind === "transient";
    if (isTransient && this.#triesAtOnce++ < ACCEPT_TRIES_AT_ONCE) {
      return this.#listener().resume();
    }
    if (isTransient || failure.kind === "exhausted") this.#resumeLater(failure);
    else this.#onFailed(failure);
  }

  /** Stops retrying. */
  stop(): void {
    this.#host.loop.disarm(this.#wait);
  }

  #resumeLater({ message }: SocketFailure): void {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, ACCEPT_DELAY_MS.last);
    this.#triesAtOnce = 0;
    this.#isWaiting = true;
    const on = describeAddress(this.#listener().address);
    // Without the stack: printing one may need a file descriptor, and there may
    // be none left.
    this.#host.peerLog.warn(() =>
      `Cannot accept on ${on}, trying again in ${delayMs} ms: ${message}`
    );
    this.#host.loop.arm(this.#wait, delayMs);
  }
}
