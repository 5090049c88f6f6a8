import { Deadlines } from "./deadlines.ts";
import { SlotHeap } from "./slot_heap.ts";
import { Timed, TimerHeap } from "./timer_heap.ts";

/** Milliseconds whose entries are kept together. */
const BUCKET_MS = 4;

/** What is due in the same few milliseconds; its own deadline is their number. */
class Bucket extends Timed {
  readonly slots: SlotHeap;

  constructor(deadlines: Deadlines) {
    super();
    this.slots = new SlotHeap(deadlines);
  }
}

function bucketNumber(deadline: number): number {
  return Math.floor(deadline / BUCKET_MS);
}

/**
 * Small integers ("slots") that wait for their times, very many: there is no
 * object for any of them, and only the few that are due soonest are in order, so
 * that what is compared is in the cache.
 */
export class TimerQueue {
  readonly #deadlines = new Deadlines();
  readonly #buckets = new TimerHeap<Bucket>();
  readonly #byNumber = new Map<number, Bucket>();
  #size = 0;

  /** How many slots wait. */
  get size(): number {
    return this.#size;
  }

  /** The earliest deadline, `Infinity` if nothing waits. */
  get earliest(): number {
    return this.#buckets.first?.slots.earliest ?? Infinity;
  }

  /** Adds `slot`, due at `deadline`. Throws if it waits already. */
  push(slot: number, deadline: number): void {
    const number = bucketNumber(deadline);
    const bucket = this.#byNumber.get(number);
    if (bucket !== undefined) {
      bucket.slots.push(slot, deadline);
    } else {
      const added = new Bucket(this.#deadlines);
      added.slots.push(slot, deadline);
      this.#byNumber.set(number, added);
      this.#buckets.push(added, number);
    }
    this.#size++;
  }

  /** Takes `slot` out; false if it does not wait. */
  remove(slot: number): boolean {
    if (!this.#deadlines.has(slot)) return false;
    const number = bucketNumber(this.#deadlines.time(slot));
    this.#take(slot, this.#byNumber.get(number) as Bucket);
    return true;
  }

  /** Takes the slot that is due first out if it is due at `now`. */
  popDue(now: number): number | undefined {
    const bucket = this.#buckets.first;
    if (bucket === undefined || bucket.slots.earliest > now) return undefined;
    const slot = bucket.slots.first as number;
    this.#take(slot, bucket);
    return slot;
  }

  /** A number that the caller wants to find with `slot`, whether that waits or not; 0 at first. */
  tag(slot: number): number {
    return this.#deadlines.tag(slot);
  }

  setTag(slot: number, tag: number): void {
    this.#deadlines.setTag(slot, tag);
  }

  #take(slot: number, bucket: Bucket): void {
    bucket.slots.remove(slot);
    this.#size--;
    if (bucket.slots.size > 0) return;
    this.#buckets.remove(bucket);
    this.#byNumber.delete(bucket.deadline);
  }
}
