import { ReactioError } from "../api/errors.ts";
import {
  MAX_LOGGED_BUGS,
  MAX_LOGGED_FRAMES,
  PEER_LINES_PER_SECOND,
} from "../tuning.ts";
import { canLog, logDebug, logError, LogLevel, logWarn } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { printable } from "../util/printable.ts";
import { locationsOf } from "../util/source_location.ts";
import { countOf, isA } from "../util/text.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

const SECOND_MS = 1000;

/**
 * Logs events that peers can cause: a short line for each, up to a number per
 * second, and then one line with the number of those suppressed.
 */
export class PeerLog {
  readonly #loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">;
  /** Armed while lines are suppressed. */
  readonly #secondIsOver = new Timeout(() => this.logSuppressed());
  #secondEnd = -Infinity;
  #lineCount = 0;
  #suppressedCount = 0;
  /** The locations of the bugs whose stacks were logged. */
  readonly #bugs = new Set<string>();

  constructor(loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">) {
    this.#loop = loop;
  }

  /**
   * Logs what `say` returns, if the rate allows it, followed by the name,
   * message and source location of `error`. Its stack is logged at `Debug`. A
   * bug in the program is logged with its stack at `Error`, the first time.
   */
  warn(say: () => string, error?: Error): void {
    if (!canLog(LogLevel.Warn) || !this.#mayLog()) return;
    const what = printable(say());
    if (error === undefined) return logWarn(what);
    const line = `${what}: ${summaryOf(error)}`;
    const locations = locationsOf(error);
    if (locations.length === 0) logWarn(line);
    else if (isBug(error) && this.#isNew(locations[0])) {
      logError(
        line,
        ...locations.slice(0, MAX_LOGGED_FRAMES).map((at) => `\n    ${at}`),
      );
    } else logWarn(line, locations[0]);
    logDebug(`${what}:`, error);
  }

  /** Logs how many lines were suppressed, if any. */
  logSuppressed(): void {
    const count = this.#suppressedCount;
    if (count === 0) return;
    this.#suppressedCount = 0;
    this.#loop.disarm(this.#secondIsOver);
    logWarn(
      `${countOf(count, "more line")} about peers and commands ${
        count === 1 ? "was" : "were"
      } not logged: there are at most ${PEER_LINES_PER_SECOND} in a second`,
    );
  }

  #isNew(location: string): boolean {
    if (this.#bugs.has(location) || this.#bugs.size === MAX_LOGGED_BUGS) {
      return false;
    }
    this.#bugs.add(location);
    return true;
  }

  /** True if a line may be logged; otherwise counts it. */
  #mayLog(): boolean {
    const now = this.#loop.now();
    if (now >= this.#secondEnd) {
      this.#secondEnd = now + SECOND_MS;
      this.#lineCount = 0;
    }
    if (this.#lineCount < PEER_LINES_PER_SECOND) {
      this.#lineCount++;
      return true;
    }
    if (this.#suppressedCount++ === 0) {
      this.#loop.arm(this.#secondIsOver, this.#secondEnd - now);
    }
    return false;
  }
}

/**
 * True for errors that nobody throws on purpose: the program has a bug,
 * whatever the peer sent.
 */
function isBug(error: Error): boolean {
  return (isA(error, TypeError) || isA(error, ReferenceError)) &&
    !isA(error, ReactioError);
}
