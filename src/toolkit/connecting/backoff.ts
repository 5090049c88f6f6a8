/**
 * How long a client waits before it connects again.
 *
 * @module
 */

import {
  checkOption,
  choice,
  type Filled,
  integer,
  number,
  OptionTable,
} from "../../api/options/rules.ts";
import { MAX_INT32 } from "../../util/limits.ts";

/**
 * How long {@linkcode keepConnected} waits before it connects again. The bound of
 * the wait is `minMs` after the first failure, and grows by `factor` with each
 * further one, up to `maxMs`.
 *
 * @category Connections
 */
export interface BackoffOptions {
  /** The upper bound of the first wait, in milliseconds. 1 to 2^31 - 1, default 500, or `maxMs` if that is less. */
  readonly minMs?: number | undefined;
  /**
   * The upper bound of all waits, in milliseconds. A connection that stays up for
   * longer resets the waits. `minMs` to 2^31 - 1, default 30000, or `minMs` if that
   * is more.
   */
  readonly maxMs?: number | undefined;
  /** By which factor the waits grow. 1 to 1000, default 2. */
  readonly factor?: number | undefined;
  /**
   * `"full"`: each wait is random, up to its bound, so that clients which lost their
   * server at the same time do not come back at the same time. `"none"`: each wait
   * is its bound. Default `"full"`.
   */
  readonly jitter?: "full" | "none" | undefined;
}

/** {@linkcode BackoffOptions} with nothing left out. */
export type BackoffSettings = Filled<BackoffOptions>;

/** The options of a back-off. */
export const BACKOFF_OPTIONS: OptionTable<BackoffOptions> = new OptionTable<
  BackoffOptions
>({
  minMs: integer(1, MAX_INT32, 500),
  maxMs: integer(1, MAX_INT32, 30_000),
  factor: number(1, 1000, 2),
  jitter: choice(["full", "none"], "full"),
});

/** Fills in the defaults of `options`. Throws {@linkcode InvalidOptionError}. */
export function backoffSettings(options: BackoffOptions): BackoffSettings {
  const { defaults } = BACKOFF_OPTIONS;
  const given = BACKOFF_OPTIONS.given(options) ?? {};
  const minMs = given.minMs ??
    Math.min(defaults.minMs, given.maxMs ?? defaults.maxMs);
  const maxMs = given.maxMs ?? Math.max(defaults.maxMs, minMs);
  checkOption("maxMs", maxMs, integer(minMs, MAX_INT32));
  return { ...defaults, ...given, minMs, maxMs };
}

/** Milliseconds to wait after `failureCount` attempts in a row that failed, 0 as after 1; more than 0. `random` gives a number from 0 (inclusive) to 1 (exclusive). */
export function backoffDelay(
  { minMs, maxMs, factor, jitter }: BackoffSettings,
  failureCount: number,
  random: () => number,
): number {
  const growth = factor ** Math.max(0, failureCount - 1);
  const longest = Math.min(maxMs, minMs * growth);
  return jitter === "none" ? longest : longest * (1 - random());
}
