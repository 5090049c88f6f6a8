/**
 * The environment of a process.
 *
 * @module
 */

/**
 * The environment of the process that the adapter runs in.
 *
 * @category Adapters
 */
export interface ProcessEnvironment {
  /** The process id. */
  readonly processId: number;

  /**
   * Returns an environment variable.
   *
   * @param name The name of the variable.
   * @returns Its value; undefined if it is not set.
   * @throws {Error} If the runtime does not permit reading it.
   */
  variable(name: string): string | undefined;
}
