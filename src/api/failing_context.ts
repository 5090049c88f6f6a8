import type { RequestTally } from "../stats/request_tally.ts";
import type { DispatchContext } from "./reactor.ts";

/** What the context of a connection does for who calls functions of the user that it knows nothing of. */
export interface FailingContext<UserCommand>
  extends DispatchContext<UserCommand> {
  /** What the user calls `name` threw: closes the connection, and says so in the log. Returns what, as an `Error`. */
  failed(name: string, thrown: unknown): Error;
  /** Where is counted what becomes of requests that they answer. */
  readonly served: RequestTally;
}
