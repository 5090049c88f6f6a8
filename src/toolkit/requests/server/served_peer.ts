/**
 * What handlers of requests are given.
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
  /** The connection. When it is read from is for the server to say. */
  readonly ctx: MessageContext<Response, UserCommand>;

  /**
   * Sends a message that answers no request, between the answers. May be called
   * from anywhere in this thread.
   *
   * @param message What to send.
   * @param completion Called once it is out, or lost with the connection.
   * @returns Whether it is out, queued, or refused because the connection is closed.
   * @throws {CodecError} If it cannot be encoded; what the codec throws is thrown.
   * @throws {SendQueueFullError} As {@linkcode MsgSender.sendOrQueue}.
   */
  send(message: Response, completion?: SendCompletion): SendOrQueueResult;

  /**
   * Begins no further request of this connection, has what is under way answered,
   * and then closes it, as when the runtime is stopped: for a request that says
   * that it is the last. May be called by its handler, and before its answer is
   * ready.
   */
  drain(): void;

  /**
   * Closes the connection gracefully; answers that are not ready are dropped.
   *
   * @param reason What `onClose` is given, and the signals of what was under way.
   */
  close(reason?: Error): void;
}

/**
 * What a handler is given with one request.
 *
 * @category Requests
 */
export interface RequestContext {
  /**
   * Aborted when nobody waits for the answer any more: the connection is gone, its
   * reason being what ended it, or `timeoutMs` is over. It is made when it is asked
   * for.
   */
  readonly signal: AbortSignal;
}

/**
 * Answers requests: what {@linkcode serve} is given.
 *
 * What it returns at once is sent at once. It may return a promise; meanwhile
 * further requests are taken, up to `concurrency`. `undefined` is no answer, for
 * messages that ask for none. If it throws, or the promise rejects, `onError`
 * answers, or the connection is closed.
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
