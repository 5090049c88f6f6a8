import type { MsgSender } from "./msg_sender.ts";
import type { SendOrQueueResult } from "./send_result.ts";

/** A buffer that several connections send from: messages that were written once, one behind the other. */
export interface SharedMessages {
  /** The buffer; empty when it is gone. */
  readonly bytes: Uint8Array;
  /** Offset of the message that was written last. */
  readonly start: number;
  /** Offset behind it. */
  readonly end: number;
  /** The message by itself, if it is so short that to copy it may be cheaper. */
  readonly short: Uint8Array | undefined;
  /** A queue sends from it. */
  retain(): void;
  /** One who used it does so no more; but if that is `lost`, it may still be read. */
  release(isLost?: boolean): void;
}

/** Where the buffers of such messages come from: all that its connections have. */
export interface MessagePool {
  /** A buffer of at least `bytes`, the caller's until it gives it back by `release`, or tells by `forget` that it is left to who may still read it. */
  acquire(bytes: number): Uint8Array;
  release(buffer: Uint8Array): void;
  forget(size: number): void;
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

  /** That of its runtime. */
  readonly pool: MessagePool;

  /** Sends what was written last to `messages`, without a copy of its own if it is long. */
  sendShared(messages: SharedMessages): SendOrQueueResult;

  /** Has `group` hear when nothing more is taken, until it leaves. */
  join(group: SenderGroup): void;

  /** The opposite of `join`. */
  leave(group: SenderGroup): void;

  /** Calls back in the next turn. */
  defer(callback: () => void): void;
}
