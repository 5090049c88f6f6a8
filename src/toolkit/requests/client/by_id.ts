import {
  DuplicateRequestIdError,
  InvalidOptionError,
} from "../../../api/errors.ts";
import { textOf } from "../../../util/text.ts";
import type { IdCorrelation, OwnIdCorrelation } from "../correlation.ts";
import { Correlator } from "./correlator.ts";
import type { IdSequence } from "./id_sequence.ts";
import type { PendingRequest } from "./pending_request.ts";

/** Answers name their requests. The id of a request that is overdue stays in use. */
abstract class ById<Request, Response> extends Correlator<Request, Response> {
  protected readonly sent: Map<unknown, PendingRequest<Request, Response>> =
    new Map();
  /** The id of the request that was prepared last. */
  protected nextId: unknown = undefined;

  get size(): number {
    return this.sent.size;
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

/** The client assigns the ids. */
export class ByGivenId<Request, Response> extends ById<Request, Response> {
  readonly #correlation: IdCorrelation<Request, Response>;
  readonly #ids: IdSequence;

  constructor(
    correlation: IdCorrelation<Request, Response>,
    ids: IdSequence,
    window: number,
  ) {
    super(Math.min(window, ids.count));
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

/** The caller assigns the ids. */
export class ByOwnId<Request, Response> extends ById<Request, Response> {
  readonly #correlation: OwnIdCorrelation<Request, Response>;

  constructor(
    correlation: OwnIdCorrelation<Request, Response>,
    window: number,
  ) {
    super(window);
    this.#correlation = correlation;
  }

  prepare({ message }: PendingRequest<Request, Response>): Request {
    const id = this.#correlation.idOfRequest(message);
    if (id === undefined) {
      throw new InvalidOptionError(
        "Cannot send a request without an id: idOfRequest of correlate returned undefined",
      );
    }
    if (this.sent.has(id)) {
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
