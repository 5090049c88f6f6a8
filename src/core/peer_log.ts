import { ReactioError } from "../api/errors.ts";
import { PEER_LINES_PER_SECOND } from "../tuning.ts";
import { canLog, logDebug, logError, LogLevel, logWarn } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { printable } from "../util/printable.ts";
import { locationsOf } from "../util/source_location.ts";
import { countOf, isA } from "../util/text.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

const SECOND_MS = 1000;

/** The stacks of so many bugs are logged at most. */
const MAX_BUGS = 16;

/** So many frames of a stack are logged at most. */
const MAX_FRAMES = 10;

/**
 * Where a runtime logs what peers can cause: a short line for each, some in a
 * second at most, and then one that says how many more there were.
 */
export class PeerLog {
  readonly #loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">;
  /** Armed while lines are held back. */
  readonly #secondIsOver = new Timeout(() => this.tellHeldBack());
  #secondEnd = -Infinity;
  #lineCount = 0;
  #heldBackCount = 0;
  /** The locations of the bugs whose stacks were logged. */
  readonly #bugs = new Set<string>();

  constructor(loop: Pick<TurnLoop<never>, "arm" | "disarm" | "now">) {
    this.#loop = loop;
  }

  /**
   * Logs what `say` returns, if it may be logged. With an `error`, its name and
   * message follow, and where in the program it comes from; its stack is logged
   * at `Debug`. A bug in the program is logged with its stack, at `Error`, the
   * first time.
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
        ...locations.slice(0, MAX_FRAMES).map((at) => `\n    ${at}`),
      );
    } else logWarn(line, locations[0]);
    logDebug(`${what}:`, error);
  }

  /** Logs how many lines were held back, if any were. */
  tellHeldBack(): void {
    const count = this.#heldBackCount;
    if (count === 0) return;
    this.#heldBackCount = 0;
    this.#loop.disarm(this.#secondIsOver);
    logWarn(
      `${countOf(count, "more line")} about peers ${
        count === 1 ? "was" : "were"
      } not logged: there are at most ${PEER_LINES_PER_SECOND} in a second`,
    );
  }

  #isNew(location: string): boolean {
    if (this.#bugs.has(location) || this.#bugs.size === MAX_BUGS) return false;
    this.#bugs.add(location);
    return true;
  }

  /** True if a line may be logged; else it is counted. */
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
    if (this.#heldBackCount++ === 0) {
      this.#loop.arm(this.#secondIsOver, this.#secondEnd - now);
    }
    return false;
  }
}

/** True if nobody throws `error` on purpose: the program is wrong, whatever the peer has sent. */
function isBug(error: Error): boolean {
  return (isA(error, TypeError) || isA(error, ReferenceError)) &&
    !isA(error, ReactioError);
}
