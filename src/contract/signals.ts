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
  /** Those by which this system asks a process to end. */
  readonly ending: readonly string[];

  /** The number of `signal`; undefined if this system has none of that name, or no process can listen for it. */
  numberOf(signal: string): number | undefined;

  /**
   * Calls back whenever `signal` comes, which then does nothing else; not from
   * inside the call. What is returned ends that. Throws if this runtime cannot
   * listen for it.
   */
  listen(signal: string, callback: () => void): () => void;

  /** Ends the process at once. */
  exit(code: number): void;
}
