const NOT_IN_HEAP = -1;

/** Something that is due at a time. Extended by what a {@linkcode TimerHeap} holds. */
export abstract class Timed {
  /** When it is due, on the clock of the adapter, in milliseconds. */
  deadline = 0;
  /** Breaks ties: what was added first is due first. */
  order = 0;
  /** Where the heap keeps it; the heap's own. */
  heapIndex = NOT_IN_HEAP;
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.deadline < b.deadline ||
    (a.deadline === b.deadline && a.order < b.order);
}

/**
 * A binary min-heap by deadline. Every entry knows its place, so removing any
 * of them costs O(log n) and leaves nothing behind. Nothing is put in order
 * before the first one is asked for.
 */
export class TimerHeap<T extends Timed> {
  readonly #entries: T[] = [];
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
    return this.first?.deadline ?? Infinity;
  }

  /** Adds `entry`, due at `deadline`. Throws if it is in a heap already. */
  push(entry: T, deadline: number): void {
    if (entry.heapIndex !== NOT_IN_HEAP) {
      throw new Error("Cannot push: the entry is in a heap already");
    }
    entry.deadline = deadline;
    entry.order = this.#nextOrder++;
    entry.heapIndex = this.#entries.push(entry) - 1;
    if (this.#isOrdered) this.#siftUp(entry, entry.heapIndex);
  }

  /** Takes `entry` out; false if it is not in the heap. */
  remove(entry: T): boolean {
    const index = entry.heapIndex;
    if (index === NOT_IN_HEAP) return false;
    entry.heapIndex = NOT_IN_HEAP;
    const last = this.#entries.pop() as T;
    if (last !== entry) {
      this.#entries[index] = last;
      last.heapIndex = index;
      if (this.#isOrdered) {
        this.#siftUp(last, index);
        this.#siftDown(last, last.heapIndex);
      }
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
      this.#siftDown(this.#entries[index], index);
    }
  }

  #siftUp(entry: T, index: number): void {
    const entries = this.#entries;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = entries[parentIndex];
      if (!isBefore(entry, parent)) break;
      entries[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }

  #siftDown(entry: T, index: number): void {
    const entries = this.#entries;
    const firstLeaf = entries.length >> 1;
    while (index < firstLeaf) {
      let childIndex = 2 * index + 1;
      const right = childIndex + 1;
      if (
        right < entries.length && isBefore(entries[right], entries[childIndex])
      ) {
        childIndex = right;
      }
      const child = entries[childIndex];
      if (!isBefore(child, entry)) break;
      entries[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }
}
