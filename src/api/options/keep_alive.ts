/**
 * Options of TCP keep-alive.
 *
 * @module
 */

import type { KeepAliveTimes } from "../../contract/socket.ts";
import { integer, OptionTable } from "./rules.ts";

/**
 * TCP keep-alive: when the operating system probes a silent peer, and when it
 * gives up. A peer that is gone is detected after
 * `idleMs + count * intervalMs`, and the connection closes with
 * `ConnectionResetError`. What a runtime cannot set is left to its operating
 * system; see {@linkcode Adapter.keepAliveTimes}. Operating systems count in
 * whole seconds; fractions are dropped.
 *
 * @category Reactors
 */
export interface KeepAliveOptions {
  /** Milliseconds of silence before the first probe. 1000 to 32767000, default 60000. */
  readonly idleMs?: number | undefined;
  /** Milliseconds between unanswered probes. 1000 to 32767000, default 1000. */
  readonly intervalMs?: number | undefined;
  /**
   * The number of unanswered probes after which the peer counts as gone. 1 to
   * 127, default 10.
   */
  readonly count?: number | undefined;
}

const SHORTEST_MS = 1000;
/** The maximum of Linux. */
const LONGEST_MS = 32_767_000;
const MOST_PROBES = 127;

/** The rules and defaults of {@linkcode KeepAliveOptions}. */
export const KEEP_ALIVE_OPTIONS: OptionTable<KeepAliveOptions> =
  new OptionTable<KeepAliveOptions>({
    idleMs: integer(SHORTEST_MS, LONGEST_MS, 60_000),
    intervalMs: integer(SHORTEST_MS, LONGEST_MS, 1000),
    count: integer(1, MOST_PROBES, 10),
  });

/**
 * The times for `option`; undefined for no probes. Throws
 * {@linkcode InvalidOptionError}.
 */
export function keepAliveTimes(
  option: boolean | KeepAliveOptions,
): KeepAliveTimes | undefined {
  if (option === false) return undefined;
  return KEEP_ALIVE_OPTIONS.fill(option === true ? {} : option);
}

/** True if `value` has a type that the option `keepAlive` accepts. */
export function isKeepAlive(value: unknown): boolean {
  return typeof value === "boolean" ||
    (typeof value === "object" && value !== null);
}
