import { indexInPage, PAGE_SIZE, pageOf } from "./pages.ts";

/** Numbers in a row; chosen so that no row spans two cache lines. */
const ROW = 4;
const TIME = 0;
const ORDER = 1;
const HEAP_INDEX = 2;
const TAG = 3;

function rowOf(slot: number): number {
  return indexInPage(slot) * ROW;
}

/** When small integers ("slots") are due, for the {@linkcode SlotHeap}s that order them. A slot is in one of them at most. */
export class DueTimes {
  readonly #pages: Float64Array[] = [];

  /** True if `slot` is in a heap. */
  has(slot: number): boolean {
    return pageOf(slot) < this.#pages.length && this.heapIndex(slot) > 0;
  }

  /** `slot` is due at `time`; `order` breaks ties. */
  set(slot: number, time: number, order: number): void {
    const page = this.#reserve(slot);
    const row = rowOf(slot);
    page[row + TIME] = time;
    page[row + ORDER] = order;
  }

  /** When `slot`, which is in a heap, is due. */
  time(slot: number): number {
    return this.#pages[pageOf(slot)][rowOf(slot) + TIME];
  }

  /** Breaks ties: the lower comes first. */
  order(slot: number): number {
    return this.#pages[pageOf(slot)][rowOf(slot) + ORDER];
  }

  /** The position of `slot` in its heap, from 1; 0 if it is in none. */
  heapIndex(slot: number): number {
    return this.#pages[pageOf(slot)][rowOf(slot) + HEAP_INDEX];
  }

  setHeapIndex(slot: number, index: number): void {
    this.#pages[pageOf(slot)][rowOf(slot) + HEAP_INDEX] = index;
  }

  /** A number that the owner stores with `slot`, whether it is in a heap or not; 0 at first. */
  tag(slot: number): number {
    const page = this.#pages[pageOf(slot)];
    return page === undefined ? 0 : page[rowOf(slot) + TAG];
  }

  setTag(slot: number, tag: number): void {
    this.#reserve(slot)[rowOf(slot) + TAG] = tag;
  }

  #reserve(slot: number): Float64Array {
    const pages = this.#pages;
    while (pages.length <= pageOf(slot)) {
      pages.push(new Float64Array(PAGE_SIZE * ROW));
    }
    return pages[pageOf(slot)];
  }
}
