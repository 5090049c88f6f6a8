import assert from "node:assert/strict";
import { type CaseDraw, property } from "./property.ts";

/** What a heap and a queue of timers have in common. */
export interface Timers<Entry> {
  readonly size: number;
  readonly earliest: number;
  push(entry: Entry, deadline: number): void;
  remove(entry: Entry): boolean;
  popDue(now: number): Entry | undefined;
}

/** `which`: one of a few entries, which are reused. */
type Step =
  | { readonly do: "push"; readonly which: number; readonly deadline: number }
  | { readonly do: "remove"; readonly which: number }
  | { readonly do: "popDue"; readonly now: number }
  | { readonly do: "earliest" };

const ENTRIES = 40;

function drawStep(draw: CaseDraw): Step {
  const which = draw.integer(0, ENTRIES - 1);
  const time = draw.size(60);
  const choice = draw.integer(0, 9);
  if (choice < 5) return { do: "push", which, deadline: time };
  if (choice < 7) return { do: "remove", which };
  return choice < 9 ? { do: "popDue", now: time } : { do: "earliest" };
}

/** Timers, and a model: a list sorted anew for every query. */
class ModelledTimers<Entry> {
  readonly #timers: Timers<Entry>;
  readonly #entries: readonly Entry[];
  #model: { entry: Entry; deadline: number }[] = [];

  constructor(timers: Timers<Entry>, entries: readonly Entry[]) {
    this.#timers = timers;
    this.#entries = entries;
  }

  perform(step: Step): void {
    switch (step.do) {
      case "push":
        this.#push(this.#entries[step.which], step.deadline);
        break;
      case "remove":
        this.#remove(this.#entries[step.which]);
        break;
      case "popDue":
        this.#popDue(step.now);
        break;
      case "earliest":
        this.#compareEarliest();
        break;
    }
    assert.equal(this.#timers.size, this.#model.length);
  }

  /** Pops everything. */
  finish(): void {
    while (this.#model.length > 0) {
      this.#compareEarliest();
      this.#popDue(Infinity);
    }
    this.#compareEarliest();
    this.#popDue(Infinity);
    assert.equal(this.#timers.size, 0);
  }

  #push(entry: Entry, deadline: number): void {
    if (this.#model.some((other) => other.entry === entry)) {
      const push = () => this.#timers.push(entry, deadline);
      return assert.throws(push, /in a heap already/);
    }
    this.#timers.push(entry, deadline);
    this.#model.push({ entry, deadline });
  }

  #remove(entry: Entry): void {
    const isIn = this.#model.some((other) => other.entry === entry);
    assert.equal(this.#timers.remove(entry), isIn);
    this.#model = this.#model.filter((other) => other.entry !== entry);
  }

  #popDue(now: number): void {
    const first = this.#sorted()[0];
    const isDue = first !== undefined && first.deadline <= now;
    const entry = this.#timers.popDue(now);
    assert.equal(
      entry,
      isDue ? first.entry : undefined,
      "the earliest, the first of these",
    );
    this.#model = this.#model.filter((other) => other.entry !== entry);
  }

  #compareEarliest(): void {
    const expected = this.#sorted()[0]?.deadline ?? Infinity;
    assert.equal(this.#timers.earliest, expected);
  }

  /** The sort is stable: entries with equal deadlines stay in insertion order. */
  #sorted(): { entry: Entry; deadline: number }[] {
    return [...this.#model].sort((a, b) => a.deadline - b.deadline);
  }
}

/** The property that heap and queue share. */
export function timersProperty<Entry>(
  makeTimers: () => Timers<Entry>,
  makeEntry: (index: number) => Entry,
): void {
  property(
    "does what a sorted list does, whatever is put in, taken out and put in again",
    {},
    (draw) => draw.list(150, drawStep),
    (steps) => {
      const entries = Array.from({ length: ENTRIES }, (_, i) => makeEntry(i));
      const fixture = new ModelledTimers(makeTimers(), entries);
      for (const step of steps) fixture.perform(step);
      fixture.finish();
    },
  );
}
