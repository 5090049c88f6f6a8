import type { ScheduledCall } from "../../../api/scheduled_call.ts";
import { LazySignal } from "../../../util/lazy_signal.ts";
import type { RequestContext } from "./served_peer.ts";

/** A request in progress: begun, and not answered yet. Its signal is aborted when nobody waits for the answer any more. */
export class ServedRequest<Request, Response> extends LazySignal
  implements RequestContext {
  readonly message: Request;
  /** The promise of the answer, if there is one and it still matters. */
  awaited: PromiseLike<unknown> | undefined = undefined;
  /** The outcome is known: `response`, if there is one, is sent in its turn. */
  isAnswered = false;
  response: Response | undefined = undefined;
  /** What the tally returned when the request began. */
  readonly startedAt: number;
  /** What was thrown instead of an answer. */
  failure: { readonly thrown: unknown } | undefined = undefined;
  /** The answer comes from `onError`. */
  hasFailed = false;
  timeout: ScheduledCall | undefined = undefined;

  constructor(message: Request, startedAt: number) {
    super();
    this.message = message;
    this.startedAt = startedAt;
  }
}
