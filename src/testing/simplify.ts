import type { Draw } from "./draw.ts";

/** Searches for a simpler case that also fails. */
export class Simplifier {
  /** The simplest failing case so far. */
  best: Draw;

  constructor(first: Draw) {
    this.best = first;
  }

  /**
   * Yields the numbers to try next: with fewer elements, or with smaller
   * numbers. Pass what was drawn to `next` if it fails as well.
   */
  *candidates(): Generator<readonly number[], void, Draw | undefined> {
    let before: Draw;
    do {
      before = this.best;
      yield* this.#leaveOut();
      yield* this.#makeSmaller();
    } while (before !== this.best);
  }

  *#leaveOut(): Generator<readonly number[], void, Draw | undefined> {
    // Elements come after the elements inside them, so going backwards tries
    // large ones first.
    for (let i = this.best.elements.length - 1; i >= 0; i--) {
      const { numbers, elements } = this.best;
      if (i >= elements.length) continue;
      const [start, end] = elements[i];
      this.#take(yield [...numbers.slice(0, start), ...numbers.slice(end)]);
    }
  }

  *#makeSmaller(): Generator<readonly number[], void, Draw | undefined> {
    for (let at = 0; at < this.best.numbers.length; at++) {
      if (this.best.numbers[at] === 0) continue;
      if (this.#take(yield this.best.numbers.with(at, 0))) continue;
      for (let passes = 0; passes + 1 < this.best.numbers[at];) {
        const middle = Math.floor((passes + this.best.numbers[at]) / 2);
        const fails = this.#take(yield this.best.numbers.with(at, middle));
        if (!fails) passes = middle;
      }
    }
  }

  /** Keeps what was drawn if that failed and is simpler. */
  #take(other: Draw | undefined): boolean {
    const isBetter = other !== undefined &&
      isSimpler(other.numbers, this.best.numbers);
    if (isBetter) this.best = other;
    return isBetter;
  }
}

/**
 * Fewer numbers are simpler. Among equally many, the first difference decides.
 */
function isSimpler(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((number, i) => number !== b[i]);
  return at >= 0 && a[at] < b[at];
}
