import { FlatStorage } from "./flat_storage.ts";

const SLOTS = 2 ** 20;

/** The lowest bits; much faster than the rest of a division. */
function slotOf(id: number): number {
  return id & (SLOTS - 1);
}

/**
 * Values under ids that are never given twice.
 *
 * An id is a slot and the generation of that slot in one safe integer
 * (`generation * 2^20 + slot`), so an id that outlived its value finds nothing
 * instead of the slot's next tenant. Generations begin at 1: no id is 0. A slot
 * whose generations are used up is retired.
 */
export class SlotMap<T> {
  readonly #slots = new FlatStorage<T | undefined>();
  readonly #generations: number[] = [];
  #firstGeneration = 1;
  #lastGeneration = 2 ** 33 - 1;
  #retired = 0;

  /** Gives no other generations than from `first`, 1 or more, to `last`, less than 2^33; to be called before the first `add`. */
  limitGenerations(first: number, last: number): void {
    this.#firstGeneration = first;
    this.#lastGeneration = last;
  }

  /** How many values are held. */
  get size(): number {
    return this.#slots.len() - this.#retired;
  }

  /** True if no further value can be held. */
  get full(): boolean {
    return this.#slots.len() >= SLOTS;
  }

  /** Stores `value` and returns its id. */
  add(value: T): number {
    const slot = this.#slots.add(value);
    const last = this.#generations[slot];
    const generation = last === undefined ? this.#firstGeneration : last + 1;
    this.#generations[slot] = generation;
    return generation * SLOTS + slot;
  }

  /** The value under `id`, or `undefined` if it is gone or never was. */
  get(id: number): T | undefined {
    const slot = slotOf(id);
    return this.#generations[slot] * SLOTS + slot === id
      ? this.#slots.get(slot)
      : undefined;
  }

  /** Takes the value under `id` out; `undefined` if it is gone or never was. */
  remove(id: number): T | undefined {
    const value = this.get(id);
    if (value === undefined) return undefined;
    const slot = slotOf(id);
    if (this.#generations[slot] < this.#lastGeneration) {
      this.#slots.remove(slot);
    } else {
      this.#slots.set(slot, undefined);
      this.#retired++;
    }
    return value;
  }

  /** The values held. */
  *values(): IterableIterator<T> {
    for (const value of this.#slots.values()) {
      if (value !== undefined) yield value;
    }
  }
}
