/**
 * When a silent peer is probed.
 *
 * @module
 */

import type { KeepAliveTimes } from "../../contract/socket.ts";
import { integer, OptionTable } from "./rules.ts";

/**
 * TCP keep-alive: when the operating system probes a silent peer, and when it gives
 * it up. A peer that is gone is detected after `idleMs + count * intervalMs`, and
 * the connection closes with `ConnectionResetError`. What a runtime cannot set is
 * left to its operating system; see {@linkcode Adapter.keepAliveTimes}. Operating
 * systems count in whole seconds; fractions are dropped.
 *
 * @category Reactors
 */
export interface KeepAliveOptions {
  /** Milliseconds of silence before the first probe. 1000 to 32767000, default 60000. */
  readonly idleMs?: number | undefined;
  /** Milliseconds from an unanswered probe to the next. 1000 to 32767000, default 1000. */
  readonly intervalMs?: number | undefined;
  /** Probes without an answer after which the peer is gone. 1 to 127, default 10. */
  readonly count?: number | undefined;
}

const SHORTEST_MS = 1000;
/** The most that Linux takes. */
const LONGEST_MS = 32_767_000;
const MOST_PROBES = 127;

/** When the system probes. */
export const KEEP_ALIVE_OPTIONS: OptionTable<KeepAliveOptions> =
  new OptionTable<KeepAliveOptions>({
    idleMs: integer(SHORTEST_MS, LONGEST_MS, 60_000),
    intervalMs: integer(SHORTEST_MS, LONGEST_MS, 1000),
    count: integer(1, MOST_PROBES, 10),
  });

/** The times that `option` asks for; undefined if there are to be no probes. Throws {@linkcode InvalidOptionError}. */
export function keepAliveTimes(
  option: boolean | KeepAliveOptions,
): KeepAliveTimes | undefined {
  if (option === false) return undefined;
  return KEEP_ALIVE_OPTIONS.fill(option === true ? {} : option);
}

/** True if `value` can be the option `keepAlive`. */
export function isKeepAlive(value: unknown): boolean {
  return typeof value === "boolean" ||
    (typeof value === "object" && value !== null);
}
