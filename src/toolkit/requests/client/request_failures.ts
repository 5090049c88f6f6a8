import {
  AlreadyConnectedError,
  ConnectionClosedError,
  RequestCancelledError,
  RequestLostError,
  RequestQueueFullError,
  RequestTimeoutError,
} from "../../../api/errors.ts";
import { countIs, countOf, messageOf } from "../../../util/text.ts";
import { BUSY_THREAD_MS } from "../../../tuning.ts";

// Why a request of a client fails.

/** What keeps a request from being sent, for messages. */
export interface Waiting {
  /** The other end; undefined if there is no connection. */
  readonly peer: string | undefined;
  readonly inFlightCount: number;
}

/** The time of a request is over. */
export interface TimeOver {
  readonly timeoutMs: number;
  /** How much later that was found. */
  readonly lateMs: number;
}

export function requestCancelled(
  signal: AbortSignal,
  when: "before it was made" | "before it was sent" | "when it was sent",
): RequestCancelledError {
  const cause: unknown = signal.reason;
  return new RequestCancelledError(
    `Cancelled the request ${when}: ${messageOf(cause)}`,
    { cause, wasSent: when === "when it was sent" },
  );
}

export function queueFull(
  queuedCount: number,
  waiting: Waiting,
): RequestQueueFullError {
  return new RequestQueueFullError(
    `Cannot queue a request: ${
      countIs(queuedCount, "request")
    } queued (maxQueue), and ${whyOf(waiting)}`,
  );
}

export function notSent(
  time: TimeOver,
  waiting: Waiting,
  wasSent: boolean,
): RequestTimeoutError {
  const again = wasSent ? " again" : "";
  return new RequestTimeoutError(
    `A request was not sent${again} within ${limitText(time)}: ${
      whyOf(waiting)
    }`,
    { wasSent },
  );
}

export function notAnswered(
  time: TimeOver,
  peer: string | undefined,
): RequestTimeoutError {
  return new RequestTimeoutError(
    `${peer} did not answer a request within ${limitText(time)}`,
  );
}

/** Why a connection without room for another request is given up. */
export function answersOwed(
  overdueCount: number,
  peer: string | undefined,
): RequestTimeoutError {
  return new RequestTimeoutError(
    `Gave up the connection to ${peer}: it owes ${
      countOf(overdueCount, "answer")
    }, and nothing can be asked before they come`,
  );
}

export function answerLost(
  peer: string | undefined,
  cause: Error | undefined,
): RequestLostError {
  const why = cause === undefined
    ? "the connection was closed before"
    : messageOf(cause);
  return new RequestLostError(`Lost the answer of ${peer}: ${why}`, { cause });
}

export function alreadyConnected(
  peer: string,
  connected: string,
): AlreadyConnectedError {
  return new AlreadyConnectedError(
    `Cannot send requests to ${peer}: the client is connected to ${connected}; make a client for each connection, or set secondConnection to "replace"`,
  );
}

/** Why a connection is given up for another one, of `peer`. */
export function connectedAnew(peer: string): ConnectionClosedError {
  return new ConnectionClosedError(
    `Closed: another connection, of ${peer}, has taken its place`,
  );
}

export function clientClosed(
  why: string,
  cause?: Error,
): ConnectionClosedError {
  const because = cause === undefined ? "" : `: ${messageOf(cause)}`;
  return new ConnectionClosedError(
    `Cannot make a request: the client is closed, since ${why}${because}`,
    { cause },
  );
}

export function linkGone(
  peer: string | undefined,
  cause?: Error,
): ConnectionClosedError {
  return new ConnectionClosedError(
    `Cannot make a request: the connection to ${peer} is gone`,
    { cause },
  );
}

/** Says how late the timeout was noticed, if this thread was busy: then the peer may not be to blame. */
function limitText({ timeoutMs, lateMs }: TimeOver): string {
  const limit = `${timeoutMs} ms (timeoutMs)`;
  return lateMs < BUSY_THREAD_MS
    ? limit
    : `${limit}; this thread was busy, and noticed ${
      Math.round(lateMs)
    } ms late`;
}

function whyOf({ peer, inFlightCount }: Waiting): string {
  return peer === undefined
    ? "there is no connection"
    : `${countIs(inFlightCount, "request")} in flight to ${peer}`;
}
