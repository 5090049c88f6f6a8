/**
 * Failures of sockets, in terms that hold for every runtime.
 *
 * @module
 */

import { MAX_REASON, messageOf } from "../util/text.ts";

/**
 * What went wrong. Adapters translate the errors of every runtime into these
 * kinds.
 *
 * - `refused`: nobody listens at the address.
 * - `reset`: the connection ended without a FIN: reset, broken pipe, or lost;
 *   while accepting: it was gone before it was accepted.
 * - `name-not-found`: the host name does not resolve.
 * - `in-use`: another socket is bound to the address.
 * - `not-available`: the address is not one of this machine's.
 * - `denied`: the runtime or the system does not permit it.
 * - `unreachable`: no route to the host or its network.
 * - `timed-out`: the system gave up waiting.
 * - `exhausted`: out of file descriptors, buffers or memory.
 * - `transient`: this attempt failed, the next may succeed.
 * - `truncated`: a TLS connection ended without close_notify, or a WebSocket
 *   without a close frame: anyone on the path may have cut it.
 * - `broken-tls`: invalid TLS data came in: garbage, or bytes that someone on
 *   the path has changed.
 * - `other`: none of these; see `cause`.
 *
 * @category Adapters
 */
export type FailureKind =
  | "refused"
  | "reset"
  | "name-not-found"
  | "in-use"
  | "not-available"
  | "denied"
  | "unreachable"
  | "timed-out"
  | "exhausted"
  | "transient"
  | "truncated"
  | "broken-tls"
  | "other";

/**
 * A failure of the runtime's sockets; `cause` is the runtime's own error. If
 * `cause` is an error of the library, it becomes the reason why the connection
 * closed, unchanged.
 *
 * @category Adapters
 */
export class SocketFailure extends Error {
  /** The name of the class. */
  override readonly name = "SocketFailure";
  /** What went wrong. */
  readonly kind: FailureKind;

  /**
   * Creates a failure from `cause`, the runtime's own error.
   *
   * @param kind What went wrong.
   * @param cause The runtime's own error, or an error of the library.
   */
  constructor(kind: FailureKind, cause: unknown) {
    super(messageOf(cause, MAX_REASON), { cause });
    this.kind = kind;
  }
}
