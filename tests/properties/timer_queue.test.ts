import { describe } from "node:test";
import { TimerQueue } from "../../src/util/timer_queue.ts";
import { timersProperty } from "./timer_scene.ts";

describe("TimerQueue", () => timersProperty(() => new TimerQueue()));
