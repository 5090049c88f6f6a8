import { type FailureKind, SocketFailure } from "./adapter.ts";
import { kindOfCode } from "./failure_kinds.ts";

/** For the errors that Deno itself makes, without a code. */
const KIND_BY_NAME: Readonly<Record<string, FailureKind>> = {
  ConnectionRefused: "refused",
  ConnectionReset: "reset",
  BrokenPipe: "reset",
  NotConnected: "reset",
  AddrInUse: "in-use",
  AddrNotAvailable: "not-available",
  NotCapable: "denied",
  PermissionDenied: "denied",
  NetworkUnreachable: "unreachable",
  TimedOut: "timed-out",
  ConnectionAborted: "reset",
};

/** What `cause`, an error of Deno, means. */
export function failureOf(cause: unknown): SocketFailure {
  const { code = "", name = "", message = "" } = cause as {
    code?: string;
    name?: string;
    message?: string;
  };
  const kind = kindOfCode(code) ?? KIND_BY_NAME[name] ??
    // A failed lookup carries neither.
    (message.startsWith("failed to lookup") ? "name-not-found" : "other");
  return new SocketFailure(kind, cause);
}
