/**
 * What a process was told by whoever started it.
 *
 * @module
 */

/**
 * The environment of the process that an adapter runs in.
 *
 * @category Adapters
 */
export interface ProcessEnvironment {
  /** The number of the process. */
  readonly processId: number;

  /** The value of the variable `name`; undefined if there is none. Throws if the runtime does not permit to read it. */
  variable(name: string): string | undefined;
}
