import { Pauses } from "../stats/pauses.ts";

/**
 * Why reading is paused: the user asked for it, the send queue is too long, TLS
 * is being started, or others have to be served first.
 */
export const PauseReason = {
  User: 1,
  SendQueue: 2,
  Tls: 4,
  Others: 8,
} as const;

/** The reasons that count as a pause, for the user: all but that others come first. */
const COUNTED = ~PauseReason.Others;

/**
 * Why the reading of a connection is paused, and for how long it was in total.
 *
 * The send queue pauses reading from the high-water mark down to the low-water
 * mark, but only if it grows because of what is read: if something was handed
 * out since it exceeded the mark. Otherwise a pause would not shorten it.
 */
export class ReadPauses extends Pauses {
  /** A sum of {@linkcode PauseReason}. */
  #reasons = 0;
  /**
   * True from when the queue exceeds the high-water mark until it is down to
   * the low-water mark.
   */
  #isAboveMark = false;
  /** True if something was handed out since then. */
  #hasHandedOut = false;

  /** True while there is any reason. */
  get isNeeded(): boolean {
    return this.#reasons !== 0;
  }

  /** True while there is a reason that counts. */
  get isCounted(): boolean {
    return this.has(COUNTED);
  }

  /** True if there is any of `reasons`, a sum. */
  has(reasons: number): boolean {
    return (this.#reasons & reasons) !== 0;
  }

  add(reason: number): void {
    this.#reasons |= reason;
  }

  remove(reason: number): void {
    this.#reasons &= ~reason;
  }

  /**
   * The queue exceeds the high-water mark. Returns true if reading must pause.
   * `isHandingOut` if a message handler sent.
   */
  onHighWaterMark(isHandingOut: boolean): boolean {
    if (isHandingOut) this.#hasHandedOut = true;
    else if (!this.#isAboveMark) this.#hasHandedOut = false;
    this.#isAboveMark = true;
    return this.#hasHandedOut;
  }

  /** Called when messages are handed out. */
  onHandOut(): void {
    this.#hasHandedOut = true;
  }

  /**
   * True once the queue, which was above the high-water mark, is down to
   * `lowWaterMark`: then it no longer pauses reading.
   */
  leavesMark(bytesQueued: number, lowWaterMark: number): boolean {
    if (!this.#isAboveMark || bytesQueued > lowWaterMark) return false;
    this.#isAboveMark = false;
    return true;
  }
}
