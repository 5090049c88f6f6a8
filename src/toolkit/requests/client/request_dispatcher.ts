import type { ScheduledCall } from "../../../api/scheduled_call.ts";
import { SendOrQueueResult } from "../../../api/send_result.ts";
import { RequestCounts } from "../../../stats/request_counts.ts";
import type { RequestTally } from "../../../stats/request_tally.ts";
import type { RequestStats } from "../../../stats/stats.ts";
import type { Correlator } from "./correlator.ts";
import {
  type PendingEnds,
  PendingRequest,
  Progress,
  type RequestSettings,
} from "./pending_request.ts";
import * as failures from "./request_failures.ts";
import { RequestQueue } from "./request_queue.ts";

/** A connection that requests are sent on. */
export interface RequestLink<Request> {
  /** The other end, for messages. */
  readonly peer: string;
  /** True if so much is queued that nothing more should be sent before it is out. */
  readonly isFull: boolean;
  /** Calls back when everything queued is out; never if it is lost. */
  onceOut(callback: () => void): void;
  /** Throws if the message cannot be sent; nothing of it is sent then. */
  send(message: Request): SendOrQueueResult;
  /** Closes it now; `detach` follows, not from inside the call. */
  abort(reason: Error): void;
}

/** What a {@linkcode RequestDispatcher} needs. */
export interface DispatcherHost<Request, Response> {
  /** How many requests may wait to be sent. */
  readonly maxQueue: number;
  /** Counts the outcomes of requests. */
  readonly tally: RequestTally;
  after(delayMs: number, callback: () => void): ScheduledCall;
  /** How many milliseconds late the current call is. */
  lateMs(call: ScheduledCall): number;
  /** Makes a correlator for the next connection. */
  newCorrelator(): Correlator<Request, Response>;
  /** Somebody waits for an answer, for the first time or again. May end the dispatcher. */
  onBusy(): void;
  /** Nobody waits for an answer any more. */
  onIdle(): void;
}

/**
 * Sends requests when the window has room, in the order in which they were made,
 * and gives the answers to their callers. While there is no connection, requests
 * wait.
 *
 * Code of the user, which encodes and correlates, may make, cancel and end
 * requests: it runs only while the state is consistent, and the state is checked
 * again when it returns.
 */
export class RequestDispatcher<Request, Response> {
  requestCount = 0;
  answeredCount = 0;
  timedOutCount = 0;
  lateCount = 0;
  readonly #host: DispatcherHost<Request, Response>;
  readonly #counts = new RequestCounts();
  #correlator: Correlator<Request, Response>;
  readonly #queue: RequestQueue<Request, Response> = new RequestQueue();
  /** How many callers wait. */
  #waitingCount = 0;
  #link: RequestLink<Request> | undefined = undefined;
  /** Only requests of the connection's beginning are sent. */
  #isBeginning = false;
  /** The link no longer accepts anything, though it is not gone yet. */
  #isLinkClosed = false;
  #isSending = false;
  /** Requests wait until what is queued on this link is out. */
  #fullLink: RequestLink<Request> | undefined = undefined;
  /** Why no more requests are accepted. */
  #refusal: Error | undefined = undefined;
  /** Why no more requests are sent. */
  #end: Error | undefined = undefined;

  constructor(host: DispatcherHost<Request, Response>) {
    this.#host = host;
    this.#correlator = host.newCorrelator();
  }

  get queuedCount(): number {
    return this.#queue.size;
  }

  get inFlightCount(): number {
    return this.#correlator.inFlightCount;
  }

  get overdueCount(): number {
    return this.#correlator.overdueCount;
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /** True if answers may still come, whether anybody waits for them or not. */
  get isOwed(): boolean {
    return this.#correlator.size > 0;
  }

  /** True if nobody waits for an answer. */
  get isIdle(): boolean {
    return this.#waitingCount === 0;
  }

  /** What became of its requests so far. */
  stats(): RequestStats {
    return this.#counts.stats();
  }

  /** Refuses a request, because of `error`. */
  refuseOne(error: Error, { reject }: PendingEnds<Response>): void {
    const { tally } = this.#host;
    tally.begin(this.#counts);
    tally.fail(this.#counts, error);
    reject(error);
  }

  /** Takes a request, and calls one of `ends` with the outcome. */
  request(
    message: Request,
    settings: RequestSettings,
    ends: PendingEnds<Response>,
  ): void {
    const { timeoutMs, signal, isFirst } = settings;
    if (signal?.aborted) {
      const error = failures.requestCancelled(signal, "before it was made");
      return this.refuseOne(error, ends);
    }
    const pending = new PendingRequest<Request, Response>(
      message,
      settings,
      ends,
      this.#host.tally.begin(this.#counts),
    );
    this.#waitingCount++;
    if (this.#waitingCount === 1) this.#host.onBusy();
    try {
      if (signal !== undefined) {
        pending.listenTo(signal, () => this.#cancel(pending, signal));
        if (pending.isSettled) return;
      }
      this.#checkRoom(isFirst);
      if (timeoutMs > 0) {
        const tell = () => this.#onTimeout(pending);
        pending.timeout = this.#host.after(timeoutMs, tell);
      }
    } catch (thrown) {
      return this.#fail(pending, thrown);
    }
    this.requestCount++;
    this.#queue.add(pending);
    this.#sendWaiting();
  }

  /** From now on requests go to `link`; if it `isBeginning`, only those of its beginning, until `endBeginning`. */
  attach(link: RequestLink<Request>, isBeginning = false): void {
    if (this.#link !== undefined) {
      throw failures.alreadyConnected(link.peer, this.#link.peer);
    }
    if (this.#end !== undefined) throw this.#end;
    this.#link = link;
    this.#isBeginning = isBeginning;
    this.#sendWaiting();
  }

  /** All requests go to the link from now on. */
  endBeginning(): void {
    this.#isBeginning = false;
    this.#sendWaiting();
  }

  /** The link is gone. Unanswered requests are lost, unless they may be sent again. */
  detach(reason: Error | undefined): void {
    const peer = this.#link?.peer;
    this.#link = undefined;
    this.#isLinkClosed = false;
    this.#fullLink = undefined;
    const lost: PendingRequest<Request, Response>[] = [];
    const again: PendingRequest<Request, Response>[] = [];
    for (const pending of this.#takeSent()) {
      (pending.isIdempotent ? again : lost).push(pending);
    }
    this.#putBack(again);
    const first = this.#queue.takeFirst();
    const error = failures.answerLost(peer, reason);
    for (const pending of lost) this.#fail(pending, error);
    for (const pending of first) {
      this.#fail(pending, failures.linkGone(peer, reason));
    }
  }

  /** An answer came in. Returns false if it answers no request. */
  receive(response: Response): boolean {
    const correlator = this.#correlator;
    const pending = correlator.take(response);
    if (pending === undefined) return false;
    pending.timeout?.cancel();
    if (pending.isSettled) this.lateCount++;
    else this.#answer(correlator, pending, response);
    this.#sendWaiting();
    return true;
  }

  /** Takes no more requests, because of `error`; those that it has taken go on. */
  refuse(error: Error): void {
    this.#refusal ??= error;
  }

  /** All requests fail because of `error`, now and from now on. */
  end(error: Error): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.refuse(error);
    const lost = failures.answerLost(this.#link?.peer, error);
    const sent = this.#takeSent();
    const queued = this.#queue.takeAll();
    for (const pending of sent) this.#fail(pending, lost);
    for (const pending of queued) this.#fail(pending, error);
  }

  /** True if a request can be sent at once. */
  get #canSend(): boolean {
    return this.#link !== undefined && !this.#isLinkClosed &&
      this.#fullLink !== this.#link && this.#end === undefined &&
      this.#correlator.hasRoom;
  }

  /** What keeps requests from being sent. */
  get #waiting(): failures.Waiting {
    return { peer: this.#link?.peer, inFlightCount: this.inFlightCount };
  }

  #checkRoom(isFirst: boolean): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    const size = this.#queue.sizeOf(isFirst);
    const isNext = !this.#isSending && this.#canSend &&
      (isFirst ? size : this.#queue.size) === 0 &&
      (isFirst || !this.#isBeginning);
    if (isNext || size < this.#host.maxQueue) return;
    throw failures.queueFull(size, this.#waiting);
  }

  #sendWaiting(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#canSend) {
      const pending = this.#queue.next(this.#isBeginning);
      if (pending === undefined) break;
      this.#send(pending);
    }
    this.#isSending = false;
  }

  #send(pending: PendingRequest<Request, Response>): void {
    const link = this.#link as RequestLink<Request>;
    const correlator = this.#correlator;
    this.#queue.delete(pending);
    pending.progress = Progress.Sending;
    const { wasSent } = pending;
    try {
      const message = correlator.prepare(pending);
      if (pending.isSettled) return void pending.timeout?.cancel();
      pending.wasSent = true;
      if (link.send(message) === SendOrQueueResult.Closed) {
        pending.wasSent = wasSent;
        this.#isLinkClosed = true;
        return this.#putBack([pending]);
      }
    } catch (thrown) {
      return this.#fail(pending, thrown);
    }
    pending.progress = Progress.Sent;
    correlator.add(pending);
    if (link.isFull) this.#awaitRoom(link);
    if (this.#end !== undefined) {
      return this.#fail(pending, failures.answerLost(link.peer, this.#end));
    }
    if (pending.isSettled) this.#expireIfEndless(pending);
  }

  #awaitRoom(link: RequestLink<Request>): void {
    this.#fullLink = link;
    link.onceOut(() => {
      if (link !== this.#link) return;
      this.#fullLink = undefined;
      this.#sendWaiting();
    });
  }

  #answer(
    correlator: Correlator<Request, Response>,
    pending: PendingRequest<Request, Response>,
    response: Response,
  ): void {
    try {
      response = correlator.answer(response, pending);
    } catch (thrown) {
      return this.#fail(pending, thrown);
    }
    if (pending.isSettled) return;
    this.answeredCount++;
    this.#host.tally.answer(this.#counts, pending.startedAt);
    pending.succeed(response);
    this.#onSettled();
  }

  #cancel(
    pending: PendingRequest<Request, Response>,
    signal: AbortSignal,
  ): void {
    if (pending.isSettled) return;
    const when = pending.wasSent ? "when it was sent" : "before it was sent";
    const error = failures.requestCancelled(signal, when);
    if (pending.progress === Progress.Queued) {
      this.#queue.delete(pending);
      return this.#fail(pending, error);
    }
    // Its slot stays taken until it is answered or its time is over.
    this.#rejectFailed(pending, error);
    if (pending.progress === Progress.Sent) this.#expireIfEndless(pending);
  }

  /** Nobody waits for `pending`, which was sent: if it has no time limit, its time is over now. */
  #expireIfEndless(pending: PendingRequest<Request, Response>): void {
    if (pending.timeoutMs > 0 || this.#end !== undefined) return;
    this.#correlator.expire(pending);
    this.#goOnOrGiveUp();
  }

  #onTimeout(pending: PendingRequest<Request, Response>): void {
    const { timeoutMs, timeout, wasSent } = pending;
    if (!pending.isSettled) this.timedOutCount++;
    const lateMs = timeout === undefined ? 0 : this.#host.lateMs(timeout);
    const time = { timeoutMs, lateMs };
    if (this.#queue.delete(pending)) {
      const error = failures.notSent(time, this.#waiting, wasSent);
      return this.#fail(pending, error);
    }
    this.#correlator.expire(pending);
    this.#fail(pending, failures.notAnswered(time, this.#link?.peer));
    this.#goOnOrGiveUp();
  }

  /** An answer is overdue: sends on, or gives the link up if it has no slot left. */
  #goOnOrGiveUp(): void {
    if (!this.#correlator.isStuck) return this.#sendWaiting();
    this.#link?.abort(failures.answersOwed(this.overdueCount, this.#link.peer));
  }

  /** Takes out what was sent; the time limits of those that nobody waits for end. */
  #takeSent(): PendingRequest<Request, Response>[] {
    const sent = [...this.#correlator.all()];
    this.#correlator = this.#host.newCorrelator();
    for (const { isSettled, timeout } of sent) if (isSettled) timeout?.cancel();
    return sent.filter(({ isSettled }) => !isSettled);
  }

  /** Puts requests back, to be sent next. */
  #putBack(first: readonly PendingRequest<Request, Response>[]): void {
    for (const { isSettled, timeout } of first) {
      if (isSettled) timeout?.cancel();
    }
    const waiting = first.filter(({ isSettled }) => !isSettled);
    if (this.#end !== undefined) {
      for (const pending of waiting) this.#fail(pending, this.#end);
      return;
    }
    for (const pending of waiting) pending.progress = Progress.Queued;
    this.#queue.putBack(waiting);
  }

  /** Fails `pending`, if its caller still waits, and cancels its time limit. */
  #fail(pending: PendingRequest<Request, Response>, error: unknown): void {
    pending.timeout?.cancel();
    if (!pending.isSettled) this.#rejectFailed(pending, error);
  }

  #rejectFailed(
    pending: PendingRequest<Request, Response>,
    error: unknown,
  ): void {
    this.#host.tally.fail(this.#counts, error);
    pending.fail(error);
    this.#onSettled();
  }

  #onSettled(): void {
    this.#waitingCount--;
    if (this.#waitingCount === 0) this.#host.onIdle();
  }
}
