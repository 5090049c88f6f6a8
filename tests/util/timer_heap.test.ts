import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Timed, TimerHeap } from "../../src/util/timer_heap.ts";

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

  it("refuses an entry that is in it, and takes it again when it is out", () => {
    const heap = new TimerHeap<Entry>();
    const entry = new Entry();
    heap.push(entry, 1);
    assert.throws(() => heap.push(entry, 2), /in a heap already/);
    assert.equal(heap.size, 1);
    assert.equal(heap.pop(), entry);
    heap.push(entry, 2);
    assert.equal(heap.remove(entry), true);
    heap.push(entry, 3);
    assert.equal(heap.earliest, 3);
  });
});
