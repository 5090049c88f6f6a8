import type { RequestTally } from "../stats/request_tally.ts";
import type { DispatchContext } from "./reactor.ts";

/**
 * A connection's context, for library code that calls user functions the
 * connection itself does not know.
 */
export interface FailingContext<UserCommand>
  extends DispatchContext<UserCommand> {
  /**
   * Handles an error that the user function `name` threw: logs it and closes
   * the connection. Returns it as an `Error`.
   */
  failed(name: string, thrown: unknown): Error;
  /** Counts the outcomes of the requests that the functions answer. */
  readonly served: RequestTally;
}
