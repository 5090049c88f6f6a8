import assert from "node:assert/strict";
import { describe } from "node:test";
import { ReactRuntime, type ScheduledCall } from "../../mod.ts";
import { ManualHost } from "../support/manual_host.ts";
import { type CaseDraw, property } from "./property.ts";

/** What a call does besides being recorded: nothing, schedule another call, or cancel an earlier one. */
type Action =
  | { readonly do: "nothing" }
  | { readonly do: "after"; readonly ms: number }
  | { readonly do: "cancel"; readonly which: number };

/** A step of the program. `stall` is time in which the thread is blocked. */
type Step =
  | {
    readonly do: "after" | "every";
    readonly ms: number;
    readonly then: Action;
  }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "advance" | "stall"; readonly ms: number };

const LONGEST_MS = 60;

/** The delay of a call that another call schedules for now. */
const SOON_MS = 2 ** -10;

const MANY = 1000;

function drawAction(draw: CaseDraw): Action {
  const choice = draw.integer(0, 9);
  if (choice < 6) return { do: "nothing" };
  if (choice < 8) return { do: "after", ms: draw.size(LONGEST_MS) };
  return { do: "cancel", which: draw.integer(0, MANY) };
}

function drawStep(draw: CaseDraw): Step {
  const choice = draw.integer(0, 9);
  const ms = draw.size(LONGEST_MS);
  if (choice < 4) return { do: "after", ms, then: drawAction(draw) };
  if (choice < 5) return { do: "every", ms: ms + 1, then: drawAction(draw) };
  if (choice < 7) return { do: "cancel", which: draw.integer(0, MANY) };
  return { do: choice < 9 ? "advance" : "stall", ms };
}

/** A call in the model. */
interface Modelled {
  readonly call: ScheduledCall;
  readonly intervalMs: number;
  /** When it is due; undefined if it is not pending. */
  dueAt: number | undefined;
}

/** A runtime whose clock is moved by hand, and a list of its calls in the order they were last scheduled. */
class ModelledCalls {
  readonly #host = new ManualHost();
  readonly #runtime = new ReactRuntime({ adapter: this.#host.adapter });
  readonly #all: Modelled[] = [];
  /** The calls as scheduled; a repeated call moves to the end each time. */
  #order: Modelled[] = [];
  /** A failed assertion inside a call, kept here because what a call throws is only logged. */
  #failure: unknown = undefined;

  perform(step: Step): void {
    switch (step.do) {
      case "after":
      case "every":
        this.#schedule(step.do, step.ms, step.then);
        break;
      case "cancel":
        this.#cancel(step.which);
        break;
      case "advance":
        this.#host.advance(step.ms);
        this.#compareWith(this.#host.now);
        break;
      case "stall":
        this.#host.stall(step.ms);
        this.#compareWith(this.#host.now);
        break;
    }
    if (this.#failure !== undefined) throw this.#failure;
    const pendingCount = this.#all.filter(({ call }) => call.isPending).length;
    assert.equal(pendingCount, this.#pending().length);
    assert.ok(this.#host.timerCount <= 1, "one timer");
  }

  finish(): void {
    for (const modelled of this.#all) {
      if (modelled.intervalMs > 0) modelled.call.cancel();
      if (modelled.intervalMs > 0) modelled.dueAt = undefined;
    }
    this.#host.advance(10 * LONGEST_MS);
    if (this.#failure !== undefined) throw this.#failure;
    assert.equal(this.#pending().length, 0);
    this.#host.advance(1);
    assert.equal(this.#host.timerCount, 0, "no timer is left");
  }

  #schedule(which: "after" | "every", ms: number, then: Action): void {
    const modelled: Modelled = {
      call: this.#runtime[which](ms, () => this.#onMade(modelled, then)),
      intervalMs: which === "every" ? ms : 0,
      dueAt: Math.max(this.#host.now + ms, this.#host.servedAt + SOON_MS),
    };
    this.#all.push(modelled);
    this.#order.push(modelled);
  }

  #cancel(which: number): void {
    if (this.#all.length === 0) return;
    const modelled = this.#all[which % this.#all.length];
    assert.equal(modelled.call.cancel(), modelled.dueAt !== undefined);
    modelled.dueAt = undefined;
  }

  #onMade(modelled: Modelled, then: Action): void {
    try {
      this.#make(modelled, then);
    } catch (failure) {
      this.#failure ??= failure;
    }
  }

  #make(modelled: Modelled, then: Action): void {
    const { dueAt, intervalMs } = modelled;
    const { now } = this.#host;
    assert.ok(dueAt !== undefined && dueAt <= now, "not early, nor cancelled");
    assert.ok(modelled === this.#pending()[0], "the first that is due");
    if (intervalMs === 0) {
      modelled.dueAt = undefined;
    } else {
      let next = dueAt;
      while (next <= now) next += intervalMs;
      modelled.dueAt = next;
      this.#order = this.#order.filter((other) => other !== modelled);
      this.#order.push(modelled);
    }
    assert.equal(modelled.call.isPending, intervalMs > 0);
    if (then.do === "after") {
      this.#schedule("after", then.ms, { do: "nothing" });
    }
    if (then.do === "cancel") this.#cancel(then.which);
  }

  /** No call that is due is still pending. */
  #compareWith(now: number): void {
    const [first] = this.#pending();
    assert.ok(first === undefined || first.dueAt! > now - 0.5, "it is late");
  }

  #pending(): Modelled[] {
    return this.#order.filter(({ dueAt }) => dueAt !== undefined)
      .sort((a, b) => a.dueAt! - b.dueAt!);
  }
}

describe("scheduled calls", () =>
  property(
    "are made in the order of their times, and of scheduling, once each, never early, whatever is cancelled and however long the thread is held up",
    {},
    (draw) => draw.list(80, drawStep),
    (steps) => {
      const fixture = new ModelledCalls();
      for (const step of steps) fixture.perform(step);
      fixture.finish();
    },
  ));
