/**
 * Errors that only WebSockets have.
 *
 * @module
 */

import { textOf } from "../../util/text.ts";
import { ReactioError } from "../../api/errors.ts";

/** The most bytes of text in a close frame (RFC 6455, section 5.5), and so the most characters. */
const MOST_TEXT = 123;

/**
 * The WebSocket handshake failed: the server refused it, or one end does not speak
 * WebSocket at all. A connect fails with this error; a server reports it to `onDrop`.
 *
 * @category WebSocket
 */
export class WebSocketHandshakeError extends ReactioError {
  /** @ignore */
  override name = "WebSocketHandshakeError";
  /** The HTTP status of the response; undefined if there was none. */
  readonly status: number | undefined;

  /**
   * Creates the error of a failed handshake.
   *
   * @param message What failed, and why.
   * @param options The status of the response, and the underlying error.
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
 * A WebSocket was closed with a code that signals failure. A connection ends
 * with this error if the peer sends such a code. To send a code and a text
 * yourself, close the connection with this error.
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
  /** Defined by RFC 6455 (1000 to 1014), by a protocol (3000 to 3999), or private (4000 to 4999). */
  readonly code: number;
  /** The reason that the closing end gave. */
  readonly text: string;

  /**
   * Creates the error for a code.
   *
   * @param code The code.
   * @param text The reason, at most 123 bytes of UTF-8; a longer one is not
   *   sent.
   * @param message The error message. By default it contains the code and the
   *   text.
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
 * The peer violated the WebSocket protocol (RFC 6455), or sent text that is not
 * UTF-8; see `cause`.
 *
 * @category WebSocket
 */
export class WebSocketProtocolError extends ReactioError {
  /** @ignore */
  override name = "WebSocketProtocolError";
}

/**
 * After a ping, the peer sent neither a pong nor anything else within `pongTimeoutMs`.
 *
 * @category WebSocket
 */
export class WebSocketPongTimeoutError extends ReactioError {
  /** @ignore */
  override name = "WebSocketPongTimeoutError";
}
