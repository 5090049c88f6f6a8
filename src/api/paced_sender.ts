import type { MsgSender } from "./msg_sender.ts";

/** A connection's sender, for code that waits while the send queue is long. */
export interface PacedSender extends MsgSender {
  /**
   * True if the queue exceeds the high-water mark, or is too long given what
   * all connections of the runtime hold together.
   */
  readonly isLong: boolean;
  /**
   * True if its user sends nothing while `isLong`: then a long queue does not
   * pause reading.
   */
  isPaced: boolean;
}
