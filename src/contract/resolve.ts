/**
 * How an adapter looks up host names.
 *
 * @module
 */

import type { SocketFailure } from "./failure.ts";

/**
 * The outcome of a look-up: one of the two is called, once.
 *
 * @category Adapters
 */
export interface ResolveEvents {
  /**
   * The addresses of the name, at least one, in the order in which the system
   * prefers them. The core passes each to `connect` unchanged: a literal address,
   * IPv6 without brackets, or the name itself, if the host may connect to it only by
   * its name.
   *
   * @param hostnames The addresses.
   */
  onResolve(hostnames: readonly string[]): void;
  /**
   * The name has no address, or the look-up failed.
   *
   * @param failure Why.
   */
  onResolveError(failure: SocketFailure): void;
}
