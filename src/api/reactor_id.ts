/**
 * How reactors and listeners are told apart.
 *
 * @module
 */

/**
 * The identity of a reactor or listener within its runtime: one safe integer of
 * a slot and a generation. Ids are never reused, so a command to an id that
 * outlived its reactor fails instead of reaching a stranger. Can be cloned,
 * compared with `===`, used as a key, and sent to other threads.
 *
 * Its type may tell which commands the reactor takes, and what it returns for
 * them: so does the id of a reactor that was connected by this program. Then
 * another command is an error to the type checker.
 *
 * @category Reactors
 */
export type ReactorID<UserCommand = unknown, Value = unknown> = number & {
  readonly brand: "ReactorID";
  /** For the type checker alone. */
  takes?(cmd: UserCommand): Value;
};

/**
 * The id of no reactor.
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
