/**
 * The signals of a process, and its end.
 *
 * @module
 */

/**
 * The signals that the process gets, by the names that they have in POSIX.
 *
 * @category Adapters
 */
export interface ProcessSignals {
  /** The signals with which this system asks a process to end. */
  readonly ending: readonly string[];

  /** The number of `signal`; undefined if this system has no such signal, or no process can listen for it. */
  numberOf(signal: string): number | undefined;

  /**
   * Calls back whenever `signal` arrives, in place of its default action; not from
   * inside the call. Call the returned function to stop. Throws if this runtime cannot
   * listen for it.
   */
  listen(signal: string, callback: () => void): () => void;

  /** Ends the process at once. */
  exit(code: number): void;
}
