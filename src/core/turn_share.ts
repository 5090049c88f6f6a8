import { TURN_SHARE } from "../tuning.ts";

const MOST_LOOKS = TURN_SHARE.messages / TURN_SHARE.messagesPerLook;

/**
 * What a connection has handed out in the current turn. A peer can send many
 * thousand small messages at once, and others must not wait for all of them.
 */
export class TurnShare {
  /** The turn of the last look. */
  #turn = -1;
  /** When that turn was first looked at, and how often. */
  #since = 0;
  #looks = 0;
  /** While true, the share is never used up. */
  isLifted = false;

  /**
   * Called in turn number `turn`, at time `now`, whenever
   * `TURN_SHARE.messagesPerLook` more messages were handed out. Returns true if
   * the rest has to wait.
   */
  isUsedUp(turn: number, now: number): boolean {
    if (this.isLifted) return false;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#since = now;
      this.#looks = 0;
    }
    return ++this.#looks >= MOST_LOOKS || now - this.#since >= TURN_SHARE.ms;
  }
}
