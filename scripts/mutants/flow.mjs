// @ts-check

const SIM = "tests/sim/adapter.test.ts";
const CREDIT = [{ file: "tests/properties/credit.test.ts" }];
const PIPE = [{ file: "tests/toolkit/pipe.test.ts" }];
const SENDER = [{ file: "tests/properties/msg_sender.test.ts" }];

/** The tests of the conformance suite, on a simulated network, whose names match. */
const countsOf = (/** @type {string} */ names) => [
  { file: SIM, only: `counts, seed 1.*(${names})` },
];

/**
 * Bugs of who pauses, of credit, groups, and what all connections hold.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const flowMutants = [
  {
    name: "promises-never-pause",
    planted:
      "only what handlers send pauses reading, and not what a promise sends",
    file: "src/core/read_pauses.ts",
    old: "else if (!this.#isAboveMark) this.#hasHandedOut = false;",
    new: "else return false;",
    suites: countsOf("back-pressure"),
  },
  {
    name: "waits-for-itself",
    planted: "who sends much at once reads no more, and waits for itself",
    file: "src/core/read_pauses.ts",
    old: "else if (!this.#isAboveMark) this.#hasHandedOut = false;",
    new: "this.#hasHandedOut = true;",
    suites: countsOf("back-pressure"),
  },
  {
    name: "mark-for-ever",
    planted: "reading that the queue has paused does not go on",
    file: "src/core/read_pauses.ts",
    old: "    this.#isAboveMark = false;\n    return true;",
    new: "    this.#isAboveMark = false;\n    return false;",
    suites: countsOf("a client that asks and does not read is read from"),
  },
  {
    name: "message-in-hand-counts",
    planted: "credit that a handler gives is used up by its own message",
    file: "src/io/inbound_buffer.ts",
    old: "this.#isFree = this.#isDispatching;",
    new: "this.#isFree = false;",
    suites: CREDIT,
  },
  {
    name: "part-is-free",
    planted:
      "a message whose handler has asked before it was whole is for free",
    file: "src/io/inbound_buffer.ts",
    old: "    this.#isFree = false;\n    if (clearCount",
    new: "    if (clearCount",
    suites: CREDIT,
  },
  {
    name: "credit-replaced",
    planted: "credit does not add up",
    file: "src/io/inbound_buffer.ts",
    old: "this.#credit += messageCount;",
    new: "this.#credit = messageCount;",
    suites: CREDIT,
  },
  {
    name: "large-messages-free",
    planted: "messages that are handed out in place use up no credit",
    file: "src/io/inbound_buffer.ts",
    old:
      "        this.messagesIn++;\n        if (this.#credit !== UNCOUNTED) this.#count();\n      } else {",
    new: "        this.messagesIn++;\n      } else {",
    suites: CREDIT,
  },
  {
    name: "credit-is-no-excuse",
    planted: "a connection whose credit is spent is closed as idle",
    file: "src/core/connection.ts",
    old: "  onCreditSpent(): void {\n    this.#pause(PauseReason.User);",
    new: "  onCreditSpent(): void {\n    this.#pause(PauseReason.SendQueue);",
    suites: countsOf("who waits for credit"),
  },
  {
    name: "shared-given-back-early",
    planted: "a shared buffer goes back to the pool when the first has sent it",
    file: "src/toolkit/groups/shared_buffer.ts",
    old: "if (--this.#userCount > 0) return;",
    new: "this.#userCount--;",
    suites: SENDER,
  },
  {
    name: "shared-kept",
    planted: "a shared buffer never goes back to the pool",
    file: "src/io/send_queue.ts",
    old: "if (shared !== undefined) shared.release();",
    new: "if (shared !== undefined) return;",
    suites: SENDER,
  },
  {
    name: "shared-used-again-while-read",
    planted:
      "a shared buffer is used again that a socket, which is lost, still reads",
    file: "src/io/send_queue.ts",
    old: "else segment.shared.release(true);",
    new: "else segment.shared.release();",
    suites: SENDER,
  },
  {
    name: "own-behind-shared",
    planted: "what a connection sends itself is written over shared bytes",
    file: "src/io/send_queue.ts",
    old: "this.#addSegment(bytes, start, end, true).shared = shared;",
    new: "this.#addSegment(bytes, start, end, false).shared = shared;",
    suites: SENDER,
  },
  {
    name: "slow-closed-inside",
    planted: "a group closes a slow member inside of send",
    file: "src/toolkit/groups/reactor_group.ts",
    old: "    sender.defer(() =>\n      ctx.abort(",
    new: "    void [sender].map(() =>\n      ctx.abort(",
    suites: [{
      file: "tests/properties/groups.test.ts",
      only: "sends each member exactly what the model says",
    }],
  },
  {
    name: "skip-not-counted",
    planted: "a group does not count what it leaves out",
    file: "src/toolkit/groups/reactor_group.ts",
    old: "    this.#skippedCount++;\n",
    new: "",
    suites: [{
      file: "tests/properties/groups.test.ts",
      only: "sends each member exactly what the model says",
    }],
  },
  {
    name: "skip-told-once",
    planted: "a member's messages that are left out later are never told",
    file: "src/toolkit/groups/reactor_group.ts",
    old: "      member.skippedCount = 0;\n",
    new: "",
    suites: [{
      file: "tests/properties/groups.test.ts",
      only: "sends each member exactly what the model says",
    }],
  },
  {
    name: "wait-sends-to-some",
    planted: "a group that waits sends to those that are not slow",
    file: "src/toolkit/groups/reactor_group.ts",
    old: `if (this.#slow === "wait") this.#checkRoom(size);`,
    new: "",
    suites: [{
      file: "tests/properties/groups.test.ts",
      only: "sends each member exactly what the model says",
    }],
  },
  {
    name: "gone-stays-member",
    planted: "a connection that is gone stays a member",
    file: "src/toolkit/groups/reactor_group.ts",
    old: "      void this.#members.delete(sender),",
    new: "      void sender,",
    suites: [{
      file: "tests/properties/groups.test.ts",
      only: "sends each member exactly what the model says",
    }],
  },
  {
    name: "budget-closes-all",
    planted: "beyond maxBufferedBytes all connections are closed",
    file: "src/core/buffer_budget.ts",
    old: "if (excess <= 0 || bytesHeld === 0) return;",
    new: "if (bytesHeld === 0) return;",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "budget-closes-the-least",
    planted: "beyond maxBufferedBytes who holds the least is closed",
    file: "src/core/buffer_budget.ts",
    old: "b.bytesHeld - a.bytesHeld",
    new: "a.bytesHeld - b.bytesHeld",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "no-pressure",
    planted: "queues are as long as ever when little is left of the budget",
    file: "src/io/buffer_pool.ts",
    old: "return this.#bytesHeld > this.#limit.bytes * PRESSURE;",
    new: "return false;",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "partial-not-forgotten",
    planted:
      "the buffer of a message that a socket reads into is counted for ever",
    file: "src/io/partial_message.ts",
    old:
      "if (this.#target !== undefined) this.#pool.forget(this.room);\n    else",
    new: "if (this.#target !== undefined) void 0;\n    else",
    suites: [{ file: "tests/properties/msg_reader.test.ts" }],
  },
  {
    name: "pipe-without-back-pressure",
    planted: "a pipe reads on from who sends faster than the other end reads",
    file: "src/toolkit/pipe.ts",
    old: "ctx.pauseReading();\n        once",
    new: "once",
    suites: PIPE,
  },
  {
    name: "pipe-ends-both-halves",
    planted: "a pipe closes both ends when one has said all",
    file: "src/toolkit/pipe.ts",
    old: "to.end()",
    new: "to.close()",
    suites: PIPE,
  },
  {
    name: "pipe-cuts-off-when-stopped",
    planted: "a pipe that is stopped closes what is under way",
    file: "src/toolkit/pipe.ts",
    old: "onDrain(): void {}",
    new: "onDrain(): void {\n    this.#ctx?.close();\n  }",
    suites: PIPE,
  },
  {
    name: "pipe-reads-too-early",
    planted: "a pipe drops what comes in before its other end is open",
    file: "src/toolkit/pipe.ts",
    old: "return ctx.pauseReading();",
    new: "return;",
    suites: PIPE,
  },
  {
    name: "pipe-left-half-closed",
    planted: "a pipe leaves the other end open when the program closes one",
    file: "src/toolkit/pipe.ts",
    old: "this.#hasPeerEnded && this.other.#hasPeerEnded",
    new: "this.other.#hasPeerEnded",
    suites: PIPE,
  },
  {
    name: "pipe-opens-what-is-over",
    planted: "a pipe keeps a connection whose other end is gone already",
    file: "src/toolkit/pipe.ts",
    old: "if (this.#isOver) return ctx.abort(this.#reason);",
    new: "",
    suites: PIPE,
  },
];
