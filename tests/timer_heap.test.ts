import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Timed, TimerHeap } from "../src/util/timer_heap.ts";
import { Random } from "./random.ts";

class Entry extends Timed {
  constructor(readonly name: number) {
    super();
  }
}

function namesOf(entries: Entry[]): number[] {
  return entries.map(({ name }) => name);
}

function drain(heap: TimerHeap<Entry>): number[] {
  const entries: Entry[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    entries.push(next);
  }
  return namesOf(entries);
}

describe("TimerHeap", () => {
  it("gives entries in the order of their times, ties in the order of adding", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new Random(seed);
      const heap = new TimerHeap<Entry>();
      const entries = Array.from(
        { length: random.integer(0, 200) },
        (_, name) => new Entry(name),
      );
      const range = random.pick([1, 10, 10_000]);
      for (const entry of entries) heap.push(entry, random.integer(0, range));
      const sorted = [...entries].sort((a, b) =>
        a.deadline - b.deadline || a.name - b.name
      );
      assert.equal(heap.size, entries.length);
      assert.equal(heap.earliest, sorted[0]?.deadline ?? Infinity);
      assert.deepEqual(drain(heap), namesOf(sorted));
      assert.equal(heap.earliest, Infinity);
    }
  });

  it("does what a sorted list does, over random pushes, pops and removals anywhere", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const heap = new TimerHeap<Entry>();
      let model: Entry[] = [];
      const gone: Entry[] = [];
      for (let step = 0; step < 1500; step++) {
        const choice = random.next();
        if (choice < 0.5) {
          const reused = gone.length > 0 && random.chance(0.3);
          const entry = reused ? gone.pop() as Entry : new Entry(step);
          const deadline = random.integer(0, 50);
          heap.push(entry, deadline);
          const at = model.findIndex((other) => other.deadline > deadline);
          model.splice(at < 0 ? model.length : at, 0, entry);
        } else if (choice < 0.7) {
          const now = random.integer(0, 50);
          const isDue = model.length > 0 && model[0].deadline <= now;
          const expected = isDue ? model.shift() : undefined;
          assert.equal(heap.popDue(now), expected);
          if (expected !== undefined) gone.push(expected);
        } else if (choice < 0.95 && model.length > 0) {
          const entry = random.pick(model);
          assert.equal(heap.remove(entry), true);
          assert.equal(heap.remove(entry), false, "it is not there any more");
          model = model.filter((other) => other !== entry);
          gone.push(entry);
        } else {
          assert.equal(heap.remove(new Entry(-1)), false);
        }
        assert.equal(heap.size, model.length);
        assert.equal(heap.earliest, model[0]?.deadline ?? Infinity);
      }
      assert.deepEqual(drain(heap), namesOf(model));
    }
  });

  it("each of ten entries can be removed alone", () => {
    for (let victim = 0; victim < 10; victim++) {
      const heap = new TimerHeap<Entry>();
      const entries = Array.from({ length: 10 }, (_, name) => new Entry(name));
      for (const entry of entries) heap.push(entry, entry.name);
      assert.equal(heap.remove(entries[victim]), true);
      const others = entries.filter(({ name }) => name !== victim);
      assert.deepEqual(drain(heap), namesOf(others));
    }
  });

  it("popDue takes what is due now, and not what is due later", () => {
    const heap = new TimerHeap<Entry>();
    const entry = new Entry(1);
    heap.push(entry, 100);
    assert.equal(heap.popDue(99.999), undefined);
    assert.equal(heap.popDue(100), entry);
    assert.equal(heap.popDue(Infinity), undefined);
  });
});
