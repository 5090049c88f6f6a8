/**
 * What goes wrong with WebSockets only.
 *
 * @module
 */

import { textOf } from "../../util/text.ts";
import { ReactioError } from "../../api/errors.ts";

/** Bytes of UTF-8, and so characters at most, that a close frame has to say why (RFC 6455, 5.5). */
const MOST_TEXT = 123;

/**
 * Two ends did not agree to speak WebSocket: the server has refused, or the one of
 * them is no end of a WebSocket at all. A connect fails with it; a server tells it
 * to `onDrop`.
 *
 * @category WebSocket
 */
export class WebSocketHandshakeError extends ReactioError {
  /** @ignore */
  override name = "WebSocketHandshakeError";
  /** The HTTP status of the answer; undefined if there was none. */
  readonly status: number | undefined;

  /**
   * Tells of a handshake that failed.
   *
   * @param message Says which, and why.
   * @param options The status of the answer, and the error that it is because of.
   */
  constructor(
    message: string,
    { status, cause }: {
      readonly status?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.status = status;
  }
}

/**
 * A WebSocket was closed with a code that tells of a failure. A connection has
 * ended by it if its peer has sent the code; who closes a connection with one
 * sends its code and its text to the peer.
 *
 * @example
 * ```ts
 * import { WebSocketClosedError } from "@reactio/reactio/websocket";
 *
 * // ctx.close(new WebSocketClosedError(4001, "the name is taken"));
 * const error = new WebSocketClosedError(4001, "the name is taken");
 * console.log(error.code, error.text);
 * ```
 *
 * @category WebSocket
 */
export class WebSocketClosedError extends ReactioError {
  /** @ignore */
  override name = "WebSocketClosedError";
  /** Of RFC 6455 (1000 to 1014), of a protocol (3000 to 3999), or private (4000 to 4999). */
  readonly code: number;
  /** What the end that closed it has said of why. */
  readonly text: string;

  /**
   * Tells of a code.
   *
   * @param code The code.
   * @param text Why, 123 bytes of UTF-8 at most: more is not sent.
   * @param message What is shown; made of the two if it is left out.
   */
  constructor(code: number, text = "", message?: string) {
    super(
      message ??
        `The WebSocket was closed with code ${code}${
          text && ` (${textOf(text, MOST_TEXT)})`
        }`,
    );
    this.code = code;
    this.text = text;
  }
}

/**
 * The peer has broken the protocol of WebSockets (RFC 6455), or sent text that is
 * not UTF-8; `cause` says by what.
 *
 * @category WebSocket
 */
export class WebSocketProtocolError extends ReactioError {
  /** @ignore */
  override name = "WebSocketProtocolError";
}

/**
 * The peer did not answer a ping, nor say anything else, within `pongTimeoutMs`.
 *
 * @category WebSocket
 */
export class WebSocketPongTimeoutError extends ReactioError {
  /** @ignore */
  override name = "WebSocketPongTimeoutError";
}
