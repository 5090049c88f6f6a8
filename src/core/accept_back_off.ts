import type { Address } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import { ACCEPT_DELAY_MS, ACCEPT_TRIES_AT_ONCE } from "../tuning.ts";

/** How long a listener waits after accepting has failed. */
export class AcceptBackOff {
  #delayMs: number = ACCEPT_DELAY_MS.first;
  #triesAtOnce = 0;
  #isWaiting = false;
  readonly #warn: (line: string) => void;

  /** `warn` is called before each wait. */
  constructor(warn: (line: string) => void) {
    this.#warn = warn;
  }

  /** True while a wait is under way: failures of a listener that goes on by itself say nothing new then. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** A connection was accepted: the next wait is a short one. */
  reset(): void {
    this.#delayMs = ACCEPT_DELAY_MS.first;
    this.#triesAtOnce = 0;
  }

  /** The milliseconds to wait after `failure` on `address`, 0 to go on at once, undefined if that is no use. */
  delayAfter(failure: SocketFailure, address: Address): number | undefined {
    const isTransient = failure.kind === "transient";
    if (isTransient && this.#triesAtOnce++ < ACCEPT_TRIES_AT_ONCE) return 0;
    if (!isTransient && failure.kind !== "exhausted") return undefined;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, ACCEPT_DELAY_MS.last);
    this.#triesAtOnce = 0;
    this.#isWaiting = true;
    // No stack: to show one may need a file, of which there may be none left.
    this.#warn(
      `Cannot accept on ${
        formatAddress(address)
      }, trying again in ${delayMs} ms: ${failure.message}`,
    );
    return delayMs;
  }

  /** The wait is over. */
  waited(): void {
    this.#isWaiting = false;
  }
}
