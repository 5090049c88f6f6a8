import { DueTimes } from "./due_times.ts";
import { SlotHeap } from "./slot_heap.ts";
import { Timed, TimerHeap } from "./timer_heap.ts";
import { TIMER_BUCKET_MS } from "../tuning.ts";

/** The entries that are due within one span, whose number is the bucket's own deadline. */
class Bucket extends Timed {
  readonly slots: SlotHeap;

  constructor(dueTimes: DueTimes) {
    super();
    this.slots = new SlotHeap(dueTimes);
  }
}

function bucketNumber(deadline: number): number {
  return Math.floor(deadline / TIMER_BUCKET_MS);
}

/**
 * A queue for very many small integers ("slots") that wait until they are due. None
 * of them needs an object, and only the few that are due soonest are kept sorted, so
 * that the compared values stay in the cache.
 */
export class TimerQueue {
  readonly #dueTimes = new DueTimes();
  readonly #buckets = new TimerHeap<Bucket>();
  readonly #byNumber = new Map<number, Bucket>();
  #size = 0;

  /** How many slots wait. */
  get size(): number {
    return this.#size;
  }

  /** The earliest deadline; `Infinity` if none waits. */
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
      const added = new Bucket(this.#dueTimes);
      added.slots.push(slot, deadline);
      this.#byNumber.set(number, added);
      this.#buckets.push(added, number);
    }
    this.#size++;
  }

  /** Removes `slot`; false if it does not wait. */
  remove(slot: number): boolean {
    if (!this.#dueTimes.has(slot)) return false;
    const number = bucketNumber(this.#dueTimes.time(slot));
    this.#take(slot, this.#byNumber.get(number) as Bucket);
    return true;
  }

  /** Removes and returns the first slot if it is due at `now`. */
  popDue(now: number): number | undefined {
    const bucket = this.#buckets.first;
    if (bucket === undefined || bucket.slots.earliest > now) return undefined;
    const slot = bucket.slots.first as number;
    this.#take(slot, bucket);
    return slot;
  }

  /** A number that the caller stores with `slot`, whether it waits or not; 0 at first. */
  tag(slot: number): number {
    return this.#dueTimes.tag(slot);
  }

  setTag(slot: number, tag: number): void {
    this.#dueTimes.setTag(slot, tag);
  }

  #take(slot: number, bucket: Bucket): void {
    bucket.slots.remove(slot);
    this.#size--;
    if (bucket.slots.size > 0) return;
    this.#buckets.remove(bucket);
    this.#byNumber.delete(bucket.deadline);
  }
}
