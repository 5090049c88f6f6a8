import {
  CodecError,
  FrameTooLargeError,
  IdleTimeoutError,
  MessageTimeoutError,
  MessageTooLargeError,
  RuntimeStoppedError,
} from "../../api/errors.ts";
import { WebSocketClosedError } from "./errors.ts";

/** The codes of RFC 6455, section 7.4.1, that are sent or looked for. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  PolicyViolation: 1008,
  TooLarge: 1009,
  InternalError: 1011,
} as const;

/** The bytes of text that a close frame has room for. */
const MAX_TEXT = 123;

/** What a close frame says. */
export interface Farewell {
  readonly code: number;
  readonly text: string;
}

/** What the peer is told of a connection that is closed for `reason`: nothing that it could learn from but what is meant for it. */
export function farewellOf(reason: Error | undefined): Farewell {
  if (reason instanceof WebSocketClosedError && isSendable(reason.code)) {
    const fits = new TextEncoder().encode(reason.text).length <= MAX_TEXT;
    return { code: reason.code, text: fits ? reason.text : "" };
  }
  return { code: codeOf(reason), text: "" };
}

function codeOf(reason: Error | undefined): number {
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

/** True if a close frame may have `code`. */
function isSendable(code: number): boolean {
  return Number.isInteger(code) &&
    ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
      (code >= 3000 && code <= 4999));
}

/** True if a peer that closes with `code`, or with none, does so in good order. */
export function isInGoodOrder(code: number | undefined): boolean {
  return code === undefined || code === CloseCode.Normal ||
    code === CloseCode.GoingAway;
}
