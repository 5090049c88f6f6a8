/**
 * Time limits of a graceful stop.
 *
 * @module
 */

import { MAX_INT32 } from "../../util/limits.ts";
import { type Filled, integer, OptionTable } from "./rules.ts";

/**
 * Options of {@linkcode ReactRuntime.stop}, and of everything else that stops
 * gracefully.
 *
 * @category Reactors
 */
export interface StopOptions {
  /**
   * How many milliseconds reactors with `onDrain` have to finish work in
   * progress. 0 to 2^31 - 1; the default is `graceMs`.
   */
  readonly drainMs?: number | undefined;
  /**
   * How many milliseconds connections then have to send queued bytes and close.
   * 0 to 2^31 - 1, default 5000.
   */
  readonly graceMs?: number | undefined;
}

/** {@linkcode StopOptions} with all defaults filled in. */
export type StopSettings = Filled<StopOptions>;

/** The rules and defaults of {@linkcode StopOptions}. */
export const STOP_OPTIONS: OptionTable<StopOptions> = new OptionTable<
  StopOptions
>({ drainMs: integer(0, MAX_INT32), graceMs: integer(0, MAX_INT32, 5000) });

/**
 * Fills in defaults: `drainMs` defaults to `graceMs`, so that a stop without
 * grace does not wait for reactors either. Throws
 * {@linkcode InvalidOptionError}.
 */
export function stopSettings(options: StopOptions): StopSettings {
  const { drainMs, graceMs } = STOP_OPTIONS.fill(options);
  return { drainMs: drainMs ?? graceMs, graceMs };
}
