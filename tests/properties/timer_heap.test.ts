import { describe } from "node:test";
import { Timed, TimerHeap } from "../../src/util/timer_heap.ts";
import { timersProperty } from "./timer_model.ts";

class Entry extends Timed {
  constructor(readonly name: number) {
    super();
  }
}

describe("TimerHeap", () =>
  timersProperty(() => new TimerHeap<Entry>(), (index) => new Entry(index)));
