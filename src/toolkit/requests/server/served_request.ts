import type { ScheduledCall } from "../../../api/scheduled_call.ts";
import type { RequestContext } from "./served_peer.ts";

/** A request under way: begun, and its answer not sent. */
export class ServedRequest<Request, Response> implements RequestContext {
  readonly message: Request;
  /** The promise that decides what is answered; undefined if none does, or does any more. */
  awaited: PromiseLike<unknown> | undefined = undefined;
  /** It is decided: `response` is to be sent in its turn, if there is one. */
  isAnswered = false;
  response: Response | undefined = undefined;
  /** What is answered now comes from `onError`. */
  hasFailed = false;
  timeout: ScheduledCall | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #reason: Error | undefined = undefined;

  constructor(message: Request) {
    this.message = message;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Nobody waits for the answer any more. Runs code of the user. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
}
