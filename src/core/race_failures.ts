import type { TcpAddress } from "../contract/address.ts";
import { describeAddress } from "../api/address.ts";
import {
  ConnectError,
  NameNotFoundError,
  type ReactioError,
} from "../api/errors.ts";
import { MAX_REASON, messageOf, textOf } from "../util/text.ts";
import { connectErrorOf } from "./connect_failures.ts";
import type { Failure } from "./failures.ts";

/** The failure of an adapter that threw instead of connecting. */
export function thrownFailure(cause: unknown): Failure {
  const reason = messageOf(cause, MAX_REASON);
  return { errorClass: ConnectError, reason, cause };
}

/** The failure of a connect to `name`, which has no addresses. */
export function unknownName(name: string): Failure {
  return {
    errorClass: NameNotFoundError,
    reason: `the name "${name}" has no address`,
    cause: undefined,
  };
}

/**
 * Lists what happened at each address, for messages: `at 10.0.0.1: nobody
 * listens there; at …`.
 */
export function outcomesText(
  outcomes: Iterable<
    readonly [hostname: string, outcome: Pick<Failure, "reason">]
  >,
): string {
  return Array.from(
    outcomes,
    ([hostname, { reason }]) => `at ${hostname}: ${textOf(reason)}`,
  ).join("; ");
}

/**
 * Creates the error of a connect to the name in `target`, which failed at each
 * of its addresses: of the class that all failures share, or else a
 * {@linkcode ConnectError}. If there are several, the `cause` is an
 * `AggregateError` with one error for each.
 */
export function raceError(
  target: TcpAddress,
  failures: ReadonlyMap<string, Failure>,
): ReactioError {
  const [[hostname, first], ...others] = failures;
  if (others.length === 0 && hostname === target.hostname) {
    return connectErrorOf(target, first);
  }
  const isSame = others.every(([, { errorClass }]) =>
    errorClass === first.errorClass
  );
  const errors = Array.from(
    failures,
    ([at, failure]) => connectErrorOf({ ...target, hostname: at }, failure),
  );
  return new (isSame ? first.errorClass : ConnectError)(
    `Cannot connect to ${describeAddress(target)} ${outcomesText(failures)}`,
    { cause: others.length === 0 ? first.cause : new AggregateError(errors) },
  );
}
