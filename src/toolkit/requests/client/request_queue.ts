import type { PendingRequest } from "./pending_request.ts";

/** Requests that wait to be sent, in order: those of the connection's beginning come first. */
export class RequestQueue<Request, Response> {
  #first: Set<PendingRequest<Request, Response>> = new Set();
  #others: Set<PendingRequest<Request, Response>> = new Set();

  get size(): number {
    return this.#first.size + this.#others.size;
  }

  /** How many wait of this kind. */
  sizeOf(isFirst: boolean): number {
    return isFirst ? this.#first.size : this.#others.size;
  }

  /** The next request to send; while `isBeginning`, only of the beginning. */
  next(isBeginning: boolean): PendingRequest<Request, Response> | undefined {
    for (const pending of this.#first) return pending;
    if (isBeginning) return undefined;
    for (const pending of this.#others) return pending;
    return undefined;
  }

  add(pending: PendingRequest<Request, Response>): void {
    this.#setOf(pending).add(pending);
  }

  /** Removes `pending`; false if it does not wait. */
  delete(pending: PendingRequest<Request, Response>): boolean {
    return this.#setOf(pending).delete(pending);
  }

  /** Puts requests back, before the others of their kind. */
  putBack(pendings: readonly PendingRequest<Request, Response>[]): void {
    const first = pendings.filter(({ isFirst }) => isFirst);
    const others = pendings.filter(({ isFirst }) => !isFirst);
    this.#first = new Set([...first, ...this.#first]);
    this.#others = new Set([...others, ...this.#others]);
  }

  /** Takes out the requests of the beginning. */
  takeFirst(): Iterable<PendingRequest<Request, Response>> {
    const first = this.#first;
    this.#first = new Set();
    return first;
  }

  /** Takes out all. */
  takeAll(): Iterable<PendingRequest<Request, Response>> {
    const all = [...this.#first, ...this.#others];
    this.#first = new Set();
    this.#others = new Set();
    return all;
  }

  #setOf(
    { isFirst }: PendingRequest<Request, Response>,
  ): Set<PendingRequest<Request, Response>> {
    return isFirst ? this.#first : this.#others;
  }
}
