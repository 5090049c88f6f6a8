import type { SocketAddress } from "../../../contract/address.ts";
import {
  ConnectionClosedError,
  RequestQueueFullError,
  RequestTimeoutError,
} from "../../../api/errors.ts";
import type { PacedSender } from "../../../api/paced_sender.ts";
import type { ReactorID } from "../../../api/reactor_id.ts";
import {
  type SendCompletion,
  SendOrQueueResult,
} from "../../../api/send_result.ts";
import type { RequestCounts } from "../../../stats/request_counts.ts";
import type { RequestTally } from "../../../stats/request_tally.ts";
import { isPromiseLike } from "../../../util/promises.ts";
import { countIs } from "../../../util/text.ts";
import type { MessageHandlers } from "../../messages/message_handlers.ts";
import type { HandlerSlots, SlotWaiter } from "./handler_slots.ts";
import type {
  FramedContext,
  MessageContext,
} from "../../messages/message_context.ts";
import { keptMessage } from "../../messages/kept_message.ts";
import { peerOf } from "../../../api/address.ts";
import { toError } from "../../../api/to_error.ts";
import { onceOut, pacedSender } from "../../pacing.ts";
import type { ServeSettings } from "../serve_options.ts";
import type { RequestHandler, ServedPeer } from "./served_peer.ts";
import { ServedRequest } from "./served_request.ts";

/** The handler, in messages. */
const HANDLER = "the handler of serve";

/** What the connections of a server share. */
export interface ServedBy<Request, Response, State, UserCommand> {
  readonly handler: RequestHandler<Request, Response, State, UserCommand>;
  readonly settings: ServeSettings<Request, Response, State, UserCommand>;
  readonly slots: HandlerSlots;
  readonly counts: RequestCounts;
  requestCount: number;
  failedCount: number;
  timedOutCount: number;
  droppedCount: number;
}

/** Told when nothing is under way on a connection; if it `isEnding`, no other request begins, and it should close. */
export type OnServed = (isEnding: boolean) => void;

/** A server that can share a connection with a client, which closes it. */
export interface SharedServer<Request, Response> {
  /** Makes the serving part of a connection. */
  share(
    onServed: OnServed,
  ): ServedConnection<Request, Response, unknown, unknown>;
}

/**
 * One connection of a server: calls the handler for each request, and sends the
 * answers.
 *
 * The requests under way are in the order in which they came in; one that is
 * answered at once, with nothing to wait for, is never among them.
 *
 * If a client shares the connection, reading never stops, since the client's
 * answers come in among the requests; requests beyond the bounds are refused.
 */
export class ServedConnection<Request, Response, State, UserCommand>
  implements
    ServedPeer<Response, State, UserCommand>,
    MessageHandlers<Request, Response, UserCommand>,
    SlotWaiter {
  readonly #server: ServedBy<Request, Response, State, UserCommand>;
  /** There if a client shares the connection. */
  readonly #onServed: OnServed | undefined;
  readonly #underWay: Set<ServedRequest<Request, Response>> = new Set();
  /** A request that came in, and waits for a slot. */
  #held: ServedRequest<Request, Response> | undefined = undefined;
  #ctx: MessageContext<Response, UserCommand> | undefined = undefined;
  #sender!: PacedSender;
  #state: State | undefined = undefined;
  #isPaused = false;
  /** Answers wait until what is queued is out. */
  #isHeldUp = false;
  /** Takes no new request. */
  #isDraining = false;
  /** Closes when nothing is under way. */
  #isEnding = false;
  /** A handler is called, and its request is not among those under way yet. */
  #isCalling = false;
  /** A request has closed the connection; one report is enough. */
  #isBroken = false;

  constructor(
    server: ServedBy<Request, Response, State, UserCommand>,
    onServed?: OnServed,
  ) {
    this.#server = server;
    this.#onServed = onServed;
  }

  /** Something is under way. */
  get isServing(): boolean {
    return this.#isCalling || this.#underWay.size > 0;
  }

  // What handlers see of it.

  get ctx(): MessageContext<Response, UserCommand> {
    return this.#ctx as MessageContext<Response, UserCommand>;
  }

  get id(): ReactorID {
    return this.ctx.id;
  }

  get remoteAddress(): SocketAddress {
    return this.ctx.socket.remoteAddress;
  }

  get state(): State {
    return this.#state as State;
  }

  send(message: Response, completion?: SendCompletion): SendOrQueueResult {
    return this.ctx.send(message, completion);
  }

  drain(): void {
    this.#isEnding = this.#isDraining = true;
    if (!this.#isCalling) this.#regulate();
  }

  close(reason?: Error): void {
    this.ctx.close(reason);
  }

  // What its connection reports.

  onConnected(ctx: MessageContext<Response, UserCommand>): void {
    const { newState, onConnected } = this.#server.settings;
    this.#ctx = ctx;
    this.#sender = pacedSender(ctx);
    this.#state = newState?.();
    return onConnected?.(this);
  }

  onMessage(message: Request): void {
    const { slots, settings } = this.#server;
    const refusal = this.#onServed && this.#refusal;
    // Without onError it would close the connection, and lose what is under way.
    if (refusal && this.#isDraining && !settings.onError) return;
    const request = new ServedRequest<Request, Response>(
      keptMessage(message),
      this.#tally.begin(this.#server.counts),
    );
    this.#server.requestCount++;
    if (refusal) {
      slots.extend();
      this.#begin(request, refusal);
    } else if (slots.take(this)) this.#begin(request);
    else this.#held = request;
    this.#regulate();
  }

  get onCommand(): ((cmd: UserCommand) => unknown) | undefined {
    const { onCommand } = this.#server.settings;
    return onCommand && ((cmd) => onCommand(cmd, this));
  }

  get onIdle(): ((kind: "read" | "write") => void) | undefined {
    const { onIdle } = this.#server.settings;
    return onIdle && ((kind) => onIdle(kind, this));
  }

  onPeerEnd(): void {
    this.#isEnding = true;
    this.#regulate();
  }

  onDrain(): void {
    const returned = this.#server.settings.onDrain?.(this);
    this.drain();
    return returned;
  }

  onClose(reason: Error | undefined): void {
    const requests = [...this.#underWay];
    if (this.#held !== undefined) requests.push(this.#held);
    this.#underWay.clear();
    this.#held = undefined;
    this.#server.slots.forget(this);
    if (requests.length > 0) this.#lose(requests, reason);
    return this.#server.settings.onClose?.(reason, this);
  }

  onSlot(): void {
    const request = this.#held as ServedRequest<Request, Response>;
    this.#held = undefined;
    try {
      this.#begin(request);
      this.#regulate();
    } catch (thrown) {
      this.ctx.watch(Promise.reject(thrown));
    }
  }

  // Requests.

  /** Nobody waits for the answers to `requests` any more: the connection is gone. */
  #lose(
    requests: readonly ServedRequest<Request, Response>[],
    reason: Error | undefined,
  ): void {
    const why = reason ??
      new ConnectionClosedError(
        `${peerOf(this.ctx.socket)} is gone: nobody waits for the answer`,
      );
    for (const request of requests) {
      request.awaited = undefined;
      this.#countFailed(request.failure?.thrown ?? why);
      if (request.response !== undefined) this.#server.droppedCount++;
    }
    for (const request of requests) request.abort(why);
  }

  /** Why no request may begin, if none may. */
  get #refusal(): Error | undefined {
    const { slots, settings } = this.#server;
    const { size } = this.#underWay;
    const isFull = size >= settings.concurrency;
    if (!this.#isDraining && !isFull && slots.hasRoom) return undefined;
    const action = `Cannot answer a request of ${peerOf(this.ctx.socket)}`;
    if (this.#isDraining) {
      return new ConnectionClosedError(`${action}: the connection is closing`);
    }
    const [count, name] = isFull
      ? [size, "concurrency"]
      : [slots.usedCount, "maxConcurrent"];
    return new RequestQueueFullError(
      `${action}: ${countIs(count, "request")} under way (${name})`,
    );
  }

  /** Calls the handler, unless there is a `refusal`; the slot is given back when it is done. */
  #begin(request: ServedRequest<Request, Response>, refusal?: Error): void {
    const { slots, handler } = this.#server;
    try {
      this.#isCalling = true;
      try {
        if (refusal) this.#refuse(request, refusal);
        else this.#take(request, handler(request.message, this, request));
      } catch (thrown) {
        this.#fail(request, thrown);
      } finally {
        this.#isCalling = false;
      }
      const isNext = this.#isUnordered || this.#underWay.size === 0;
      if (isNext && this.#send(request)) return;
      this.#underWay.add(request);
    } finally {
      slots.release();
    }
  }

  /** Takes `result`, the answer of the handler or of `onError`, or a promise of it. */
  #take(request: ServedRequest<Request, Response>, result: unknown): void {
    if (isPromiseLike(result)) return this.#wait(request, result);
    request.isAnswered = true;
    request.response = result as Response | undefined;
  }

  #wait(
    request: ServedRequest<Request, Response>,
    promise: PromiseLike<unknown>,
  ): void {
    request.awaited = promise;
    this.#server.slots.extend();
    const settled = Promise.resolve(promise).then(
      (response) => this.#onSettled(request, promise, false, response),
      (thrown) => this.#onSettled(request, promise, true, thrown),
    );
    this.ctx.watch(settled);
    const { timeoutMs } = this.#server.settings;
    if (timeoutMs === 0) return;
    request.timeout = this.ctx.after(timeoutMs, () => this.#onTimeout(request));
  }

  #onSettled(
    request: ServedRequest<Request, Response>,
    promise: PromiseLike<unknown>,
    hasFailed: boolean,
    outcome: unknown,
  ): void {
    try {
      if (request.awaited !== promise) {
        if (!hasFailed && outcome !== undefined) this.#server.droppedCount++;
        return;
      }
      request.awaited = undefined;
      request.timeout?.cancel();
      if (hasFailed) this.#fail(request, outcome);
      else this.#take(request, outcome);
      this.#sendReady(request);
    } finally {
      this.#server.slots.release();
    }
  }

  #onTimeout(request: ServedRequest<Request, Response>): void {
    if (request.failure === undefined) this.#server.timedOutCount++;
    const error = new RequestTimeoutError(
      `A request of ${
        peerOf(this.ctx.socket)
      } was not answered within ${this.#server.settings.timeoutMs} ms (timeoutMs)`,
    );
    try {
      this.#fail(request, error);
      this.#sendReady(request);
    } finally {
      request.abort(error);
    }
  }

  /** Answers by `onError`, unless as many refusals wait as requests may be under way. */
  #refuse(request: ServedRequest<Request, Response>, refusal: Error): void {
    const { concurrency } = this.#server.settings;
    this.#fail(request, refusal, this.#underWay.size >= 2 * concurrency);
  }

  /** Calls `onError` for an answer; closes the connection if there is none, if it has failed itself, or if the failure `isFatal`. */
  #fail(
    request: ServedRequest<Request, Response>,
    thrown: unknown,
    isFatal = false,
  ): void {
    const { onError } = this.#server.settings;
    request.awaited = undefined;
    request.failure ??= { thrown };
    if (!request.hasFailed) this.#server.failedCount++;
    if (request.hasFailed || onError === undefined || isFatal) {
      return this.#break(request, thrown);
    }
    request.hasFailed = true;
    const error = toError(thrown, HANDLER);
    try {
      this.#take(request, onError(error, request.message, this));
    } catch (worse) {
      this.#break(request, worse);
    }
  }

  #break(request: ServedRequest<Request, Response>, thrown: unknown): void {
    this.#take(request, undefined);
    if (this.#isBroken) return;
    this.#isBroken = true;
    const name = request.hasFailed ? "onError" : HANDLER;
    (this.ctx as FramedContext<Response, UserCommand>).failed(name, thrown);
  }

  /** `request`, which was under way, may be answered. */
  #sendReady(request: ServedRequest<Request, Response>): void {
    if (!this.#isUnordered) return this.#sendAllReady();
    if (this.#send(request)) this.#underWay.delete(request);
    this.#regulate();
  }

  /** The same for all that are under way. */
  #sendAllReady(): void {
    for (const request of this.#underWay) {
      if (this.#send(request)) this.#underWay.delete(request);
      else if (this.#isHeldUp || !this.#isUnordered) break;
    }
    this.#regulate();
  }

  /** Sends the answer of `request`, if it has one; false if there is something to wait for. */
  #send(request: ServedRequest<Request, Response>): boolean {
    const isDone = this.#trySend(request);
    if (!isDone) return false;
    if (request.failure !== undefined) {
      this.#countFailed(request.failure.thrown);
    } else this.#tally.answer(this.#server.counts, request.startedAt);
    return true;
  }

  #countFailed(error: unknown): void {
    this.#tally.fail(this.#server.counts, error);
  }

  #trySend(request: ServedRequest<Request, Response>): boolean {
    while (request.isAnswered) {
      const { response } = request;
      if (response === undefined) return true;
      if (this.#isHeldUp) return false;
      try {
        const result = this.ctx.send(response);
        if (this.#sender.isLong) this.#holdUp();
        if (result === SendOrQueueResult.Closed) this.#server.droppedCount++;
        return true;
      } catch (thrown) {
        request.isAnswered = false;
        this.#fail(request, thrown);
      }
    }
    return false;
  }

  /** The next answers wait until what is queued is out, so that the queue has room for them however slowly the peer reads. */
  #holdUp(): void {
    this.#isHeldUp = true;
    onceOut(this.#sender, () => {
      this.#isHeldUp = false;
      this.#sendAllReady();
    });
  }

  get #tally(): RequestTally {
    return (this.ctx as FramedContext<Response, UserCommand>).served;
  }

  get #isUnordered(): boolean {
    return this.#server.settings.order === "any";
  }

  /** Reads as long as requests may begin; closes when nothing is left to do. */
  #regulate(): void {
    const { size } = this.#underWay;
    const isIdle = size === 0 && this.#held === undefined;
    if (this.#onServed !== undefined) {
      if (isIdle) this.#onServed(this.#isEnding);
      return;
    }
    if (isIdle && this.#isEnding) return this.ctx.close();
    const isFull = this.#held !== undefined || this.#isDraining ||
      size >= this.#server.settings.concurrency;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.ctx.pauseReading();
    else this.ctx.resumeReading();
  }
}
