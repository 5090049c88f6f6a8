import {
  CloseTimeoutError,
  ConnectionClosedError,
  ConnectionResetError,
  IdleTimeoutError,
  TruncatedMessageError,
} from "../../mod.ts";
import { type EndConfig, LONG_MS } from "./end_config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Stream } from "./stream.ts";
import type { TapSocket } from "./tap.ts";

/** What is known about an end that closes. */
export interface ClosingEnd {
  readonly config: EndConfig;
  readonly life: Lifecycle;
  readonly tap: TapSocket;
  readonly node: { now(): number };
  /** What it sends, and what it receives. */
  readonly out: Stream;
  readonly in: Stream;
  /** Its peer has sent FIN, and has not cut the connection. */
  readonly isEndedByPeer: boolean;
  /** Its connection can be lost: somebody cut it. */
  readonly canBeLost: boolean;
}

/** Half of the smallest step of the clock. */
const EPSILON = 0.0005;

/** Why `end` cannot have closed with `reason`, or `undefined` if it can. */
export function refute(
  end: ClosingEnd,
  reason: Error | undefined,
): string | undefined {
  const { cause, causes } = end.life;
  if (cause !== undefined && !cause.isReason(undefined)) {
    return cause.isReason(reason) ? undefined : `${cause.what} came first`;
  }
  if (reason === undefined) return refuteOrderly(end);
  if (reason instanceof ConnectionResetError) return refuteLoss(end);
  if (reason instanceof CloseTimeoutError) return refuteCloseTimeout(end);
  if (reason instanceof ConnectionClosedError) return refuteAbort(end);
  if (cause === undefined && reason instanceof IdleTimeoutError) {
    return refuteIdleTimeout(end);
  }
  if (cause === undefined && reason instanceof TruncatedMessageError) {
    return isTruncated(end) ? undefined : "the last message was whole";
  }
  // An abort may give a reason to a close that had none.
  const possible = cause === undefined ? causes : end.life.aborts;
  return possible.some(({ isReason }) => isReason(reason))
    ? undefined
    : "nothing gave it that reason";
}

/** Without a reason, nothing may be lost. */
function refuteOrderly(end: ClosingEnd): string | undefined {
  const { life, tap, out } = end;
  if (tap.failure !== undefined) return `it was lost: ${tap.failure.kind}`;
  if (out.handed.position < out.accepted) return `not all is sent: ${out}`;
  if (tap.isDestroyed && life.aborts.length > 0) return undefined;
  if (!tap.heardEnd) return "the peer has not sent FIN";
  if (life.causes.length === 0 && isTruncated(end)) return "it was truncated";
  return tap.isShutDown ? undefined : "it has not sent FIN";
}

/** The peer has sent FIN in the middle of a message. */
function isTruncated({ tap, in: stream }: ClosingEnd): boolean {
  return tap.heardEnd && stream.received.position < stream.arrived.position;
}

function refuteLoss(end: ClosingEnd): string | undefined {
  const { tap } = end;
  const isLost = tap.failure !== undefined ||
    !(tap.heardEnd || tap.isDestroyed);
  if (!isLost) return "it was not lost";
  return end.canBeLost ? undefined : "nobody cut it";
}

function refuteAbort({ life, tap, out }: ClosingEnd): string | undefined {
  if (!tap.isDestroyed || life.aborts.length === 0) return "it was not aborted";
  return out.handed.position === out.accepted ? "all is sent" : undefined;
}

function refuteIdleTimeout({ tap, config }: ClosingEnd): string | undefined {
  return isEarly(tap.longestIdle, config.options.idleTimeoutMs);
}

function refuteCloseTimeout(end: ClosingEnd): string | undefined {
  const { tap, config, node, life } = end;
  const { closeTimeoutMs } = config.options;
  if (closeTimeoutMs === LONG_MS && end.isEndedByPeer) {
    return "its peer has closed as well";
  }
  const since = Math.max(tap.lastSent, life.closingSince);
  return isEarly(node.now() - since, closeTimeoutMs);
}

function isEarly(waited: number, limitMs: number): string | undefined {
  if (limitMs > 0 && waited >= limitMs - EPSILON) return undefined;
  return `it has waited for ${waited} ms only, and the limit is ${limitMs} ms`;
}
