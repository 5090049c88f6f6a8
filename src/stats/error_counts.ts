import { ownClassOf } from "../api/own_errors.ts";

/** What errors are counted as that are none of the library's. */
const OTHER = "other";

/** Counts errors by their classes: those of the library by name, and all others as one, so that no program can make up more. */
export class ErrorCounts {
  readonly #counts = new Map<string, number>();

  /** Counts `error`, which may be anything that was thrown; none as `none`. */
  count(error: unknown, none: string = OTHER): void {
    const name = error === undefined ? none : ownClassOf(error) ?? OTHER;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Those that are not 0. */
  stats(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
