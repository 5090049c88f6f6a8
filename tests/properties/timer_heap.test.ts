import { describe } from "node:test";
import { TimerHeap } from "../../src/util/timer_heap.ts";
import { timersProperty } from "./timer_scene.ts";

describe("TimerHeap", () => timersProperty(() => new TimerHeap()));
