import type { MsgSender } from "./msg_sender.ts";
import type { SendOrQueueResult } from "./send_result.ts";

/**
 * A buffer with encoded messages, one after the other, from which several
 * connections send.
 */
export interface SharedMessages {
  /** The buffer; empty once it is freed. */
  readonly bytes: Uint8Array;
  /** Offset of the last message. */
  readonly start: number;
  /** Offset behind the last message. */
  readonly end: number;
  /**
   * A copy of the last message, if it is so short that copying may be cheaper
   * than sharing.
   */
  readonly short: Uint8Array | undefined;
  /** Adds a reference: a send queue uses the buffer. */
  retain(): void;
  /**
   * Drops a reference. If it is `lost`, the buffer may still be read, and is
   * not reused.
   */
  release(isLost?: boolean): void;
}

/** The pool that provides the buffers of all connections of a runtime. */
export interface MessagePool {
  /**
   * Returns a buffer of at least `bytes`. The caller owns it until `release`,
   * or calls `forget` if the buffer may still be read and so cannot be reused.
   */
  acquire(bytes: number): Uint8Array;
  release(buffer: Uint8Array): void;
  forget(size: number): void;
}

/** Notified when a sender that has joined it closes. */
export interface SenderGroup {
  /**
   * `sender` takes nothing more: its connection is closed or closing, or has
   * ended sending.
   */
  onSenderClosed(sender: GroupSender): void;
}

/** What a connection's sender offers to groups. None of it calls user code. */
export interface GroupSender extends MsgSender {
  /** True until the connection is closed or closing. */
  readonly isOpen: boolean;

  /** True if `size` more bytes may be queued. */
  hasRoomFor(size: number): boolean;

  /** The pool of the sender's runtime. */
  readonly pool: MessagePool;

  /** Sends the last message of `messages`; a long one without copying it. */
  sendShared(messages: SharedMessages): SendOrQueueResult;

  /** Notifies `group` when this sender closes, until `leave`. */
  join(group: SenderGroup): void;

  leave(group: SenderGroup): void;

  /** Calls back in the next turn. */
  defer(callback: () => void): void;
}
