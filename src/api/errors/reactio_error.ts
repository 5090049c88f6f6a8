/**
 * The common class of all errors of the library.
 *
 * @module
 */

import { nameOf, ownClassOf } from "../own_errors.ts";

/**
 * Every error of the library is an instance of this class. Errors about an
 * invalid argument are also instances of `RangeError` or `TypeError`.
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
