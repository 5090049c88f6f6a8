import { type FailureKind, SocketFailure } from "./adapter.ts";

/** What the error codes of the system mean, whichever runtime passes them on. */
const KIND_BY_CODE: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  ENOTCONN: "reset",
  ENOTFOUND: "name-not-found",
  EAI_AGAIN: "name-not-found",
  EADDRINUSE: "in-use",
  EADDRNOTAVAIL: "not-available",
  EACCES: "denied",
  EPERM: "denied",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  ETIMEDOUT: "timed-out",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  ENOBUFS: "exhausted",
  ENOMEM: "exhausted",
};

/** The kind of a failure with the error code `code`; undefined if that says nothing. */
export function kindOfCode(code: string): FailureKind | undefined {
  return KIND_BY_CODE[code];
}

/** What `failure` is when accepting met it: a connection that is lost before it is accepted does the listener no harm. */
export function whileAccepting(failure: SocketFailure): SocketFailure {
  return failure.kind === "reset"
    ? new SocketFailure("transient", failure.cause)
    : failure;
}
