import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What is told to the one that is watched, and asked of it. */
export interface Watched {
  /** True while it is not its fault that nothing moves. */
  readonly isExcused: boolean;
  /** Nothing has moved for so long. */
  onInactive(): void;
}

/** Tells when no byte has moved on a connection for a time. */
export class Inactivity {
  readonly #loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">;
  readonly #watched: Watched;
  readonly #timeout = new Timeout(() => this.#onTimeout());
  #limitMs = 0;
  #lastProgress = 0;
  #bytesSent = 0;

  constructor(
    loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">,
    watched: Watched,
  ) {
    this.#loop = loop;
    this.#watched = watched;
  }

  /** Watches from now on, with another limit if it does already. */
  limit(limitMs: number): void {
    this.#limitMs = limitMs;
    this.recordProgress();
    this.#loop.arm(this.#timeout, limitMs);
  }

  /** Watches no more. */
  stop(): void {
    this.#loop.disarm(this.#timeout);
  }

  /** Something has moved just now. */
  recordProgress(): void {
    this.#lastProgress = this.#loop.now();
  }

  /** So many bytes have gone out in all, which is progress if they are more than before. */
  recordSent(bytesSent: number): void {
    if (bytesSent === this.#bytesSent) return;
    this.#bytesSent = bytesSent;
    this.recordProgress();
  }

  #onTimeout(): void {
    if (this.#watched.isExcused) this.recordProgress();
    const left = this.#lastProgress + this.#limitMs - this.#loop.now();
    if (left > 0) this.#loop.arm(this.#timeout, left);
    else this.#watched.onInactive();
  }
}
