import type { MsgSender } from "./msg_sender.ts";

/** What the sender of a connection does for who waits while its queue is long. */
export interface PacedSender extends MsgSender {
  /** True if the queue is longer than the high-water mark, or than is good where all connections together hold much. */
  readonly isLong: boolean;
  /** True if nobody sends while it is: reading does not pause because of it. */
  isPaced: boolean;
}
