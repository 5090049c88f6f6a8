import { DuplicateRequestIdError } from "../../../api/errors.ts";
import { textOf } from "../../../util/text.ts";
import type { IdCorrelation, OwnIdCorrelation } from "../correlation.ts";
import { Correlator } from "./correlator.ts";
import type { IdSequence } from "./id_sequence.ts";
import type { PendingRequest } from "./pending_request.ts";

/** So many requests of a connection may be unanswered; then it is given up. */
const MAX_UNANSWERED = 2 ** 16;

/** Answers name their requests. The id of a request that is overdue stays in use. */
abstract class ById<Request, Response> extends Correlator<Request, Response> {
  protected readonly sent: Map<unknown, PendingRequest<Request, Response>> =
    new Map();
  /** Of the request that was prepared last. */
  protected nextId: unknown = undefined;
  readonly #window: number;
  readonly #capacity: number;

  constructor(window: number, idCount: number) {
    super();
    this.#window = window;
    this.#capacity = Math.min(idCount, MAX_UNANSWERED);
  }

  get size(): number {
    return this.sent.size;
  }

  get hasRoom(): boolean {
    return this.inFlightCount < this.#window && this.size < this.#capacity;
  }

  get isStuck(): boolean {
    return this.overdueCount === this.#capacity;
  }

  add(pending: PendingRequest<Request, Response>): void {
    this.sent.set(this.nextId, pending);
  }

  all(): Iterable<PendingRequest<Request, Response>> {
    return this.sent.values();
  }

  protected takeFor(
    response: Response,
  ): PendingRequest<Request, Response> | undefined {
    const id = this.idOf(response);
    const pending = this.sent.get(id);
    if (pending !== undefined) this.sent.delete(id);
    return pending;
  }

  protected abstract idOf(response: Response): unknown;
}

/** The client gives the ids. */
export class ByGivenId<Request, Response> extends ById<Request, Response> {
  readonly #correlation: IdCorrelation<Request, Response>;
  readonly #ids: IdSequence;

  constructor(
    correlation: IdCorrelation<Request, Response>,
    ids: IdSequence,
    window: number,
  ) {
    super(window, ids.count);
    this.#correlation = correlation;
    this.#ids = ids;
  }

  prepare({ message }: PendingRequest<Request, Response>): Request {
    const id = this.#ids.next((id) => this.sent.has(id));
    this.nextId = id;
    return this.#correlation.withId(message, id);
  }

  answer(
    response: Response,
    { message }: PendingRequest<Request, Response>,
  ): Response {
    return this.#correlation.restoreId?.(response, message) ?? response;
  }

  protected idOf(response: Response): unknown {
    return this.#correlation.idOf(response);
  }
}

/** The caller gives the ids. */
export class ByOwnId<Request, Response> extends ById<Request, Response> {
  readonly #correlation: OwnIdCorrelation<Request, Response>;

  constructor(
    correlation: OwnIdCorrelation<Request, Response>,
    window: number,
  ) {
    super(window, Infinity);
    this.#correlation = correlation;
  }

  prepare({ message }: PendingRequest<Request, Response>): Request {
    const id = this.#correlation.idOfRequest(message);
    if (id === undefined || this.sent.has(id)) {
      throw new DuplicateRequestIdError(
        `Cannot send a request with the id ${
          textOf(id)
        }: another one waits for its answer`,
      );
    }
    this.nextId = id;
    return message;
  }

  answer(response: Response): Response {
    return response;
  }

  protected idOf(response: Response): unknown {
    return this.#correlation.idOf(response);
  }
}
