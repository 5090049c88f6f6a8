import { DueTimes } from "./due_times.ts";
import { FlatStorage } from "./flat_storage.ts";
import { SlotHeap } from "./slot_heap.ts";

const NOT_IN_HEAP = -1;

/**
 * Something that is due at a time. Base class of the entries of a
 * {@linkcode TimerHeap}.
 */
export abstract class Timed {
  /** When it is due, in milliseconds; set by the heap. */
  deadline = 0;
  /** Its slot in the heap; set by the heap. */
  heapSlot = NOT_IN_HEAP;

  /** True while it is in a heap. */
  get isArmed(): boolean {
    return this.heapSlot !== NOT_IN_HEAP;
  }
}

/** Finds the waiting entry that is due first; any entry can be removed. */
export class TimerHeap<T extends Timed> {
  readonly #entries = new FlatStorage<T>();
  readonly #heap = new SlotHeap(new DueTimes());

  /** How many entries wait. */
  get size(): number {
    return this.#heap.size;
  }

  /** The entry that is due first. */
  get first(): T | undefined {
    const slot = this.#heap.first;
    return slot === undefined ? undefined : this.#entries.get(slot);
  }

  /** The earliest deadline; `Infinity` if none waits. */
  get earliest(): number {
    return this.#heap.earliest;
  }

  /** Adds `entry`, due at `deadline`. Throws if it is in a heap already. */
  push(entry: T, deadline: number): void {
    if (entry.isArmed) {
      throw new Error("Cannot push an entry that is in a heap already");
    }
    entry.deadline = deadline;
    entry.heapSlot = this.#entries.add(entry);
    this.#heap.push(entry.heapSlot, deadline);
  }

  /** Removes `entry`; false if it is not in the heap. */
  remove(entry: T): boolean {
    if (!entry.isArmed) return false;
    this.#heap.remove(entry.heapSlot);
    this.#entries.remove(entry.heapSlot);
    entry.heapSlot = NOT_IN_HEAP;
    return true;
  }

  /** Removes and returns the earliest entry if it is due at `now`. */
  popDue(now: number): T | undefined {
    return this.earliest > now ? undefined : this.pop();
  }

  /** Removes and returns the earliest entry, due or not. */
  pop(): T | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }
}
