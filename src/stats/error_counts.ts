import { ownClassOf } from "../api/own_errors.ts";

/** The key of errors that are not the library's. */
const OTHER = "other";

/** Counts errors by class: the library's by name, all others as one, so that the number of keys is bounded. */
export class ErrorCounts {
  readonly #counts = new Map<string, number>();

  /** Counts `error`, which may be anything that was thrown; `undefined` counts as `none`. */
  count(error: unknown, none: string = OTHER): void {
    const name = error === undefined ? none : ownClassOf(error) ?? OTHER;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The counts that are not 0. */
  stats(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
