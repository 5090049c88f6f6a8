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
   * The value of the environment variable `name`; undefined if it is not set.
   * Throws if the runtime does not permit reading it.
   */
  variable(name: string): string | undefined;
}
