import type { GroupSender } from "../../api/group_sender.ts";
import { SharedBuffer } from "./shared_buffer.ts";

/** Sizes of the smallest and the largest buffer for small messages. */
const ROOM = { least: 4 * 1024, most: 64 * 1024 } as const;

/** If less than one part in this many of a buffer was used, the next one is smaller. */
const LITTLE = 4;

/** Writes the messages of a group into buffers that the queues of all members send from. Small messages share a buffer. */
export class GroupMessages {
  /** Where the last one was written. */
  #last: SharedBuffer | undefined = undefined;
  #room: number = ROOM.least;
  /** How much of the last buffer was used. */
  #used = 0;

  /** Appends a message to the last buffer if that is still in use and has room; otherwise writes it to another one from the pool of `maker`, whose size follows recent use. */
  write(bytes: Uint8Array, size: number, maker: GroupSender): SharedBuffer {
    const last = this.#last;
    this.#used += size;
    if (last?.reuse()) {
      if (last.write(bytes, size)) return last;
      last.release();
      this.#room = Math.min(2 * this.#room, ROOM.most);
    } else if (LITTLE * this.#used < this.#room) {
      this.#room = Math.max(this.#room / 2, ROOM.least);
    }
    this.#used = size;
    const messages = new SharedBuffer(maker.pool, Math.max(size, this.#room));
    messages.write(bytes, size);
    return this.#last = messages;
  }
}
