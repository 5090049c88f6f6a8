/**
 * The identities of reactors and listeners.
 *
 * @module
 */

/**
 * The identity of a reactor or listener within its runtime: one safe integer, made
 * of a slot and a generation. Ids are never reused, so a command to a reactor that
 * is gone fails instead of reaching another one. You can clone an id, compare it
 * with `===`, use it as a key, and send it to other threads.
 *
 * Its type may say which commands the reactor takes, and what it returns for them,
 * as does the id of a reactor that this program connected. Then the type checker
 * rejects any other command.
 *
 * @category Reactors
 */
export type ReactorID<UserCommand = unknown, Value = unknown> = number & {
  readonly brand: "ReactorID";
  /** Exists only for the type checker. */
  takes?(cmd: UserCommand): Value;
};

/**
 * An id that no reactor has.
 *
 * @category Reactors
 */
export const INVALID_REACTOR_ID: ReactorID = 0 as ReactorID;

/**
 * Names a reactor or listener: its id, or anything that carries it as `id`, such
 * as a handle or the context of a handler.
 *
 * @category Reactors
 */
export type ReactorRef<UserCommand = unknown, Value = unknown> =
  | ReactorID<UserCommand, Value>
  | { readonly id: ReactorID<UserCommand, Value> };
