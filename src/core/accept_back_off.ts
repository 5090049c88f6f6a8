import type { Address, SocketFailure } from "../adapters/adapter.ts";
import { formatAddress } from "../address.ts";
import { logError } from "../util/log.ts";

const FIRST_DELAY_MS = 20;
const LAST_DELAY_MS = 1000;

/** How long a listener waits after accepting has failed. */
export class AcceptBackOff {
  #delayMs = FIRST_DELAY_MS;

  /** A connection was accepted: the next wait is a short one. */
  reset(): void {
    this.#delayMs = FIRST_DELAY_MS;
  }

  /** The milliseconds to wait after `failure` on `address`, 0 to go on at once, undefined if that is no use. */
  delayAfter(failure: SocketFailure, address: Address): number | undefined {
    if (failure.kind === "transient") return 0;
    if (failure.kind !== "exhausted") return undefined;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, LAST_DELAY_MS);
    // No stack: to show one Deno may need a file, and ends when it gets none.
    logError(
      `Cannot accept on ${
        formatAddress(address)
      }, trying again in ${delayMs} ms: ${failure.message}`,
    );
    return delayMs;
  }
}
