import type { TlsFailureReason } from "../../contract/tls.ts";
import * as errors from "../../api/errors.ts";
import { cut, isError, rawTextOf, read } from "../../util/text.ts";
import { MAX_SENT_CAUSES, MAX_SENT_TEXT } from "../../tuning.ts";

/** An error in a form that can be sent to another thread. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: ErrorRecord | undefined;
  /** For the error of a request. */
  readonly wasSent?: boolean | undefined;
  /** For a handshake that failed. */
  readonly reason?: TlsFailureReason | undefined;
}

type SentErrorClass = new (
  message: string,
  options?: ErrorOptions & {
    readonly wasSent?: boolean;
    readonly reason?: TlsFailureReason | undefined;
  },
) => Error;

// It is made of more than a message and a cause, and never sent.
const { SimulationError: _, ...plain } = errors;

/** The classes that errors keep when they are sent: the library's own, and those of the language. */
const CLASSES: Readonly<Record<string, SentErrorClass>> = {
  ...plain,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const UNREADABLE = "(its message cannot be read)";

/**
 * `thrown` as a record; the text of a value that is not an error becomes its
 * message. Each property of an error is read once; those that cannot be read are
 * left out.
 */
export function errorRecord(thrown: unknown, depth = 0): ErrorRecord {
  if (!isError(thrown)) {
    return {
      name: "Error",
      message: rawTextOf(thrown, MAX_SENT_TEXT),
      stack: undefined,
      cause: undefined,
    };
  }
  const name = read(thrown, "name");
  const stack = read(thrown, "stack");
  const cause = read(thrown, "cause");
  const wasSent = read(thrown, "wasSent");
  return {
    name: typeof name === "string" ? cut(name, MAX_SENT_TEXT) : "Error",
    message: rawTextOf(read(thrown, "message") ?? UNREADABLE, MAX_SENT_TEXT),
    stack: typeof stack === "string" ? cut(stack, MAX_SENT_TEXT) : undefined,
    cause: cause === undefined || depth === MAX_SENT_CAUSES
      ? undefined
      : errorRecord(cause, depth + 1),
    wasSent: typeof wasSent === "boolean" ? wasSent : undefined,
    ...(thrown instanceof errors.TlsHandshakeError && {
      reason: thrown.reason,
    }),
  };
}

/** The error that `record` was made of, with its class if that is known here, and its original message, stack and cause. */
export function errorFromRecord(record: ErrorRecord): Error {
  const { name, message, stack, cause, wasSent, reason } = record;
  const known = Object.hasOwn(CLASSES, name) ? CLASSES[name] : Error;
  const error = new known(message, {
    ...(cause !== undefined && { cause: errorFromRecord(cause) }),
    ...(wasSent !== undefined && { wasSent }),
    ...(reason !== undefined && { reason }),
  });
  if (error.name !== name) error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
