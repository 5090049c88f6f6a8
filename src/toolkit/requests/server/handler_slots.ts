/** Something that waits until one more handler may run. */
export interface SlotWaiter {
  /** It has a slot, which it gives back when its handler is done. Runs the user's code; does not throw. */
  onSlot(): void;
}

/** Limits how many handlers of a server run at once. Those that find no slot wait in turn. */
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

  /** True if one can be taken at once. */
  get hasRoom(): boolean {
    return this.#usedCount < this.#max && this.#waiting.size === 0;
  }

  /** Takes a slot; if there is none, returns false and has `waiter` wait for one. */
  take(waiter: SlotWaiter): boolean {
    const isFree = this.hasRoom;
    if (isFree) this.#usedCount++;
    else this.#waiting.add(waiter);
    return isFree;
  }

  /** Takes one more slot, for a caller that is about to give one back. */
  extend(): void {
    this.#usedCount++;
  }

  /** `waiter` waits no more. */
  forget(waiter: SlotWaiter): void {
    this.#waiting.delete(waiter);
  }

  /** Gives a slot back: it goes to whoever has waited longest. */
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
