import {
  ACKNOWLEDGED_AT_ONCE,
  BYTES_ACKNOWLEDGED_AT_ONCE,
} from "../../tuning.ts";

/** A number of commands, questions or messages, and roughly how many bytes they take. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** Adds up what is to be reported to another thread, until there is enough for a record. */
export class GrowingAmount {
  #count = 0;
  #bytes = 0;

  /** Adds an amount. Once there is enough to report, takes the total out and returns it. */
  add(count: number, bytes: number): Amount | undefined {
    this.#count += count;
    this.#bytes += bytes;
    const isEnough = this.#count >= ACKNOWLEDGED_AT_ONCE ||
      this.#bytes >= BYTES_ACKNOWLEDGED_AT_ONCE;
    if (!isEnough) return undefined;
    const amount = { count: this.#count, bytes: this.#bytes };
    this.#count = 0;
    this.#bytes = 0;
    return amount;
  }
}
