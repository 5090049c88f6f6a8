import { indexInPage, PAGE_SIZE, pageOf } from "./pages.ts";

const SLOTS = 2 ** 20;

const END_OF_LIST = -1;

/** The slot of `id`: an integer of 0 or more, unique while there is a value under the id. */
export function slotOf(id: number): number {
  // The lowest bits; much faster than a remainder.
  return id & (SLOTS - 1);
}

class Page<T> {
  readonly firstSlot: number;
  /** The first freed slot in this page. */
  firstFree = END_OF_LIST;
  /** For each freed slot, the next one in this page. */
  readonly values: (T | number)[] = new Array(PAGE_SIZE).fill(END_OF_LIST);
  /** The generation of each slot: negative if it is free, 0 if it was never used. */
  readonly generations = new Float64Array(PAGE_SIZE);

  constructor(firstSlot: number) {
    this.firstSlot = firstSlot;
  }
}

/**
 * Values under ids that are never reused.
 *
 * An id is a slot and the generation of that slot in one safe integer
 * (`generation * 2^20 + slot`), so an id that outlives its value finds nothing
 * instead of the slot's next value. Generations begin at 1, so no id is 0. A slot
 * that has used all generations is retired.
 */
export class SlotMap<T> {
  readonly #limit: number;
  readonly #pages: Page<T>[] = [];
  /** How many slots were ever in use. */
  #usedCount = 0;
  /** The pages with freed slots. The last is filled first, so that values added together lie together. */
  readonly #freePages: Page<T>[] = [];
  #size = 0;
  #retiredCount = 0;
  #firstGeneration = 1;
  #lastGeneration = 2 ** 33 - 1;

  /** Holds at most `limit` values, 1 to 2^20. */
  constructor(limit: number = SLOTS) {
    this.#limit = limit;
  }

  /** Restricts generations to `first` (at least 1) to `last` (less than 2^33). Call it before the first `add`. */
  limitGenerations(first: number, last: number): void {
    this.#firstGeneration = first;
    this.#lastGeneration = last;
  }

  /** How many values are held. */
  get size(): number {
    return this.#size;
  }

  /** True if no further value can be held. */
  get full(): boolean {
    return this.#size + this.#retiredCount >= this.#limit;
  }

  /** Stores `value` and returns its id. Must not be called when full. */
  add(value: T): number {
    const slot = this.#takeSlot();
    const { values, generations } = this.#pages[pageOf(slot)];
    const index = indexInPage(slot);
    const last = generations[index];
    const generation = last === 0 ? this.#firstGeneration : 1 - last;
    generations[index] = generation;
    values[index] = value;
    this.#size++;
    return generation * SLOTS + slot;
  }

  /** True if there is a value under `id`; false if `id` is not a number. */
  has(id: number): boolean {
    if (typeof id !== "number") return false;
    const slot = slotOf(id);
    return id >= SLOTS && this.#generation(slot) * SLOTS + slot === id;
  }

  /** The value under `id`, or `undefined` if it is gone or never was. */
  get(id: number): T | undefined {
    return this.has(id) ? this.at(slotOf(id)) : undefined;
  }

  /** The value in `slot`; there must be one. */
  at(slot: number): T {
    return this.#pages[pageOf(slot)].values[indexInPage(slot)] as T;
  }

  /** Removes and returns the value under `id`; `undefined` if it is gone or never was. */
  remove(id: number): T | undefined {
    return this.has(id) ? this.removeAt(slotOf(id)) : undefined;
  }

  /** Removes and returns the value in `slot`; there must be one. */
  removeAt(slot: number): T {
    const page = this.#pages[pageOf(slot)];
    const { values, generations } = page;
    const index = indexInPage(slot);
    const value = values[index] as T;
    const generation = generations[index];
    generations[index] = -generation;
    values[index] = page.firstFree;
    if (generation === this.#lastGeneration) {
      this.#retiredCount++;
    } else {
      if (page.firstFree === END_OF_LIST) this.#freePages.push(page);
      page.firstFree = index;
    }
    this.#size--;
    return value;
  }

  /** The values held. */
  *values(): IterableIterator<T> {
    for (const slot of this.slots()) yield this.at(slot);
  }

  /** The slots of the values held. */
  *slots(): IterableIterator<number> {
    for (let slot = 0; slot < this.#usedCount; slot++) {
      if (this.#generation(slot) > 0) yield slot;
    }
  }

  /** The generation of `slot`: negative if it is free, 0 if it was never used. */
  #generation(slot: number): number {
    const page = this.#pages[pageOf(slot)];
    return page === undefined ? 0 : page.generations[indexInPage(slot)];
  }

  #takeSlot(): number {
    const page = this.#freePages.at(-1);
    if (page === undefined) return this.#takeNewSlot();
    const index = page.firstFree;
    page.firstFree = page.values[index] as number;
    if (page.firstFree === END_OF_LIST) this.#freePages.pop();
    return page.firstSlot + index;
  }

  #takeNewSlot(): number {
    const slot = this.#usedCount++;
    if (pageOf(slot) === this.#pages.length) this.#pages.push(new Page(slot));
    return slot;
  }
}
