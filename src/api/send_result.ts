/**
 * The outcomes of a send.
 *
 * @module
 */

/**
 * The outcome of a send: handed to the system, or lost with the connection.
 *
 * @category Reactors
 */
export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: Error };

/**
 * Called exactly once for a send, when the system has all of its bytes, or when the
 * connection is closed before that; never from inside the call that sends. It may
 * send, close and command like any handler; if it throws, its connection is closed.
 *
 * @param result Whether the system has the bytes, or why it does not.
 *
 * @category Reactors
 */
export type SendCompletion = (result: SendResult) => void;

/**
 * What {@linkcode MsgSender.sendOrQueue} did.
 *
 * @category Reactors
 */
export const SendOrQueueResult = {
  /** Nothing stands in the way: the bytes go out at the end of this turn at the latest. */
  Complete: "complete",
  /** The socket is full: the bytes wait in the queue until it takes more. */
  InQueue: "in-queue",
  /** The connection is closed or closing: the bytes were not taken. */
  Closed: "closed",
} as const;

/**
 * One of the values of {@linkcode (SendOrQueueResult:variable)}.
 *
 * @category Reactors
 */
export type SendOrQueueResult =
  typeof SendOrQueueResult[keyof typeof SendOrQueueResult];

/**
 * A send whose completion is still to be called.
 *
 * @category Reactors
 */
export interface PendingSend {
  /** The value of `bytesSent` at which this send is out. */
  readonly endPosition: number;
  /** The number of bytes that it sends. */
  readonly msgSize: number;
  /** Called when it is out, or lost. */
  readonly completion: SendCompletion;
}
