import type { MessagePool, SharedMessages } from "../../api/group_sender.ts";
import { CHEAP_SURPLUS } from "../../tuning.ts";
import { EMPTY } from "../../util/empty.ts";

/**
 * A pooled buffer that the queues of several connections send from. It returns to
 * the pool when none of them uses it any longer. Messages are appended; written
 * bytes never change.
 */
export class SharedBuffer implements SharedMessages {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  short: Uint8Array | undefined = undefined;
  readonly #pool: MessagePool;
  readonly #room: number;
  /** Its maker counts as a user. */
  #userCount = 1;
  /** A user that is gone may still read it, so it must not be reused. */
  #isLost = false;

  constructor(pool: MessagePool, room: number) {
    this.#pool = pool;
    this.bytes = pool.acquire(room);
    this.#room = this.bytes.length;
  }

  /** Appends `message`, of `size` bytes; false if there is no room for it. */
  write(message: Uint8Array, size: number): boolean {
    const { end } = this;
    if (size > this.#room - end) return false;
    this.bytes.set(message, end);
    this.start = end;
    this.end = end + size;
    this.short = size > CHEAP_SURPLUS
      ? undefined
      : this.bytes.subarray(end, end + size);
    return true;
  }

  /**
   * Retains the buffer for another message. Returns false if no queue uses it any
   * longer: then it is back in the pool.
   */
  reuse(): boolean {
    if (this.#userCount === 0) return false;
    this.#userCount++;
    return true;
  }

  retain(): void {
    this.#userCount++;
  }

  release(isLost = false): void {
    if (isLost) this.#isLost = true;
    if (--this.#userCount > 0) return;
    if (this.#isLost) this.#pool.forget(this.#room);
    else this.#pool.release(this.bytes);
    this.bytes = EMPTY;
    this.short = undefined;
  }
}
