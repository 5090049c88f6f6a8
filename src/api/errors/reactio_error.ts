/**
 * What all errors of the library have in common.
 *
 * @module
 */

import { nameOf, ownClassOf } from "../own_errors.ts";

/**
 * What every error of the library is an instance of. Those that tell of a wrong
 * argument are also instances of what the language has for that: `RangeError` or
 * `TypeError`.
 */
export class ReactioError extends Error {
  /** @ignore */
  override name: string = nameOf(this, { ReactioError });

  /** @ignore */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === ReactioError
      ? ownClassOf(value as Error) !== undefined
      : super[Symbol.hasInstance](value);
  }
}
