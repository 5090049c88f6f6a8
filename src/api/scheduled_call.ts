/**
 * Scheduled calls.
 *
 * @module
 */

/**
 * A call that was scheduled by `after` or `every` of a runtime or of a connection's
 * context. With `using`, it is cancelled at the end of the scope.
 *
 * @category Reactors
 */
export interface ScheduledCall extends Disposable {
  /**
   * True while the call is pending: with `after` until it is made, with `every`
   * until it is cancelled.
   */
  readonly isPending: boolean;

  /**
   * Cancels the call.
   *
   * @returns False if it was not pending: it was already made or cancelled, or its
   * runtime or connection is gone.
   */
  cancel(): boolean;

  /** Cancels it; called at the end of its scope by `using`. */
  [Symbol.dispose](): void;
}
