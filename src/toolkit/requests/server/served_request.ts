import type { ScheduledCall } from "../../../api/scheduled_call.ts";
import { LazySignal } from "../../../util/lazy_signal.ts";
import type { RequestContext } from "./served_peer.ts";

/** A request under way: begun, and its answer not sent. Its signal is aborted when nobody waits for that any more. */
export class ServedRequest<Request, Response> extends LazySignal
  implements RequestContext {
  readonly message: Request;
  /** The promise that decides what is answered; undefined if none does, or does any more. */
  awaited: PromiseLike<unknown> | undefined = undefined;
  /** It is decided: `response` is to be sent in its turn, if there is one. */
  isAnswered = false;
  response: Response | undefined = undefined;
  /** What it began with to be counted. */
  readonly startedAt: number;
  /** Why it was not answered as it should have been. */
  failure: { readonly thrown: unknown } | undefined = undefined;
  /** What is answered now comes from `onError`. */
  hasFailed = false;
  timeout: ScheduledCall | undefined = undefined;

  constructor(message: Request, startedAt: number) {
    super();
    this.message = message;
    this.startedAt = startedAt;
  }
}
