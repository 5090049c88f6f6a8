import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Timed, TimerHeap } from "../src/util/timer_heap.ts";

class Entry extends Timed {}

describe("TimerHeap", () => {
  it("popDue takes what is due now, and not what is due later", () => {
    const heap = new TimerHeap<Entry>();
    const entry = new Entry();
    heap.push(entry, 100);
    assert.equal(heap.popDue(99.999), undefined);
    assert.equal(heap.popDue(100), entry);
    assert.equal(heap.popDue(Infinity), undefined);
  });
});
