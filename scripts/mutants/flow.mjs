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
 * Bugs in pauses, credit, groups, pipes, and the limit on all buffers together.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const flowMutants = [
  {
    name: "promises-never-pause",
    planted:
      "only sends inside handlers pause reading, not sends from promises",
    file: "src/core/read_pauses.ts",
    old: "else if (!this.#isAboveMark) this.#hasHandedOut = false;",
    new: "else return false;",
    suites: countsOf("back-pressure"),
  },
  {
    name: "waits-for-itself",
    planted: "a connection that sends a lot stops reading and waits for itself",
    file: "src/core/read_pauses.ts",
    old: "else if (!this.#isAboveMark) this.#hasHandedOut = false;",
    new: "this.#hasHandedOut = true;",
    suites: countsOf("back-pressure"),
  },
  {
    name: "mark-for-ever",
    planted: "reading paused by a full queue does not resume",
    file: "src/core/read_pauses.ts",
    old: "    this.#isAboveMark = false;\n    return true;",
    new: "    this.#isAboveMark = false;\n    return false;",
    suites: countsOf("a client that sends requests without reading is no"),
  },
  {
    name: "message-in-hand-counts",
    planted:
      "credit granted inside a handler is used up by the current message",
    file: "src/io/inbound_buffer.ts",
    old: "this.#isFree = this.#isDispatching;",
    new: "this.#isFree = false;",
    suites: CREDIT,
  },
  {
    name: "part-is-free",
    planted:
      "a message whose handler grants credit before it is complete costs no credit",
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
    planted: "messages delivered in place use no credit",
    file: "src/io/inbound_buffer.ts",
    old:
      "        if (this.#credit !== UNCOUNTED) this.#count();\n        if (++this.messagesIn",
    new: "        if (++this.messagesIn",
    suites: CREDIT,
  },
  {
    name: "credit-is-no-excuse",
    planted: "a connection that has used up its credit is closed as idle",
    file: "src/core/connection.ts",
    old: "  onCreditSpent(): void {\n    this.#pause(PauseReason.User);",
    new: "  onCreditSpent(): void {\n    this.#pause(PauseReason.SendQueue);",
    suites: countsOf("who waits for credit"),
  },
  {
    name: "shared-given-back-early",
    planted:
      "a shared buffer returns to the pool when the first connection has sent it",
    file: "src/toolkit/groups/shared_buffer.ts",
    old: "if (--this.#userCount > 0) return;",
    new: "this.#userCount--;",
    suites: SENDER,
  },
  {
    name: "shared-kept",
    planted: "a shared buffer never returns to the pool",
    file: "src/io/send_queue.ts",
    old: "if (shared !== undefined) shared.release();",
    new: "if (shared !== undefined) return;",
    suites: SENDER,
  },
  {
    name: "shared-used-again-while-read",
    planted: "a shared buffer is reused while a lost socket still reads it",
    file: "src/io/send_queue.ts",
    old: "else segment.shared.release(true);",
    new: "else segment.shared.release();",
    suites: SENDER,
  },
  {
    name: "own-behind-shared",
    planted: "a connection's own bytes are written over shared ones",
    file: "src/io/send_queue.ts",
    old: "this.#addSegment(bytes, start, end, true).shared = shared;",
    new: "this.#addSegment(bytes, start, end, false).shared = shared;",
    suites: SENDER,
  },
  {
    name: "slow-closed-inside",
    planted: "a group closes a slow member inside send",
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
    planted: "a group does not count the messages it skips",
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
    planted: "a member's messages skipped later are never reported",
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
    planted: "a group in wait mode sends to the members that are not slow",
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
    planted: "a closed connection stays a member",
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
    planted: "exceeding maxBufferedBytes closes all connections",
    file: "src/core/buffer_budget.ts",
    old: "if (excess <= 0 || bytesHeld === 0) return;",
    new: "if (bytesHeld === 0) return;",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "budget-closes-the-least",
    planted:
      "exceeding maxBufferedBytes closes the connection that buffers the least",
    file: "src/core/buffer_budget.ts",
    old: "b.bytesHeld - a.bytesHeld",
    new: "a.bytesHeld - b.bytesHeld",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "no-pressure",
    planted: "queues keep their full limit when the budget is nearly used up",
    file: "src/io/buffer_pool.ts",
    old: "return this.#bytesHeld > this.#limit.bytes * BUFFER_PRESSURE;",
    new: "return false;",
    suites: countsOf("maxBufferedBytes"),
  },
  {
    name: "partial-not-forgotten",
    planted:
      "the buffer of a message that a socket reads into counts towards the budget for ever",
    file: "src/io/partial_message.ts",
    old:
      "if (this.#target !== undefined) this.#pool.forget(this.room);\n    else",
    new: "if (this.#target !== undefined) void 0;\n    else",
    suites: [{ file: "tests/properties/msg_reader.test.ts" }],
  },
  {
    name: "pipe-without-back-pressure",
    planted: "a pipe keeps reading although the other end reads more slowly",
    file: "src/toolkit/pipe.ts",
    old: "ctx.pauseReading();\n        once",
    new: "once",
    suites: PIPE,
  },
  {
    name: "pipe-ends-both-halves",
    planted: "a pipe closes both directions when one end has sent FIN",
    file: "src/toolkit/pipe.ts",
    old: "to.end()",
    new: "to.close()",
    suites: PIPE,
  },
  {
    name: "pipe-cuts-off-when-stopped",
    planted: "draining closes a pipe that is still in use",
    file: "src/toolkit/pipe.ts",
    old: "onDrain(): void {}",
    new: "onDrain(): void {\n    this.#ctx?.close();\n  }",
    suites: PIPE,
  },
  {
    name: "pipe-reads-too-early",
    planted: "a pipe drops bytes that arrive before its other end is open",
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
    planted: "a pipe keeps a connection whose other end is already gone",
    file: "src/toolkit/pipe.ts",
    old: "if (this.#isOver) return ctx.abort(this.#reason);",
    new: "",
    suites: PIPE,
  },
];
