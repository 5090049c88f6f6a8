import { describe } from "node:test";
import { TimerQueue } from "../../src/util/timer_queue.ts";
import { timersProperty } from "./timer_model.ts";

/** Not in order, and far apart. */
const slotOf = (index: number) => index * 7919 % 1000;

describe("TimerQueue", () => timersProperty(() => new TimerQueue(), slotOf));
