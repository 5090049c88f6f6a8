/**
 * A simulation has failed, or a test of a codec.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/** What uses a simulated adapter broke a rule of its contract. */
export class SimContractError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimContractError });
}

/** What was waited for did not come within the virtual time that it was given. */
export class SimTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimTimeoutError });
}

/** In a simulation nothing was left to happen, and something still waited. */
export class SimDeadlockError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimDeadlockError });
}

/** An invariant of a simulation did not hold. */
export class SimInvariantError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimInvariantError });
}

/** A simulation had more events, or took more virtual time, than it was given. */
export class SimLimitError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLimitError });
}

/** At the end of a simulation something was still open. */
export class SimLeftoverError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLeftoverError });
}

/** A codec breaks a promise, as `testCodec` has found out; the message says how to see it again, `cause` what is wrong. */
export class CodecTestError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecTestError });
}

/** A run of a simulation failed; `cause` is the reason. */
export class SimulationError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimulationError });
  /** The seed of the run that is told of. */
  readonly seed: number;
  /** The option that repeats it: `simulate({ ...options, replay }, scenario)`. */
  readonly replay: string;
  readonly #trace: readonly string[];

  /**
   * Tells of a run that failed.
   *
   * @param message Says which, and why.
   * @param options What repeats it, and the reason.
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

  /** The last lines of its trace, which the message ends with. */
  get trace(): readonly string[] {
    return this.#trace;
  }
}
