import { Pauses } from "../stats/pauses.ts";

/** Why nothing is read: its user wants no message, the queue feeds on what is read, or TLS is being started. */
export const PauseReason = { User: 1, SendQueue: 2, Tls: 4 } as const;

/**
 * Why the reading of one connection is paused, and for how long it was.
 *
 * The send queue pauses it from the high-water mark down to the low one, but only
 * if it feeds on what is read: if something was handed out since it passed the
 * mark. What was queued before anything was read, a pause would not make shorter.
 */
export class ReadPauses extends Pauses {
  /** A sum of {@linkcode PauseReason}. */
  #reasons = 0;
  /** The queue was longer than the high-water mark, and is not down to the low one yet. */
  #isAboveMark = false;
  /** Something was handed out meanwhile. */
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

  /** The queue is longer than the high-water mark, maybe by what a message handler sent; returns true if reading is to pause for it. */
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

  /** True if the queue was above the high-water mark, and `bytesQueued` is down to `lowWaterMark`: then it pauses nothing any more. */
  leavesMark(bytesQueued: number, lowWaterMark: number): boolean {
    if (!this.#isAboveMark || bytesQueued > lowWaterMark) return false;
    this.#isAboveMark = false;
    return true;
  }
}
