/**
 * The signals of a process, and its exit.
 *
 * @module
 */

/**
 * The signals of the process, by their POSIX names.
 *
 * @category Adapters
 */
export interface ProcessSignals {
  /** The signals that ask a process to end, on this system. */
  readonly ending: readonly string[];

  /**
   * The number of `signal`; undefined if this system has no such signal, or no
   * process can listen for it.
   *
   * @param signal The name of the signal.
   * @returns Its number, or undefined.
   */
  numberOf(signal: string): number | undefined;

  /**
   * Calls back whenever `signal` arrives, in place of its default action, never
   * from inside this call.
   *
   * @param signal The name of the signal.
   * @param callback What to call.
   * @returns A function that stops listening.
   * @throws {Error} If this runtime cannot listen for the signal.
   */
  listen(signal: string, callback: () => void): () => void;

  /**
   * Ends the process at once.
   *
   * @param code The exit code.
   */
  exit(code: number): void;
}
