/** What waits until one more handler may be at work. */
export interface SlotWaiter {
  /** It has a slot, which it gives back when its handler is done. Runs code of the user; does not throw. */
  onSlot(): void;
}

/** How many handlers of a server may be at work at once. Who finds no slot waits in turn. */
export class HandlerSlots {
  readonly #max: number;
  readonly #waiting = new Set<SlotWaiter>();
  #usedCount = 0;
  #isHandingOut = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** How many are taken. */
  get usedCount(): number {
    return this.#usedCount;
  }

  /** Takes a slot; if there is none, returns false and has `waiter` wait for one. */
  take(waiter: SlotWaiter): boolean {
    const isFree = this.#usedCount < this.#max && this.#waiting.size === 0;
    if (isFree) this.#usedCount++;
    else this.#waiting.add(waiter);
    return isFree;
  }

  /** Takes one more for somebody who is about to give one back. */
  extend(): void {
    this.#usedCount++;
  }

  /** `waiter` waits no more. */
  forget(waiter: SlotWaiter): void {
    this.#waiting.delete(waiter);
  }

  /** Gives a slot back, to who has waited longest. */
  release(): void {
    this.#usedCount--;
    if (this.#waiting.size === 0 || this.#isHandingOut) return;
    this.#isHandingOut = true;
    for (const waiter of this.#waiting) {
      if (this.#usedCount >= this.#max) break;
      this.#waiting.delete(waiter);
      this.#usedCount++;
      waiter.onSlot();
    }
    this.#isHandingOut = false;
  }
}
