/**
 * How an answer finds its request.
 *
 * @module
 */

import { InvalidOptionError } from "../../api/errors.ts";
import { check } from "../../api/options/rules.ts";
import { isObject, literalOf, read } from "../../util/text.ts";

/**
 * Answers carry the id of their request, which the client assigns.
 *
 * An id is not assigned again while its answer may still come. If there are fewer
 * ids than `window`, that many requests are in flight at most.
 *
 * @example Messages of two bytes, the first of which is the id
 * ```ts
 * import type { IdCorrelation } from "@reactio/reactio";
 *
 * const byFirstByte: IdCorrelation<Uint8Array, Uint8Array> = {
 *   maxId: 255,
 *   idOf: (response) => response[0],
 *   withId: (request, id) => Uint8Array.of(id, request[1]),
 * };
 * console.log(byFirstByte.withId(Uint8Array.of(0, 65), 7)); // 7, 65
 * ```
 *
 * @category Requests
 */
export interface IdCorrelation<Request, Response> {
  /** The smallest id: an integer of 0 or more, 0 by default. */
  readonly minId?: number | undefined;
  /** The largest id: an integer from `minId` up, such as 65535 for 16 bits. */
  readonly maxId: number;

  /**
   * Returns the id that an answer carries. If it throws, the connection is
   * closed.
   *
   * @param response What came in.
   * @returns The id, or `undefined` if it answers no request.
   */
  idOf(response: Response): number | undefined;

  /**
   * Puts an id on a request that is about to be sent.
   *
   * @param request What the caller wants to send; it may be sent twice, if it is
   * idempotent.
   * @param id The id.
   * @returns The message to send: a copy with the id, or `request` itself.
   */
  withId(request: Request, id: number): Request;

  /**
   * Turns an answer into what the caller gets. This is for passing on requests
   * whose ids were assigned by somebody else, who expects them back. Default:
   * the answer as it came in.
   *
   * @param response The answer, with the id that the client assigned.
   * @param request The request, as it was given to the client.
   * @returns The answer, with the id that the request had.
   */
  restoreId?(response: Response, request: Request): Response;
}

/**
 * Answers carry the id of their request, which the caller assigns.
 *
 * @category Requests
 */
export interface OwnIdCorrelation<Request, Response> {
  /**
   * The id that an answer names.
   *
   * @param response What came in.
   * @returns A string, a number or a bigint; `undefined` if it answers no request.
   */
  idOf(response: Response): unknown;

  /**
   * Returns the id of a request. If another request with that id is still
   * waiting, even for a late answer, this one fails with
   * `DuplicateRequestIdError`.
   *
   * @param request What is to be sent.
   * @returns A string, a number or a bigint.
   */
  idOfRequest(request: Request): unknown;
}

/**
 * How answers are matched with requests: `"in-order"` if they come in the order
 * of the requests, one for each; or by an id.
 *
 * @category Requests
 */
export type Correlation<Request, Response> =
  | "in-order"
  | IdCorrelation<Request, Response>
  | OwnIdCorrelation<Request, Response>;

/**
 * The ids of {@linkcode byProperty}.
 *
 * @category Requests
 */
export interface IdRange {
  /** The smallest id: an integer of 0 or more, 0 by default. */
  readonly minId?: number | undefined;
  /** The largest id: an integer from `minId` up. */
  readonly maxId: number;
}

/**
 * A message that may have a number under `Name`: requests and answers have one,
 * other messages need not.
 *
 * @category Requests
 */
export type MaybeWithId<Name extends string> =
  // With `object`, TypeScript accepts messages that share no property with it.
  & object
  & Readonly<Partial<Record<Name, number | undefined>>>;

/**
 * What a client sends: messages of which at least one kind, the requests, has a
 * number under `Name`.
 *
 * @category Requests
 */
export type SomeWithId<Message, Name extends string> = [Message] extends
  [object & Readonly<Partial<Record<Name, undefined>>>] // none of them has
  ? Readonly<Record<Name, number>>
  : MaybeWithId<Name>;

/**
 * The correlation that {@linkcode byProperty} makes, for requests that have a
 * number under `Name`.
 *
 * @category Requests
 */
export interface PropertyCorrelation<Name extends string> {
  /** The smallest id. */
  readonly minId: number;
  /** The largest id. */
  readonly maxId: number;

  /**
   * See {@linkcode IdCorrelation.idOf}.
   *
   * @param response What came in.
   * @returns Its id; `undefined` if it has none, and so answers no request.
   */
  idOf(response: MaybeWithId<Name>): number | undefined;

  /**
   * See {@linkcode IdCorrelation.withId}.
   *
   * @param request What the caller wants to send.
   * @param id The id.
   * @returns A copy with the id.
   * @throws {InvalidOptionError} If the request has no such property.
   */
  withId<Message extends SomeWithId<Message, Name>>(
    request: Message,
    id: number,
  ): Message;

  /**
   * See {@linkcode IdCorrelation.restoreId}.
   *
   * @param response The answer.
   * @param request The request, as it was given to the client.
   * @returns A copy with the id that the request had.
   */
  restoreId<Message extends MaybeWithId<Name>>(
    response: Message,
    request: MaybeWithId<Name>,
  ): Message;
}

/**
 * Correlates plain objects by the number that they have under `name`. The client
 * assigns the ids; the caller gets the answer with the id that its request had. A
 * message without that property answers nothing, and goes to `onUnsolicited`; it
 * can be sent by `send`, but not as a request.
 *
 * @example
 * ```ts
 * import { byProperty } from "@reactio/reactio";
 *
 * const byTransaction = byProperty("transaction", { maxId: 65535 });
 * console.log(byTransaction.withId({ transaction: 0, unit: 1 }, 7)); // transaction 7, unit 1
 * ```
 *
 * @param name The name of the property, in requests and answers.
 * @param ids The range of ids.
 * @returns The option `correlate` of a client.
 * @throws {InvalidOptionError} If `ids` is not a range of integers of 0 or more.
 *
 * @category Requests
 */
export function byProperty<const Name extends string>(
  name: Name,
  ids: IdRange,
): PropertyCorrelation<Name> {
  check("ids", ids, isObject(ids), "an object with maxId");
  const { minId = 0, maxId } = ids;
  checkIds(minId, maxId);
  return {
    minId,
    maxId,
    idOf: (response) => response[name],
    withId(request, id) {
      if (request[name] !== undefined) return { ...request, [name]: id };
      throw new InvalidOptionError(
        `Cannot send a request without ${name}: it has no such property, by ` +
          "which byProperty finds its answer. What expects no answer is for send",
      );
    },
    restoreId: (response, request) => ({ ...response, [name]: request[name] }),
  };
}

/** Throws {@linkcode InvalidOptionError} unless there are ids from `minId` to `maxId`. */
function checkIds(minId: number, maxId: number): void {
  const most = Number.MAX_SAFE_INTEGER;
  const isGood = (id: number, least: number) =>
    Number.isSafeInteger(id) && id >= least;
  check("minId", minId, isGood(minId, 0), `an integer from 0 to ${most}`);
  check(
    "maxId",
    maxId,
    isGood(maxId, minId),
    `an integer from ${minId} to ${most}`,
  );
}

/** True if the client assigns the ids. */
export function givesIds<Request, Response>(
  correlation: Exclude<Correlation<Request, Response>, "in-order">,
): correlation is IdCorrelation<Request, Response> {
  return "withId" in correlation;
}

/** Returns `value`, the option `correlate`. Throws {@linkcode InvalidOptionError} if it is not a correlation. */
export function checkCorrelation<Request, Response>(
  value: Correlation<Request, Response>,
): Correlation<Request, Response> {
  if (value === "in-order") return value;
  const has = (name: string) => typeof read(value, name) === "function";
  const isGood = has("idOf") && (has("withId") || has("idOfRequest"));
  if (!isGood) {
    throw new InvalidOptionError(
      `Cannot use correlate ${
        literalOf(value)
      }: it must be "in-order", or have idOf, and withId or idOfRequest`,
    );
  }
  if (givesIds(value)) checkIds(value.minId ?? 0, value.maxId);
  return value;
}
