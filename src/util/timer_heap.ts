const NOT_IN_HEAP = -1;

/** Something that is due at a time. Extended by what a {@linkcode TimerHeap} holds. */
export abstract class Timed {
  /** Breaks ties: what was added first is due first. */
  order = 0;
  /** Where the heap keeps it; the heap's own. */
  heapIndex = NOT_IN_HEAP;
  /** In which part a queue keeps it; the queue's own. */
  bucket = 0;
}

/**
 * A binary min-heap by deadline. Every entry knows its place, so removing any
 * of them costs O(log n) and leaves nothing behind. Nothing is put in order
 * before it is asked for the first entry.
 */
export class TimerHeap<T extends Timed> {
  readonly #entries: T[] = [];
  /** Beside the entries: a heap in itself for comparing, and no number that an object holds. */
  readonly #deadlines: number[] = [];
  #nextOrder = 0;
  #isOrdered = false;

  /** How many entries wait. */
  get size(): number {
    return this.#entries.length;
  }

  /** What is due first. */
  get first(): T | undefined {
    if (!this.#isOrdered) this.#putInOrder();
    return this.#entries[0];
  }

  /** The earliest deadline, `Infinity` if nothing waits. */
  get earliest(): number {
    return this.first === undefined ? Infinity : this.#deadlines[0];
  }

  /** Adds `entry`, due at `deadline`, in milliseconds on the clock of the adapter. Throws if it is in a heap already. */
  push(entry: T, deadline: number): void {
    if (entry.heapIndex !== NOT_IN_HEAP) {
      throw new Error("Cannot push: the entry is in a heap already");
    }
    entry.order = this.#nextOrder++;
    const index = this.#entries.length;
    if (this.#isOrdered) this.#siftUp(entry, deadline, index);
    else this.#place(entry, deadline, index);
  }

  /** Takes `entry` out; false if it is not in the heap. */
  remove(entry: T): boolean {
    const index = entry.heapIndex;
    if (index === NOT_IN_HEAP) return false;
    entry.heapIndex = NOT_IN_HEAP;
    const last = this.#entries.pop() as T;
    const deadline = this.#deadlines.pop() as number;
    if (last !== entry) {
      this.#siftDown(last, deadline, index);
      this.#siftUp(last, deadline, last.heapIndex);
    }
    return true;
  }

  /** Takes the earliest entry out if it is due at `now`. */
  popDue(now: number): T | undefined {
    if (this.earliest > now) return undefined;
    return this.pop();
  }

  /** Takes the earliest entry out, due or not. */
  pop(): T | undefined {
    const first = this.first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  #putInOrder(): void {
    this.#isOrdered = true;
    for (let index = (this.#entries.length >> 1) - 1; index >= 0; index--) {
      this.#siftDown(this.#entries[index], this.#deadlines[index], index);
    }
  }

  #siftUp(entry: T, deadline: number, index: number): void {
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      if (!this.#isBefore(entry, deadline, parentIndex)) break;
      this.#move(parentIndex, index);
      index = parentIndex;
    }
    this.#place(entry, deadline, index);
  }

  #siftDown(entry: T, deadline: number, index: number): void {
    const entries = this.#entries;
    const deadlines = this.#deadlines;
    const firstLeaf = entries.length >> 1;
    while (index < firstLeaf) {
      let childIndex = 2 * index + 1;
      const right = childIndex + 1;
      if (
        right < entries.length &&
        this.#isBefore(entries[right], deadlines[right], childIndex)
      ) {
        childIndex = right;
      }
      if (this.#isBefore(entry, deadline, childIndex)) break;
      this.#move(childIndex, index);
      index = childIndex;
    }
    this.#place(entry, deadline, index);
  }

  /** True if `entry`, due at `deadline`, is due before the one at `index`. */
  #isBefore(entry: T, deadline: number, index: number): boolean {
    const other = this.#deadlines[index];
    return deadline < other ||
      (deadline === other && entry.order < this.#entries[index].order);
  }

  #move(from: number, to: number): void {
    this.#place(this.#entries[from], this.#deadlines[from], to);
  }

  #place(entry: T, deadline: number, index: number): void {
    this.#entries[index] = entry;
    this.#deadlines[index] = deadline;
    entry.heapIndex = index;
  }
}
