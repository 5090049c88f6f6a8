import type { SendCompletion } from "../mod.ts";
import type { Tally } from "./tally.ts";

/** Watches over the completions of one end's sends: each is told once, in order. */
export class Completions {
  /** How many were told that their bytes were lost. */
  countLost = 0;
  readonly #tally: Tally;
  readonly #onOut: () => void;
  #countMade = 0;
  #countTold = 0;
  /** Those of sends that were refused are told when they come. */
  #countRefused = 0;
  #last = 0;

  /** `onOut` is called when bytes are out. */
  constructor(tally: Tally, onOut: () => void) {
    this.#tally = tally;
    this.#onOut = onOut;
  }

  /** How many are still to be told. */
  get countPending(): number {
    return this.#countMade - this.#countTold;
  }

  /** How many of those are of sends that were not refused. */
  get countOwed(): number {
    return this.countPending - this.#countRefused;
  }

  /** Runs `send` with a completion of its own; it returns false if the send was refused. */
  watch(send: (completion: SendCompletion) => boolean): boolean {
    const number = ++this.#countMade;
    this.#tally.completionsAsked++;
    let isTold = false;
    let isTaken = true;
    const completion: SendCompletion = (result) => {
      this.#tally.completions++;
      if (isTold) return this.#tally.breaks("a send completion was told twice");
      isTold = true;
      this.#countTold++;
      if (!isTaken) this.#countRefused--;
      if (isTaken && number < this.#last) {
        this.#tally.breaks("send completions were told out of order");
      }
      if (isTaken) this.#last = number;
      if (result.ok !== isTaken && !isTaken) {
        this.#tally.breaks("a send that was refused was told to be out");
      }
      if (!result.ok && isTaken) this.countLost++;
      if (result.ok) this.#onOut();
    };
    try {
      isTaken = send(completion);
    } catch (error) {
      this.#countMade--;
      this.#tally.completionsAsked--;
      throw error;
    }
    if (isTold) this.#tally.breaks("a send completion was told by its send");
    if (!isTaken) this.#countRefused++;
    return isTaken;
  }
}
