/**
 * Calls that are made later.
 *
 * @module
 */

/**
 * A call that `after` or `every` has scheduled, of a runtime or of a connection's
 * context. With `using` it is cancelled at the end of the scope.
 *
 * @category Reactors
 */
export interface ScheduledCall extends Disposable {
  /** True while it is still to be made: of `after` until it is, of `every` until it is cancelled. */
  readonly isPending: boolean;

  /**
   * Sees to it that the call is not made (any more).
   *
   * @returns False if it was not pending: it was made or cancelled before, or its
   * runtime or connection is gone.
   */
  cancel(): boolean;

  /** Cancels it; called at the end of its scope by `using`. */
  [Symbol.dispose](): void;
}
