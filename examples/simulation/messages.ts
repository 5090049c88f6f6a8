import {
  type DispatchContext,
  MessageResult,
  type Reactor,
} from "../../mod.ts";

/** Asks a bank to add to an account. One that comes again has the same id. */
export interface Deposit {
  readonly id: string;
  readonly account: string;
  readonly amount: number;
}

/** A bank's answer: the deposit is safe. */
export interface Receipt {
  readonly id: string;
  /** What is in the account now. */
  readonly balance: number;
}

const NEWLINE = 10;

/** Makes a line of JSON of a message. */
export function encode(message: Deposit | Receipt): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message) + "\n");
}

/** Has a reactor receive messages that are lines of JSON. */
export function receive<Message>(
  onMessage: (message: Message, ctx: DispatchContext) => void,
): Reactor["onInboundMessage"] {
  return (buf, ctx) => {
    const end = buf.indexOf(NEWLINE);
    if (end < 0) return MessageResult.expectMsgSize(0);
    const line = new TextDecoder().decode(buf.subarray(0, end));
    onMessage(JSON.parse(line), ctx);
    return MessageResult.dropMsgSize(end + 1);
  };
}
