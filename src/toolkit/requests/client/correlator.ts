import type { PendingRequest } from "./pending_request.ts";

/**
 * The requests of one connection that were sent: those that wait for an answer,
 * and those that are overdue, whose answer may still come. Each keeps its
 * place in the window.
 */
export abstract class Correlator<Request, Response> {
  /** How many are overdue. */
  overdueCount = 0;
  readonly #windowSize: number;

  /** `windowSize` is how many may be sent and unanswered. */
  constructor(windowSize: number) {
    this.#windowSize = windowSize;
  }

  /** How many were sent and are unanswered. */
  abstract readonly size: number;

  /** The message to send for `pending`, the next request; there must be room. Runs the user's code, and changes nothing. */
  abstract prepare(pending: PendingRequest<Request, Response>): Request;

  /** `pending`, which was prepared last, was sent. */
  abstract add(pending: PendingRequest<Request, Response>): void;

  /** Takes out the request that `response` answers; undefined if there is none. Runs the user's code first. */
  take(response: Response): PendingRequest<Request, Response> | undefined {
    const pending = this.takeFor(response);
    if (pending?.isOverdue) this.overdueCount--;
    return pending;
  }

  /** The answer for the caller of `pending`. Runs the user's code. */
  abstract answer(
    response: Response,
    pending: PendingRequest<Request, Response>,
  ): Response;

  /** All requests, in the order in which they were sent. */
  abstract all(): Iterable<PendingRequest<Request, Response>>;

  /** True if one more may be sent. */
  get hasRoom(): boolean {
    return this.size < this.#windowSize;
  }

  /** True if none can be sent any more before a late answer comes. */
  get isStuck(): boolean {
    return this.overdueCount === this.#windowSize;
  }

  /** How many wait for an answer that may come in time. */
  get inFlightCount(): number {
    return this.size - this.overdueCount;
  }

  /** `pending`, which is in flight, is overdue: only a late answer may come. */
  expire(pending: PendingRequest<Request, Response>): void {
    pending.isOverdue = true;
    this.overdueCount++;
  }

  protected abstract takeFor(
    response: Response,
  ): PendingRequest<Request, Response> | undefined;
}
