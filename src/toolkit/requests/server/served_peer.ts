/**
 * What handlers of requests get.
 *
 * @module
 */

import type { SocketAddress } from "../../../contract/address.ts";
import type { ReactorID } from "../../../api/reactor_id.ts";
import type {
  SendCompletion,
  SendOrQueueResult,
} from "../../../api/send_result.ts";
import type { MessageContext } from "../../messages/message_context.ts";

/**
 * A connection that requests come from: the same object for all of them.
 *
 * @category Requests
 */
export interface ServedPeer<
  Response,
  State = undefined,
  UserCommand = unknown,
> {
  /** The id of its reactor, which commands can be sent to. */
  readonly id: ReactorID;
  /** The peer's end of the connection. */
  readonly remoteAddress: SocketAddress;
  /** What `newState` has made for it. */
  readonly state: State;
  /** The context of the connection. The server decides when it is read. */
  readonly ctx: MessageContext<Response, UserCommand>;

  /**
   * Sends a message that answers no request, between the answers. May be called
   * from anywhere in this thread.
   *
   * @param message What to send.
   * @param completion Called once it is out, or lost with the connection.
   * @returns Whether it is out, queued, or refused because the connection is
   * closed.
   * @throws {CodecError} If it cannot be encoded; what the codec throws is
   * thrown.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   * @throws {InvalidCallbackError} If `completion` is not a function.
   */
  send(message: Response, completion?: SendCompletion): SendOrQueueResult;

  /**
   * Begins no further request of this connection, answers those in progress,
   * and then closes it, as when the runtime is stopped. This is for a request
   * that says that it is the last; its handler may call it before the answer is
   * ready.
   */
  drain(): void;

  /**
   * Closes the connection gracefully; answers that are not ready are dropped.
   *
   * @param reason Given to `onClose`, and to the signals of requests in progress.
   */
  close(reason?: Error): void;
}

/**
 * What a handler gets with each request.
 *
 * @category Requests
 */
export interface RequestContext {
  /**
   * Aborted when nobody waits for the answer any more: the connection is gone
   * (its reason is the reason of the signal), or `timeoutMs` is over. Created
   * on first use.
   */
  readonly signal: AbortSignal;
}

/**
 * Answers requests; passed to {@linkcode serve}.
 *
 * If it returns an answer, that is sent at once. If it returns a promise,
 * further requests are taken meanwhile, up to `concurrency`. `undefined` sends
 * nothing, for messages that want no answer. If it throws, or the promise
 * rejects, `onError` answers, or the connection is closed.
 *
 * @param request What came in.
 * @param peer The connection that it came from.
 * @param context When the request is given up.
 * @returns The answer, or a promise of it; `undefined` for none.
 *
 * @category Requests
 */
export type RequestHandler<
  Request,
  Response,
  State = undefined,
  UserCommand = unknown,
> = (
  request: Request,
  peer: ServedPeer<Response, State, UserCommand>,
  context: RequestContext,
) => Response | undefined | void | PromiseLike<Response | undefined | void>;
