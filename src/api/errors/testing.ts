/**
 * Failed simulations and codec tests.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** A rule of the adapter contract was broken on a simulated adapter. */
export class SimContractError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimContractError });
}

/** An awaited event did not come within the given virtual time. */
export class SimTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimTimeoutError });
}

/** A simulation had no events left, but something was still waiting. */
export class SimDeadlockError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimDeadlockError });
}

/** An invariant of a simulation was violated. */
export class SimInvariantError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimInvariantError });
}

/** A simulation exceeded its limit of events or virtual time. */
export class SimLimitError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLimitError });
}

/** Something was still open at the end of a simulation. */
export class SimLeftoverError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLeftoverError });
}

/**
 * `testCodec` found that a codec breaks a promise. The message says how to
 * reproduce it; `cause` is the violation.
 */
export class CodecTestError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecTestError });
}

/** A run of a simulation failed; `cause` is the reason. */
export class SimulationError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimulationError });
  /** The seed of the failed run. */
  readonly seed: number;
  /**
   * The option that repeats the run:
   * `simulate({ ...options, replay }, scenario)`.
   */
  readonly replay: string;
  readonly #trace: readonly string[];

  /**
   * Creates the error of a failed run.
   *
   * @param message Which run, and why it failed.
   * @param options The seed, the replay, the trace, and the reason.
   */
  constructor(
    message: string,
    { seed, replay, trace, cause }: {
      readonly seed: number;
      readonly replay: string;
      readonly trace: readonly string[];
      readonly cause: unknown;
    },
  ) {
    super(message, { cause });
    this.seed = seed;
    this.replay = replay;
    this.#trace = trace;
  }

  /** The last lines of the trace; the message ends with them. */
  get trace(): readonly string[] {
    return this.#trace;
  }
}
