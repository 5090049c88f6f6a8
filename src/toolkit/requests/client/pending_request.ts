import type { ScheduledCall } from "../../../api/scheduled_call.ts";

/** How far a request has got. */
export const Progress = { Queued: 0, Sending: 1, Sent: 2 } as const;

/** One of the values of {@linkcode (Progress:variable)}. */
export type Progress = typeof Progress[keyof typeof Progress];

/** How a request is made. */
export interface RequestSettings {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly isIdempotent: boolean;
  /** It belongs to the beginning of the current connection: it is sent before all others, or never. */
  readonly isFirst: boolean;
}

/** The caller of a request, who is told the outcome. */
export interface PendingEnds<Response> {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** A request whose caller waits, or whose late answer may still come. */
export class PendingRequest<Request, Response> {
  readonly message: Request;
  readonly timeoutMs: number;
  /** May be sent again on another connection. */
  readonly isIdempotent: boolean;
  /** Belongs to the beginning of one connection. */
  readonly isFirst: boolean;
  progress: Progress = Progress.Queued;
  /** What the tally returned when the request began. */
  readonly startedAt: number;
  /** It was sent, maybe on a connection that is gone. */
  wasSent = false;
  /** Its time is over: only a late answer may come. */
  isOverdue = false;
  timeout: ScheduledCall | undefined = undefined;
  readonly #ends: PendingEnds<Response>;
  #signal: AbortSignal | undefined = undefined;
  #onAbort: (() => void) | undefined = undefined;
  #isSettled = false;

  constructor(
    message: Request,
    { timeoutMs, isIdempotent, isFirst }: RequestSettings,
    ends: PendingEnds<Response>,
    startedAt: number,
  ) {
    this.message = message;
    this.startedAt = startedAt;
    this.timeoutMs = timeoutMs;
    this.isIdempotent = isIdempotent && !isFirst;
    this.isFirst = isFirst;
    this.#ends = ends;
  }

  /** True once its caller has the result. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Calls `onAbort` when `signal` is aborted, as long as the caller waits. */
  listenTo(signal: AbortSignal, onAbort: () => void): void {
    signal.addEventListener("abort", onAbort, { once: true });
    this.#signal = signal;
    this.#onAbort = onAbort;
  }

  succeed(response: Response): void {
    if (this.#settle()) this.#ends.resolve(response);
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#ends.reject(error);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    const onAbort = this.#onAbort;
    if (onAbort !== undefined) {
      this.#signal?.removeEventListener("abort", onAbort);
      this.#signal = this.#onAbort = undefined;
    }
    return true;
  }
}
