import type { Address, ConnectAddress } from "../contract/address.ts";
import { type FailureKind, SocketFailure } from "../contract/failure.ts";

/** The error codes of the system, whichever runtime passes them on, and the names of errors that Deno makes without one, by what they mean. */
const WORDS: { readonly [_ in FailureKind]?: readonly string[] } = {
  refused: ["ECONNREFUSED", "ConnectionRefused"],
  reset: [
    ...["ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN"],
    ...["ConnectionReset", "ConnectionAborted", "BrokenPipe", "NotConnected"],
  ],
  // ENOENT of sockets is what Deno says on Windows.
  "name-not-found": ["ENOTFOUND", "EAI_AGAIN", "ENOENT"],
  "in-use": ["EADDRINUSE", "AddrInUse"],
  "not-available": ["EADDRNOTAVAIL", "ENODEV", "AddrNotAvailable"],
  denied: [
    ...["EACCES", "EPERM", "ERR_ACCESS_DENIED"],
    ...["NotCapable", "PermissionDenied"],
  ],
  unreachable: [
    ...["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN"],
    ...["NetworkUnreachable"],
  ],
  "timed-out": ["ETIMEDOUT", "TimedOut"],
  exhausted: ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"],
};

const KINDS = Object.keys(WORDS) as FailureKind[];

/** What `word`, a code or a name, means; undefined if it is none of these. */
function kindOf(word: string): FailureKind | undefined {
  return KINDS.find((kind) => WORDS[kind]?.includes(word));
}

/**
 * A socket that fails in one of these ways is none that accepts, and will be
 * none. EINVAL is not among them: Deno fails with it, too, if the connection that
 * it has accepted is gone on macOS. Nor is its BadResource, which it makes of EINTR.
 */
const FINAL = ["EBADF", "ENOTSOCK"];

/** What a listen fails with on a file descriptor that is no socket, or none that can listen. */
const UNUSABLE = ["EINVAL", "EBADF", "ENOTSOCK", "EOPNOTSUPP"];

interface HostError {
  readonly code?: string;
  readonly name?: string;
  readonly syscall?: string;
}

/** Translates `error`, which the host made. */
export function failureOf(error: unknown): SocketFailure {
  // Node gathers the failures of the addresses that a name has.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const { code = "", name = "", syscall } = (cause ?? {}) as HostError;
  const kind = kindOf(code) ??
    (syscall === "getaddrinfo" ? "name-not-found" : kindOf(name));
  return new SocketFailure(kind ?? "other", cause);
}

/**
 * What `failure` is when it ended a connect to `hostname`, or a listen there.
 * That a name does not resolve is told by a code on some runtimes, on others by
 * the lack of one; and a literal address is not looked up, but its zone is.
 */
export function failureAt(
  hostname: string,
  failure: SocketFailure,
): SocketFailure {
  const { cause } = failure;
  const { code } = (cause ?? {}) as HostError;
  const isUnknown = failure.kind === "other" && code === undefined;
  if (!/^[\d.]+$|:/.test(hostname)) {
    return isUnknown ? new SocketFailure("name-not-found", cause) : failure;
  }
  const isUnusable = code === "EINVAL" || failure.kind === "name-not-found" ||
    isUnknown && hostname.includes("%");
  return isUnusable ? new SocketFailure("not-available", cause) : failure;
}

/** What `failure` is when it ended a listen on `address`. */
export function failureOn(
  address: Address,
  failure: SocketFailure,
): SocketFailure {
  if (address.transport === "tcp") return failureAt(address.hostname, failure);
  if (address.transport === "unix") return failure;
  const { cause } = failure;
  const { code = "" } = (cause ?? {}) as HostError;
  const kind = code === "EEXIST"
    ? "in-use"
    : UNUSABLE.includes(code)
    ? "not-available"
    : undefined;
  return kind === undefined ? failure : new SocketFailure(kind, cause);
}

/** What `failure` is when it ended a connect to `address`. Where there is no file of a Unix socket, nobody listens. */
export function failureTo(
  address: ConnectAddress,
  failure: SocketFailure,
): SocketFailure {
  if (address.transport === "tcp") return failureAt(address.hostname, failure);
  const { code } = (failure.cause ?? {}) as HostError;
  return failure.kind === "name-not-found" || code === "ENOTDIR"
    ? new SocketFailure("refused", failure.cause)
    : failure;
}

/**
 * What `failure` is when accepting met it. Most of it is the failure of one
 * connection, which the system tells when that is accepted, and does the
 * listener no harm. Deno fails with `reset` if that was gone by then.
 */
export function whileAccepting(failure: SocketFailure): SocketFailure {
  const { code, name } = (failure.cause ?? {}) as HostError;
  const isFinal = FINAL.includes(code ?? name ?? "");
  return isFinal || failure.kind === "exhausted" || failure.kind === "reset"
    ? failure
    : new SocketFailure("transient", failure.cause);
}

/**
 * What `failure` is when it ended the look-up of a name. Whatever resolvers and
 * their servers say of it, the name was not found.
 */
export function whileResolving(failure: SocketFailure): SocketFailure {
  const { kind, cause } = failure;
  return kind === "denied" || kind === "exhausted"
    ? failure
    : new SocketFailure("name-not-found", cause);
}
