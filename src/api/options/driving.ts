/**
 * Options for running a runtime.
 *
 * @module
 */

import { MAX_INT32 } from "../../util/limits.ts";
import { integer, OptionTable } from "./rules.ts";

/**
 * Options of {@linkcode ReactRuntime.processEvents}.
 *
 * @category Reactors
 */
export interface ProcessEventsOptions {
  /**
   * Milliseconds to wait for events if there are none. 0 to 2^31 - 1, default
   * 1.
   */
  readonly timeoutMs?: number | undefined;
  /** The most queued commands to execute. 1 to 2^31 - 1, default 32. */
  readonly maxCommands?: number | undefined;
}

/**
 * Options of {@linkcode ReactRuntime.run}.
 *
 * @category Reactors
 */
export interface RunOptions {
  /** Stops the runtime when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of {@linkcode ReactRuntime.processEvents}. */
export const PROCESS_EVENTS_OPTIONS: OptionTable<ProcessEventsOptions> =
  new OptionTable<ProcessEventsOptions>({
    timeoutMs: integer(0, MAX_INT32, 1),
    maxCommands: integer(1, MAX_INT32, 32),
  });
