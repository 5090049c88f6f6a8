import { Fifo } from "../../../util/fifo.ts";
import { Correlator } from "./correlator.ts";
import type { PendingRequest } from "./pending_request.ts";

/**
 * Answers come in the order of the requests, one for each. An overdue request
 * still takes the next answer.
 */
export class InOrder<Request, Response> extends Correlator<Request, Response> {
  readonly #sent = new Fifo<PendingRequest<Request, Response>>();

  get size(): number {
    return this.#sent.size;
  }

  prepare({ message }: PendingRequest<Request, Response>): Request {
    return message;
  }

  add(pending: PendingRequest<Request, Response>): void {
    this.#sent.push(pending);
  }

  answer(response: Response): Response {
    return response;
  }

  all(): Iterable<PendingRequest<Request, Response>> {
    return this.#sent;
  }

  protected takeFor(): PendingRequest<Request, Response> | undefined {
    return this.size === 0 ? undefined : this.#sent.shift();
  }
}
