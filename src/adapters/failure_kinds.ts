import type { Address, ConnectAddress } from "../contract/address.ts";
import { type FailureKind, SocketFailure } from "../contract/failure.ts";

/**
 * Error codes of the system, and names of Deno's errors without code, by
 * failure kind.
 */
const WORDS: { readonly [_ in FailureKind]?: readonly string[] } = {
  refused: ["ECONNREFUSED", "ConnectionRefused"],
  reset: [
    ...["ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN"],
    ...["ConnectionReset", "ConnectionAborted", "BrokenPipe", "NotConnected"],
  ],
  // On Windows, Deno reports ENOENT for sockets.
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

/** The kind for `word`, a code or an error name; undefined if unknown. */
function kindOfWord(word: string): FailureKind | undefined {
  return KINDS.find((kind) => WORDS[kind]?.includes(word));
}

/**
 * Codes after which a listening socket never accepts again. Not EINVAL: on
 * macOS, Deno fails with it if an accepted connection is already gone. Not
 * BadResource: Deno reports it for EINTR.
 */
const FINAL = ["EBADF", "ENOTSOCK"];

/**
 * Codes of a listen on a file descriptor that is not a socket, or cannot
 * listen.
 */
const UNUSABLE = ["EINVAL", "EBADF", "ENOTSOCK", "EOPNOTSUPP"];

interface HostError {
  readonly code?: string;
  readonly name?: string;
  readonly syscall?: string;
}

/** Translates an error of the runtime. */
export function failureOf(error: unknown): SocketFailure {
  // Node collects the errors of all addresses of a name.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const { code = "", name = "", syscall } = (cause ?? {}) as HostError;
  const kind = kindOfWord(code) ??
    (syscall === "getaddrinfo" ? "name-not-found" : kindOfWord(name));
  return new SocketFailure(kind ?? "other", cause);
}

/**
 * Refines the failure of a connect to `hostname`, or of a listen on it. Some
 * runtimes report a name that does not resolve by a code, others by an error
 * without code. A literal address is not resolved, but its zone is.
 */
export function tcpFailureAt(
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

/** Refines the failure of a listen on `address`. */
export function failureOn(
  address: Address,
  failure: SocketFailure,
): SocketFailure {
  if (address.transport === "tcp") {
    return tcpFailureAt(address.hostname, failure);
  }
  if (address.transport !== "fd") return failure;
  const { cause } = failure;
  const { code = "" } = (cause ?? {}) as HostError;
  const kind = code === "EEXIST"
    ? "in-use"
    : UNUSABLE.includes(code)
    ? "not-available"
    : undefined;
  return kind === undefined ? failure : new SocketFailure(kind, cause);
}

/**
 * Refines the failure of a connect to `address`. If the file of a Unix socket
 * does not exist, nobody listens.
 */
export function failureTo(
  address: ConnectAddress,
  failure: SocketFailure,
): SocketFailure {
  if (address.transport === "tcp") {
    return tcpFailureAt(address.hostname, failure);
  }
  const { code } = (failure.cause ?? {}) as HostError;
  return failure.kind === "name-not-found" || code === "ENOTDIR"
    ? new SocketFailure("refused", failure.cause)
    : failure;
}

/**
 * Refines the failure of an accept. Most failures concern one connection, and
 * the listener goes on. On Deno, `reset` means that the connection was gone
 * before it was accepted.
 */
export function whileAccepting(failure: SocketFailure): SocketFailure {
  const { code, name } = (failure.cause ?? {}) as HostError;
  const isFinal = FINAL.includes(code ?? name ?? "");
  return isFinal || failure.kind === "exhausted" || failure.kind === "reset"
    ? failure
    : new SocketFailure("transient", failure.cause);
}

/**
 * Refines the failure of a look-up: whatever the resolver reports, the name was
 * not found, unless the look-up was denied or resources were exhausted.
 */
export function whileResolving(failure: SocketFailure): SocketFailure {
  const { kind, cause } = failure;
  return kind === "denied" || kind === "exhausted"
    ? failure
    : new SocketFailure("name-not-found", cause);
}
