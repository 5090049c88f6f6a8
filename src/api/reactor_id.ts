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
 * @category Reactors
 */
export type ReactorID = number & { readonly brand: "ReactorID" };

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
export type ReactorRef = ReactorID | { readonly id: ReactorID };
