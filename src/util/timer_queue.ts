import { Timed, TimerHeap } from "./timer_heap.ts";

/** Milliseconds whose entries are kept together. */
const BUCKET_MS = 4;

/** What is due in the same few milliseconds; its own deadline is their number. */
class Bucket<T extends Timed> extends Timed {
  readonly entries = new TimerHeap<T>();
}

function bucketNumber(deadline: number): number {
  return Math.floor(deadline / BUCKET_MS);
}

/**
 * What a {@linkcode TimerHeap} is, for very many entries: only the few that are
 * due soonest are in order, so that what is compared is in the cache.
 */
export class TimerQueue<T extends Timed> {
  readonly #buckets = new TimerHeap<Bucket<T>>();
  readonly #byNumber = new Map<number, Bucket<T>>();
  #size = 0;

  /** How many entries wait. */
  get size(): number {
    return this.#size;
  }

  /** The earliest deadline, `Infinity` if nothing waits. */
  get earliest(): number {
    return this.#buckets.first?.entries.earliest ?? Infinity;
  }

  /** Adds `entry`, due at `deadline`. Throws if it is in a heap or a queue already. */
  push(entry: T, deadline: number): void {
    const number = bucketNumber(deadline);
    const bucket = this.#byNumber.get(number);
    if (bucket !== undefined) {
      bucket.entries.push(entry, deadline);
    } else {
      const added = new Bucket<T>();
      added.entries.push(entry, deadline);
      this.#byNumber.set(number, added);
      this.#buckets.push(added, number);
    }
    this.#size++;
  }

  /** Takes `entry` out; false if it is not in the queue. */
  remove(entry: T): boolean {
    const bucket = this.#byNumber.get(bucketNumber(entry.deadline));
    if (!bucket?.entries.remove(entry)) return false;
    this.#onTaken(bucket);
    return true;
  }

  /** Takes the earliest entry out if it is due at `now`. */
  popDue(now: number): T | undefined {
    const bucket = this.#buckets.first;
    const entry = bucket?.entries.popDue(now);
    if (bucket === undefined || entry === undefined) return undefined;
    this.#onTaken(bucket);
    return entry;
  }

  #onTaken(bucket: Bucket<T>): void {
    this.#size--;
    if (bucket.entries.size > 0) return;
    this.#buckets.remove(bucket);
    this.#byNumber.delete(bucket.deadline);
  }
}
