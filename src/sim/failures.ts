import { type FailureKind, SocketFailure } from "../contract/failure.ts";

const MESSAGES: Readonly<Record<FailureKind, string>> = {
  "refused": "connection refused",
  "reset": "connection reset by peer",
  "name-not-found": "name not found",
  "in-use": "address in use",
  "not-available": "address not available",
  "denied": "permission denied",
  "unreachable": "no route to host",
  "timed-out": "connection timed out",
  "exhausted": "too many open files",
  "transient": "connection aborted before it was accepted",
  "truncated": "connection ended without close_notify",
  "broken-tls": "a record that is none of this connection",
  "other": "unknown error",
};

/** What the system of a simulated host reports for a failure of `kind`. */
export function socketFailure(kind: FailureKind): SocketFailure {
  return new SocketFailure(kind, new Error(`${MESSAGES[kind]} (simulated)`));
}
