import type { DueTimes } from "./due_times.ts";

/**
 * A binary min-heap of slots by their {@linkcode DueTimes}. Each slot knows its
 * position, so removing any of them costs O(log n) and leaves nothing behind.
 * Slots are sorted only when the first one is asked for, and the compared values
 * then lie together in memory.
 */
export class SlotHeap {
  readonly #dueTimes: DueTimes;
  readonly #slots: number[] = [];
  /** When they are due, once they are sorted. */
  #times: number[] | undefined = undefined;
  #nextOrder = 0;

  constructor(dueTimes: DueTimes) {
    this.#dueTimes = dueTimes;
  }

  /** How many slots wait. */
  get size(): number {
    return this.#slots.length;
  }

  /** The slot that is due first; `undefined` if none waits. */
  get first(): number | undefined {
    if (this.#slots.length === 0) return undefined;
    if (this.#times === undefined) this.#putInOrder();
    return this.#slots[0];
  }

  /** The earliest deadline; `Infinity` if none waits. */
  get earliest(): number {
    if (this.#slots.length === 0) return Infinity;
    return (this.#times ?? this.#putInOrder())[0];
  }

  /** Adds `slot`, due at `deadline`. Throws if it is in a heap already. */
  push(slot: number, deadline: number): void {
    const dueTimes = this.#dueTimes;
    if (dueTimes.has(slot)) {
      throw new Error("Cannot push an entry that is in a heap already");
    }
    dueTimes.set(slot, deadline, this.#nextOrder++);
    const count = this.#slots.push(slot);
    dueTimes.setHeapIndex(slot, count);
    if (this.#times === undefined) return;
    this.#times.push(deadline);
    this.#siftUp(this.#times, slot, deadline, count - 1);
  }

  /** Removes `slot`, which must be in this heap. */
  remove(slot: number): void {
    const dueTimes = this.#dueTimes;
    const index = dueTimes.heapIndex(slot) - 1;
    dueTimes.setHeapIndex(slot, 0);
    const last = this.#slots.pop() as number;
    const times = this.#times;
    const time = times?.pop() as number;
    if (last === slot) return;
    if (times === undefined) {
      this.#slots[index] = last;
      dueTimes.setHeapIndex(last, index + 1);
    } else {
      const risen = this.#siftUp(times, last, time, index);
      this.#siftDown(times, last, time, risen);
    }
  }

  #putInOrder(): number[] {
    const slots = this.#slots;
    const times = slots.map((slot) => this.#dueTimes.time(slot));
    for (let index = (slots.length >> 1) - 1; index >= 0; index--) {
      this.#siftDown(times, slots[index], times[index], index);
    }
    return this.#times = times;
  }

  /** Puts `slot`, which is due at `time`, at `index` or nearer to the top; returns its position. */
  #siftUp(times: number[], slot: number, time: number, index: number): number {
    const slots = this.#slots;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(slot, time, slots[parent], times[parent])) break;
      this.#put(times, slots[parent], times[parent], index);
      index = parent;
    }
    this.#put(times, slot, time, index);
    return index;
  }

  /** Puts `slot`, which is due at `time`, at `index` or farther from the top. */
  #siftDown(times: number[], slot: number, time: number, index: number): void {
    const slots = this.#slots;
    const firstLeaf = slots.length >> 1;
    while (index < firstLeaf) {
      let child = 2 * index + 1;
      const right = child + 1;
      if (
        right < slots.length &&
        this.#isBefore(slots[right], times[right], slots[child], times[child])
      ) child = right;
      if (!this.#isBefore(slots[child], times[child], slot, time)) break;
      this.#put(times, slots[child], times[child], index);
      index = child;
    }
    this.#put(times, slot, time, index);
  }

  #isBefore(
    slot: number,
    time: number,
    other: number,
    otherTime: number,
  ): boolean {
    if (time !== otherTime) return time < otherTime;
    return this.#dueTimes.order(slot) < this.#dueTimes.order(other);
  }

  #put(times: number[], slot: number, time: number, index: number): void {
    this.#slots[index] = slot;
    times[index] = time;
    this.#dueTimes.setHeapIndex(slot, index + 1);
  }
}
