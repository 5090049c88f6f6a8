import type { MsgSender } from "./msg_sender.ts";
import type { SendOrQueueResult } from "./send_result.ts";

/** A buffer that several connections send from: messages that were written once, one behind the other. */
export interface SharedMessages {
  /** Writes `message`, of `size` bytes; false if there is no room for it, or nobody uses the buffer any more. */
  write(message: Uint8Array, size: number): boolean;
  /** Who made it writes no more for now. */
  release(): void;
  /** Who made it writes on; false if nobody uses it any more, and it is gone. */
  reuse(): boolean;
}

/** Hears that a sender takes no more that it has joined. */
export interface SenderGroup {
  /** Nothing more is sent by `sender`: its connection is closed or closing, or has ended sending. */
  onSenderClosed(sender: GroupSender): void;
}

/** What the senders of connections do for groups of them. None of it runs code of a user. */
export interface GroupSender extends MsgSender {
  /** True until the connection is closed or closing. */
  readonly isOpen: boolean;

  /** True if so many bytes may be queued. */
  hasRoomFor(size: number): boolean;

  /** A buffer for a message of `size` bytes, and `room` in all. */
  newSharedMessages(size: number, room: number): SharedMessages;

  /** Sends what was written last to `messages`, without a copy of its own if it is long. */
  sendShared(messages: SharedMessages): SendOrQueueResult;

  /** Has `group` hear when nothing more is taken, until it leaves. */
  join(group: SenderGroup): void;

  /** The opposite of `join`. */
  leave(group: SenderGroup): void;

  /** Calls back in the next turn. */
  defer(callback: () => void): void;
}
