import type { GroupSender } from "../../api/group_sender.ts";
import { SharedBuffer } from "./shared_buffer.ts";
import { GROUP_BUFFER_SIZE, LITTLE_USE } from "../../tuning.ts";

/** Writes the messages of a group into buffers that the queues of all members send from. Small messages share a buffer. */
export class GroupMessages {
  /** Where the last one was written. */
  #last: SharedBuffer | undefined = undefined;
  #room: number = GROUP_BUFFER_SIZE.smallest;
  /** How much of the last buffer was used. */
  #used = 0;

  /** Appends a message to the last buffer if that is still in use and has room; otherwise writes it to another one from the pool of `maker`, whose size follows recent use. */
  write(bytes: Uint8Array, size: number, maker: GroupSender): SharedBuffer {
    const last = this.#last;
    this.#used += size;
    if (last?.reuse()) {
      if (last.write(bytes, size)) return last;
      last.release();
      this.#room = Math.min(2 * this.#room, GROUP_BUFFER_SIZE.largest);
    } else if (this.#used < LITTLE_USE * this.#room) {
      this.#room = Math.max(this.#room / 2, GROUP_BUFFER_SIZE.smallest);
    }
    this.#used = size;
    const messages = new SharedBuffer(maker.pool, Math.max(size, this.#room));
    messages.write(bytes, size);
    return this.#last = messages;
  }
}
