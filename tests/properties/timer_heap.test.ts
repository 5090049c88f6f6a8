import assert from "node:assert/strict";
import { describe } from "node:test";
import { Timed, TimerHeap } from "../../src/util/timer_heap.ts";
import { type Draw, property } from "./property.ts";

class Entry extends Timed {
  constructor(readonly name: number) {
    super();
  }
}

/** `which`: one of a few entries, which is put in when it is not, and again later. */
type Step =
  | { readonly do: "push"; readonly which: number; readonly deadline: number }
  | { readonly do: "remove"; readonly which: number }
  | { readonly do: "popDue"; readonly now: number }
  | { readonly do: "pop" };

const ENTRIES = 40;

function drawStep(draw: Draw): Step {
  const which = draw.integer(0, ENTRIES - 1);
  const time = draw.size(60);
  const choice = draw.integer(0, 9);
  if (choice < 5) return { do: "push", which, deadline: time };
  if (choice < 8) return { do: "remove", which };
  return choice < 9 ? { do: "popDue", now: time } : { do: "pop" };
}

/** A heap, and a list that is sorted anew for every question. */
class Scene {
  readonly #heap = new TimerHeap<Entry>();
  readonly #entries = Array.from({ length: ENTRIES }, (_, i) => new Entry(i));
  #model: { entry: Entry; deadline: number }[] = [];

  perform(step: Step): void {
    switch (step.do) {
      case "push":
        this.#push(this.#entries[step.which], step.deadline);
        break;
      case "remove":
        this.#remove(this.#entries[step.which]);
        break;
      case "popDue": {
        const first = this.#sorted()[0];
        const isDue = first !== undefined && first.deadline <= step.now;
        const expected = isDue ? first.entry : undefined;
        this.#took(this.#heap.popDue(step.now), expected);
        break;
      }
      case "pop":
        this.#pop();
        break;
    }
    this.#compare();
  }

  /** Takes everything out. */
  finish(): void {
    while (this.#model.length > 0) this.#pop();
    assert.equal(this.#heap.pop(), undefined);
    assert.equal(this.#heap.popDue(Infinity), undefined);
    this.#compare();
  }

  #push(entry: Entry, deadline: number): void {
    if (this.#model.some((other) => other.entry === entry)) return;
    this.#heap.push(entry, deadline);
    this.#model.push({ entry, deadline });
  }

  #remove(entry: Entry): void {
    const isIn = this.#model.some((other) => other.entry === entry);
    assert.equal(this.#heap.remove(entry), isIn);
    this.#model = this.#model.filter((other) => other.entry !== entry);
  }

  #pop(): void {
    this.#took(this.#heap.pop(), this.#sorted()[0]?.entry);
  }

  #took(entry: Entry | undefined, expected: Entry | undefined): void {
    assert.equal(
      entry?.name,
      expected?.name,
      "the earliest, the first of these",
    );
    this.#model = this.#model.filter((other) => other.entry !== entry);
  }

  /** Sorting keeps the order of adding where the times are the same. */
  #sorted(): { entry: Entry; deadline: number }[] {
    return [...this.#model].sort((a, b) => a.deadline - b.deadline);
  }

  #compare(): void {
    assert.equal(this.#heap.size, this.#model.length);
    assert.equal(this.#heap.earliest, this.#sorted()[0]?.deadline ?? Infinity);
  }
}

describe("TimerHeap", () => {
  property(
    "does what a sorted list does, whatever is put in, taken out and put in again",
    {},
    (draw) => draw.list(150, drawStep),
    (steps) => {
      const scene = new Scene();
      for (const step of steps) scene.perform(step);
      scene.finish();
    },
  );
});
