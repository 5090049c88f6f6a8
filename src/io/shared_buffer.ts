import type { SharedMessages } from "../api/group_sender.ts";
import { CHEAP_SURPLUS } from "../tuning.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "../util/empty.ts";

/**
 * A buffer of the pool that the queues of several connections send from, and that
 * goes back when none of them has any of it left. Messages are written one behind
 * the other; what is written does not change any more.
 */
export class SharedBuffer implements SharedMessages {
  /** The buffer; empty when it is gone. */
  bytes: Uint8Array;
  /** Offset of the message that was written last. */
  start = 0;
  /** Offset behind it. */
  end = 0;
  /** The message by itself, if it is so short that to copy it may be cheaper. */
  short: Uint8Array | undefined = undefined;
  readonly #pool: BufferPool;
  readonly #room: number;
  /** Who made it is one. */
  #userCount = 1;
  /** Somebody who is gone may still read it. */
  #isLost = false;

  constructor(pool: BufferPool, room: number) {
    this.#pool = pool;
    this.bytes = pool.acquire(room);
    this.#room = this.bytes.length;
  }

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

  reuse(): boolean {
    if (this.#userCount === 0) return false;
    this.#userCount++;
    return true;
  }

  /** A queue sends from it. */
  retain(): void {
    this.#userCount++;
  }

  /** One who used it does so no more; but if that is `lost`, it may still be read. */
  release(isLost = false): void {
    if (isLost) this.#isLost = true;
    if (--this.#userCount > 0) return;
    if (this.#isLost) this.#pool.forget(this.#room);
    else this.#pool.release(this.bytes);
    this.bytes = EMPTY;
    this.short = undefined;
  }
}
