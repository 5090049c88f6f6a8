/**
 * A list of values with reusable keys.
 *
 * @module
 */

/** Marks a slot that holds a value; every other entry of the link table is the next free slot. */
const OCCUPIED = -2;
const END_OF_LIST = -1;

/**
 * A list of values whose places are handed out as keys and reused.
 *
 * `add`, `get`, `set` and `remove` take constant time and move no other value,
 * so a key stays valid until its value is removed. A freed key is reused: where
 * a stale key must not reach the next value, store a generation with it (as
 * `ReactorID` does).
 *
 * @example
 * ```ts
 * import { FlatStorage } from "@reactio/reactio";
 *
 * const names = new FlatStorage<string>();
 * const key = names.add("alice");
 * console.log(names.get(key), names.size); // alice 1
 * names.remove(key);
 * console.log(names.get(key), names.isEmpty); // undefined true
 * ```
 *
 * @category Tools
 */
export class FlatStorage<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #links: number[] = [];
  #firstFree = END_OF_LIST;
  #count = 0;

  /** How many values are held. */
  get size(): number {
    return this.#count;
  }

  /** True if no value is held. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** How many places are free to be reused before `capacity` grows. */
  get freeCount(): number {
    return this.#values.length - this.#count;
  }

  /** How many places there are, free or not. */
  get capacity(): number {
    return this.#values.length;
  }

  /**
   * Stores a value.
   *
   * @param value What to store.
   * @returns Its key, an integer of 0 or more.
   */
  add(value: T): number {
    this.#count++;
    const key = this.#firstFree;
    if (key === END_OF_LIST) {
      this.#links.push(OCCUPIED);
      return this.#values.push(value) - 1;
    }
    this.#firstFree = this.#links[key];
    this.#links[key] = OCCUPIED;
    this.#values[key] = value;
    return key;
  }

  /**
   * Tells whether a key holds a value.
   *
   * @param key The key.
   * @returns True if it does.
   */
  has(key: number): boolean {
    return this.#links[key] === OCCUPIED;
  }

  /**
   * Looks a value up.
   *
   * @param key Its key.
   * @returns The value; `undefined` if there is none.
   */
  get(key: number): T | undefined {
    return this.#values[key];
  }

  /**
   * Replaces a value.
   *
   * @param key Its key.
   * @param value What to store in its place.
   * @returns False, and nothing is done, if there is none.
   */
  set(key: number, value: T): boolean {
    if (!this.has(key)) return false;
    this.#values[key] = value;
    return true;
  }

  /**
   * Takes a value out and frees its key.
   *
   * @param key Its key.
   * @returns The value; `undefined` if there is none.
   */
  remove(key: number): T | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#values[key];
    this.#values[key] = undefined;
    this.#links[key] = this.#firstFree;
    this.#firstFree = key;
    this.#count--;
    return value;
  }

  /**
   * Goes through the values held.
   *
   * @returns The values, in the order of their keys.
   */
  *values(): IterableIterator<T> {
    for (let key = 0; key < this.#values.length; key++) {
      if (this.has(key)) yield this.#values[key] as T;
    }
  }
}
