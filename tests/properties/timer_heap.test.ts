import { describe } from "node:test";
import { Timed, TimerHeap } from "../../src/util/timer_heap.ts";
import { timersProperty } from "./timer_model.ts";

class Entry extends Timed {
  readonly name: number;

  constructor(name: number) {
    super();
    this.name = name;
  }
}

describe("TimerHeap", () =>
  timersProperty(() => new TimerHeap<Entry>(), (index) => new Entry(index)));
