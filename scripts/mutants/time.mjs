// @ts-check

const MODEL = { file: "tests/properties/scheduled_calls.test.ts" };
const VIRTUAL = "tests/core/deadlines.test.ts";

/** The tests of the conformance suite, on a simulated network, whose names match. */
const simulated = (/** @type {string} */ names) => [
  {
    file: "tests/sim/adapter.test.ts",
    only: `counts, seed 1.*(${names})`,
  },
];

/** The tests in virtual time whose names match. */
const virtual = (/** @type {string} */ names) => [
  { file: VIRTUAL, only: names },
];

/**
 * Bugs in scheduled calls, and in the deadlines of connections.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const timeMutants = [
  {
    name: "calls-outlive-connection",
    planted: "scheduled calls of a connection run after it is closed",
    file: "src/core/reactor_context.ts",
    old: "this.#calls?.end();",
    new: "",
    suites: simulated("are cancelled before onClose"),
  },
  {
    name: "calls-outlive-runtime",
    planted: "a pending scheduled call keeps its runtime from stopping",
    file: "src/core/engine.ts",
    old: "this.calls.end();",
    new: "",
    suites: simulated("are cancelled when it stops"),
  },
  {
    name: "run-forgets-calls",
    planted: "run ends although a scheduled call of the runtime is pending",
    file: "src/core/engine.ts",
    old: "!this.calls.isEmpty ||",
    new: "",
    suites: simulated("keep run going until"),
  },
  {
    name: "last-call-wakes-nobody",
    planted: "run keeps sleeping when the last pending call is cancelled",
    file: "src/core/scheduled_calls.ts",
    old: "if (this.isEmpty) this.#onNone();",
    new: "",
    suites: simulated("keep run going until"),
  },
  {
    name: "calls-pile-up",
    planted: "every() makes up for the calls missed during a stall",
    file: "src/core/scheduled_calls.ts",
    old: "Math.floor(late / intervalMs) * intervalMs",
    new: "0 * late",
    suites: [MODEL],
  },
  {
    name: "every-drifts",
    planted: "every() counts from when a call ran, not from when it was due",
    file: "src/core/scheduled_calls.ts",
    old: "call.deadline + missedMs + intervalMs",
    new: "this.#loop.now() + 0 * missedMs + intervalMs",
    suites: [MODEL, ...virtual("stood still are made once")],
  },
  {
    name: "call-in-its-own-turn",
    planted: "a call scheduled by another call may run in the same turn",
    file: "src/core/time_limits.ts",
    old: "Math.max(deadline, this.#servedAt + SOON_MS)",
    new: "deadline + 0 * SOON_MS",
    suites: [MODEL],
  },
  {
    name: "call-sleeps",
    planted:
      "processEvents sleeps past a newly scheduled call that is due earlier",
    file: "src/core/turn_loop.ts",
    old: "this.armAt(call, deadline);\n    this.#onEvent?.();",
    new: "this.armAt(call, deadline);",
    suites: simulated("are made only within processEvents"),
  },
  {
    name: "cancelled-call-is-made",
    planted:
      "cancel removes a call from its owner's list, but not from the heap",
    file: "src/core/scheduled_calls.ts",
    old: "if (!this.#loop.unschedule(call)) return false;",
    new: "if (!call.isArmed) return false;",
    suites: [MODEL],
  },
  {
    name: "byte-extends-message",
    planted: "each byte of a message restarts messageTimeoutMs",
    file: "src/core/connection_deadlines.ts",
    old: "else this.#messageAt ??= now;",
    new: "else this.#messageAt = now;",
    suites: virtual("messageTimeoutMs"),
  },
  {
    name: "message-goes-on",
    planted: "a message is held to the time limit of the one before it",
    file: "src/core/connection_deadlines.ts",
    old: "else if (isAnother) this.#messageAt = now;",
    new: "",
    suites: virtual("counts anew for each message"),
  },
  {
    name: "held-message-without-limit",
    planted:
      "messageTimeoutMs does not apply to a message that begins in what a pause held back",
    file: "src/core/connection.ts",
    old: "Running.Reading);\n    this.#deadlines?.onPauseChanged();",
    new: "Running.Reading);",
    suites: virtual("begins in what a pause held back"),
  },
  {
    name: "byte-is-first-message",
    planted: "a single byte satisfies firstMessageTimeoutMs",
    file: "src/core/connection_deadlines.ts",
    old: "this.#hasMessage ||= isAnother;",
    new: "this.#hasMessage ||= isAnother || bytesBuffered > 0;",
    suites: virtual("firstMessageTimeoutMs"),
  },
  {
    name: "pause-is-slow",
    planted: "a message times out because its reactor has paused reading",
    file: "src/core/connection_deadlines.ts",
    old: "this.#readAt = now;\n      this.#excuseMessages(passed, now);",
    new: "",
    suites: virtual("does not count a pause"),
  },
  {
    name: "held-up-is-slow",
    planted: "a message times out because the thread was blocked",
    file: "src/core/connection_deadlines.ts",
    old: "if (lateMs > HELD_UP_MS) this.#excuseMessages(2 * lateMs, now);",
    new: "",
    suites: virtual("does not blame a peer"),
  },
  {
    name: "sends-are-life-of-peer",
    planted: "readIdleTimeoutMs counts our own sends as activity of the peer",
    file: "src/core/connection_deadlines.ts",
    old: "this.#sentAt = this.#movedAt = this.#loop.now();",
    new: "this.#readAt = this.#sentAt = this.#movedAt = this.#loop.now();",
    suites: virtual("counts from the last byte that came in"),
  },
  {
    name: "hook-is-movement",
    planted: "onIdle alone keeps an idle connection alive",
    file: "src/core/connection_deadlines.ts",
    old: "else this.#movedAt = now;",
    new: "this.#movedAt = now;",
    suites: virtual("has no part in idleTimeoutMs"),
  },
  {
    name: "ping-into-full-queue",
    planted: "heartbeats are added to a queue that is not draining",
    file: "src/core/connection_deadlines.ts",
    old: "if (this.#watched.sender.bytesQueued > 0) this.#sentAt = now;",
    new: "",
    suites: simulated("adds nothing to a queue"),
  },
  {
    name: "fin-is-silence",
    planted: "a peer that has sent FIN is closed as idle",
    file: "src/core/connection.ts",
    old: "return this.#state < State.HalfOpen && !this.#isToPause &&",
    new: "return this.isOpen && !this.#isToPause &&",
    suites: simulated("does not count once the peer has sent FIN"),
  },
  {
    name: "last-deadline-counts",
    planted: "a later deadline replaces an earlier one",
    file: "src/core/connection_deadlines.ts",
    old: "if (this.#timeout.isArmed && this.#timeout.deadline <= time) return;",
    new: "",
    suites: virtual("the first that is over counts"),
  },
];
