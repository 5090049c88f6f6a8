import {
  CodecError,
  FrameTooLargeError,
  IdleTimeoutError,
  MessageTimeoutError,
  MessageTooLargeError,
  RuntimeStoppedError,
} from "../../api/errors.ts";
import { WebSocketClosedError } from "./errors.ts";

/** The codes of RFC 6455, section 7.4.1, that are used here. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  PolicyViolation: 1008,
  TooLarge: 1009,
  InternalError: 1011,
} as const;

/** The most bytes of text in a close frame (RFC 6455, section 5.5). */
const MAX_TEXT = 123;

/** The contents of a close frame. */
export interface Farewell {
  readonly code: number;
  readonly text: string;
}

/**
 * Returns the close frame for a connection that is closed for `reason`. It
 * reveals nothing that is not meant for the peer.
 */
export function farewellOf(reason: Error | undefined): Farewell {
  if (reason instanceof WebSocketClosedError && isSendable(reason.code)) {
    const fits = new TextEncoder().encode(reason.text).length <= MAX_TEXT;
    return { code: reason.code, text: fits ? reason.text : "" };
  }
  return { code: closeCodeOf(reason), text: "" };
}

function closeCodeOf(reason: Error | undefined): number {
  if (reason === undefined) return CloseCode.Normal;
  if (reason instanceof RuntimeStoppedError) return CloseCode.GoingAway;
  const isTooLarge = reason instanceof MessageTooLargeError ||
    reason instanceof FrameTooLargeError;
  if (isTooLarge) return CloseCode.TooLarge;
  if (reason instanceof CodecError) return CloseCode.ProtocolError;
  const isTooSlow = reason instanceof IdleTimeoutError ||
    reason instanceof MessageTimeoutError;
  return isTooSlow ? CloseCode.PolicyViolation : CloseCode.InternalError;
}

/** True if `code` may be sent in a close frame. */
function isSendable(code: number): boolean {
  return Number.isInteger(code) &&
    ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
      (code >= 3000 && code <= 4999));
}

/**
 * True if `code`, which a close frame may leave out, stands for a clean close.
 */
export function isInGoodOrder(code: number | undefined): boolean {
  return code === undefined || code === CloseCode.Normal ||
    code === CloseCode.GoingAway;
}
