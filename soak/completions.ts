import type { SendCompletion } from "../mod.ts";
import type { Tally } from "./tally.ts";

/** Watches over the completions of one end's sends: each is told once, in order. */
export class Completions {
  /** How many were told that their bytes were lost. */
  lostCount = 0;
  readonly #tally: Tally;
  readonly #onOut: () => void;
  #madeCount = 0;
  #toldCount = 0;
  /** Those of sends that were refused are told when they come. */
  #refusedCount = 0;
  #last = 0;

  /** `onOut` is called when bytes are out. */
  constructor(tally: Tally, onOut: () => void) {
    this.#tally = tally;
    this.#onOut = onOut;
  }

  /** How many are still to be told. */
  get pendingCount(): number {
    return this.#madeCount - this.#toldCount;
  }

  /** How many of those are of sends that were not refused. */
  get owedCount(): number {
    return this.pendingCount - this.#refusedCount;
  }

  /** Runs `send` with a completion of its own; it returns false if the send was refused. */
  watch(send: (completion: SendCompletion) => boolean): boolean {
    const number = ++this.#madeCount;
    this.#tally.completionsAsked++;
    let isTold = false;
    let isTaken = true;
    const completion: SendCompletion = (result) => {
      this.#tally.completions++;
      if (isTold) return this.#tally.breaks("a send completion was told twice");
      isTold = true;
      this.#toldCount++;
      if (!isTaken) this.#refusedCount--;
      if (isTaken && number < this.#last) {
        this.#tally.breaks("send completions were told out of order");
      }
      if (isTaken) this.#last = number;
      if (result.ok !== isTaken && !isTaken) {
        this.#tally.breaks("a send that was refused was told to be out");
      }
      if (!result.ok && isTaken) this.lostCount++;
      if (result.ok) this.#onOut();
    };
    try {
      isTaken = send(completion);
    } catch (error) {
      this.#madeCount--;
      this.#tally.completionsAsked--;
      throw error;
    }
    if (isTold) this.#tally.breaks("a send completion was told by its send");
    if (!isTaken) this.#refusedCount++;
    return isTaken;
  }
}
