import { Pauses } from "../stats/pauses.ts";

/** Why reading pauses: the user wants no messages, the send queue is too long, or TLS is being started. */
export const PauseReason = { User: 1, SendQueue: 2, Tls: 4 } as const;

/**
 * Why the reading of one connection is paused, and for how long it was.
 *
 * The send queue pauses it from the high-water mark down to the low one, but only
 * if it feeds on what is read: if something was handed out since it passed the
 * mark. A pause would not shorten what was queued before anything was read.
 */
export class ReadPauses extends Pauses {
  /** A sum of {@linkcode PauseReason}. */
  #reasons = 0;
  /** The queue was longer than the high-water mark, and is not down to the low one yet. */
  #isAboveMark = false;
  /** Since then something was handed out. */
  #hasHandedOut = false;

  /** True while there is any reason. */
  get isNeeded(): boolean {
    return this.#reasons !== 0;
  }

  has(reason: number): boolean {
    return (this.#reasons & reason) !== 0;
  }

  add(reason: number): void {
    this.#reasons |= reason;
  }

  remove(reason: number): void {
    this.#reasons &= ~reason;
  }

  /** The queue is longer than the high-water mark; returns true if reading must pause. `isHandingOut` if a message handler has sent. */
  onHighWaterMark(isHandingOut: boolean): boolean {
    if (isHandingOut) this.#hasHandedOut = true;
    else if (!this.#isAboveMark) this.#hasHandedOut = false;
    this.#isAboveMark = true;
    return this.#hasHandedOut;
  }

  /** What was read is being handed out. */
  onHandOut(): void {
    this.#hasHandedOut = true;
  }

  /** True once the queue, which was above the high-water mark, is down to `lowWaterMark`: then it need not pause reading any more. */
  leavesMark(bytesQueued: number, lowWaterMark: number): boolean {
    if (!this.#isAboveMark || bytesQueued > lowWaterMark) return false;
    this.#isAboveMark = false;
    return true;
  }
}
