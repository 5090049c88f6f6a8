/**
 * How an adapter looks up host names.
 *
 * @module
 */

import type { SocketFailure } from "./failure.ts";

/**
 * What the core hears of a name that is looked up: one of the two, once.
 *
 * @category Adapters
 */
export interface ResolveEvents {
  /**
   * The name stands for these, one at least, in the order in which the system
   * would have them tried. Each is given to `connect` as it is: a literal address,
   * IPv6 without brackets; or the name itself, where the host may connect to it
   * by its name only.
   */
  onResolve(hostnames: readonly string[]): void;
  /** The name stands for nothing, or could not be looked up. */
  onResolveError(failure: SocketFailure): void;
}
