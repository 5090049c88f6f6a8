import type { MsgSender } from "./msg_sender.ts";

/** What the sender of a connection does for who sends no more while the queue is long. */
export interface PacedSender extends MsgSender {
  /** True if whoever sends waits by themselves: reading does not pause because the queue is long. */
  isPaced: boolean;
}
