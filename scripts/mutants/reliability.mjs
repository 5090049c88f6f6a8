// @ts-check

/** The reliability suite, with as many seeds as find each of these. */
const CHAOS = [{ file: "tests/reliability/reliability.test.ts", seeds: 2000 }];

/**
 * Bugs that show when two things coincide: a pause and a full queue, a stop and
 * a connect, a close and a command.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const reliabilityMutants = [
  {
    name: "held-messages-forgotten",
    planted: "messages held back by a pause wait for the next read",
    file: "src/core/connection.ts",
    old: "if (this.reader.bytesBuffered === 0) return;",
    new: "if (this.reader.bytesBuffered >= 0) return;",
    suites: CHAOS,
  },
  {
    name: "pause-resumed-by-queue",
    planted:
      "a queue below the low-water mark resumes a reactor that has paused",
    file: "src/core/connection.ts",
    old: "    if (!this.isOpen || this.#isToPause) return;",
    new: "    if (!this.isOpen) return;",
    suites: CHAOS,
  },
  {
    name: "throw-is-ignored",
    planted: "a handler that throws does not close its connection",
    file: "src/core/reactor_context.ts",
    old: `    this.close(error);
    const { error: channel }`,
    new: "    const { error: channel }",
    suites: CHAOS,
  },
  {
    name: "abort-hides-loss",
    planted: "an abort that drops bytes is reported as a clean end",
    file: "src/core/connection.ts",
    old: "(count > 0 ? reasons.unsent(this.#socket, count) : undefined);",
    new: "undefined;",
    suites: CHAOS,
  },
  {
    name: "idle-though-it-sends",
    planted: "idleTimeoutMs ignores bytes that go out",
    file: "src/core/connection.ts",
    old: "this.#deadlines?.onSent(this.sender.bytesSent);",
    new: "",
    suites: CHAOS,
  },
  {
    name: "truncation-swallowed",
    planted: "a peer's end in the middle of a message is not reported",
    file: "src/core/connection.ts",
    old:
      "this.close(count > 0 ? truncatedMessage(this.#socket, count) : undefined);",
    new: "this.close(undefined);",
    suites: CHAOS,
  },
  {
    name: "close-in-pause-is-deaf",
    planted: "a connection closed during a pause does not see the peer's FIN",
    file: "src/core/connection.ts",
    old: `    this.#socket.resume();
    this.onSendPending();`,
    new: "    this.onSendPending();",
    suites: CHAOS,
  },
  {
    name: "pause-reads-on",
    planted: "a pause does not stop the socket, so that data piles up",
    file: "src/core/connection.ts",
    old: `    this.reader.isPaused = true;
    this.#socket.pause();`,
    new: "    this.reader.isPaused = true;",
    suites: CHAOS,
  },
  {
    name: "pause-in-resume-forgotten",
    planted:
      "a pause inside the handler of a held-back message does not stop the socket",
    file: "src/core/connection.ts",
    old:
      "if (!this.#isToPause && this.reader.untaken === 0) this.#socket.resume();",
    new: "if (this.reader.untaken === 0) this.#socket.resume();",
    suites: CHAOS,
  },
  {
    name: "connect-outlives-its-limit",
    planted:
      "a connect that has timed out goes on, and its connection stays open",
    file: "src/core/connect_attempt.ts",
    old: `    this.#giveUp();
    this.#outcome.onFailure(`,
    new: "    this.#outcome.onFailure(",
    suites: CHAOS,
  },
  {
    name: "connect-has-no-limit",
    planted: "connectTimeoutMs is ignored",
    file: "src/core/connect_attempt.ts",
    old: "if (!this.#isOver) this.#loop.arm(this.#timeout, timeoutMs);",
    new: "",
    suites: CHAOS,
  },
  {
    name: "command-to-closing",
    planted: "a closing reactor still gets commands",
    file: "src/core/reactor_context.ts",
    old: "    if (!this.isOpen) {\n      return new ConnectionClosedError(",
    new:
      "    if (!this.isOpen && this.id < 0) {\n      return new ConnectionClosedError(",
    suites: CHAOS,
  },
  {
    name: "stop-forgets-connects",
    planted: "a pending connect goes on when the runtime stops",
    file: "src/core/connector.ts",
    old: `      connecting.cancel();
      const error`,
    new: "      const error",
    suites: CHAOS,
  },
  {
    name: "connect-cancelled-too-late",
    planted:
      "a connect that has succeeded can be cancelled and completes twice",
    file: "src/core/connector.ts",
    old: "if (!this.#connecting.delete(connecting)) return false;",
    new: "this.#connecting.delete(connecting);",
    suites: CHAOS,
  },
  {
    name: "accepts-while-exhausted",
    planted: "a listener that is out of resources does not retry",
    file: "src/core/accept_retry.ts",
    old: "this.#host.loop.arm(this.#wait, delayMs);",
    new: "",
    suites: CHAOS,
  },
  {
    name: "timer-not-moved",
    planted: "a time limit that is due earlier waits for the later ones",
    file: "src/core/turn_loop.ts",
    old: "const isTooLate = earliest < this.#timerDeadline;",
    new:
      "const isTooLate = this.#timer === undefined && earliest < this.#timerDeadline;",
    suites: CHAOS,
  },
  {
    name: "calls-lost-in-turn",
    planted: "calls deferred while deferred calls run are lost",
    file: "src/core/turn_loop.ts",
    old: `    const callbacks = this.#toCall;
    this.#toCall = [];
    for (const callback of callbacks) callGuarded(callback, logThrown);`,
    new:
      `    for (const callback of this.#toCall.slice()) callGuarded(callback, logThrown);
    this.#toCall = [];`,
    suites: CHAOS,
  },
  {
    name: "cancelled-deferred-lost",
    planted: "a cancelled deferred command never completes",
    file: "src/core/command_queue.ts",
    old: `    if (!isQueued && error !== undefined) {
      this.#queue.push(command);
      isQueued = true;
    }`,
    new: "",
    suites: CHAOS,
  },
  {
    name: "deferred-early",
    planted: "deferred commands run a fraction of a millisecond early",
    file: "src/core/command_queue.ts",
    old: "this.#pending.defer(id, this.#clock.now() + delay);",
    new: "this.#pending.defer(id, Math.floor(this.#clock.now() + delay));",
    suites: CHAOS,
  },
  {
    name: "queue-cut-in-two",
    planted:
      "commands queued while others are executed overtake those that wait",
    file: "src/util/fifo.ts",
    old: "const value = this.#values[this.#head++];",
    new: `const value = this.#values.length - this.#head > 2
      ? this.#values.splice(this.#head + 1, 1)[0]
      : this.#values[this.#head++];`,
    suites: CHAOS,
  },
  {
    name: "stop-forgets-a-command",
    planted: "one of the pending commands is executed after the stop",
    file: "src/core/command_queue.ts",
    old: `for (const command of this.#pending.commands()) {
      this.withdraw`,
    new: `for (const command of [...this.#pending.commands()].slice(1)) {
      this.withdraw`,
    suites: CHAOS,
  },
  {
    name: "rest-of-partial-message-skipped",
    planted: "bytes after a message that began in an earlier read are lost",
    file: "src/io/inbound_buffer.ts",
    old: "this.context.pos -= left;",
    new: "",
    suites: CHAOS,
  },
  {
    name: "direct-write-overtakes",
    planted: "a large send overtakes queued bytes while the socket is full",
    file: "src/io/outbound_bytes.ts",
    old: "while (next < end && !this.isBlocked) {",
    new:
      "while (next < end && (!this.isBlocked || (next === start && this.queue?.size > 0))) {",
    suites: CHAOS,
  },
  {
    name: "overflow-not-told",
    planted: "the completion of a send beyond maxSendQueue is never called",
    file: "src/io/outbound_buffer.ts",
    old: "this.#await(size, completion, Infinity);",
    new: "",
    suites: CHAOS,
  },
  {
    name: "completion-before-its-bytes",
    planted: "a completion is called when the first byte of its send is out",
    file: "src/io/outbound_buffer.ts",
    old: "endPosition: number = this.sentCount + this.bytesQueued,",
    new: "endPosition: number = this.sentCount + this.bytesQueued - size + 1,",
    suites: CHAOS,
  },
  {
    name: "blocked-after-writable",
    planted: "a writable socket counts as full until the next turn that sends",
    file: "src/io/outbound_bytes.ts",
    old: "    this.isBlocked = false;\n    const { queue } = this;",
    new: "    const { queue } = this;",
    suites: CHAOS,
  },
  {
    name: "borrowed-beyond-the-bound",
    planted: "sendNoQueue may lend the socket more than maxSendQueue",
    file: "src/io/outbound_buffer.ts",
    old: "const size = Math.min(length, this.#settings.maxSendQueue);",
    new: "const size = length;",
    suites: CHAOS,
  },
  {
    name: "idle-though-it-writes",
    planted: "idleTimeoutMs ignores what sendNoQueue sends",
    file: "src/io/outbound_buffer.ts",
    old: `    this.flush();
    this.#host.onSendPending();`,
    new: "    this.flush();",
    suites: [{
      file: "tests/core/deadlines.test.ts",
      only: "by sendNoQueue, too",
    }],
  },
  {
    name: "borrowed-buffer-moved",
    planted: "a borrowed buffer returns to the pool when the queue grows",
    file: "src/io/send_queue.ts",
    old: "const isBorrowed = last === this.#head && this.bytesBorrowed > 0;",
    new: "const isBorrowed = false;",
    suites: CHAOS,
  },
  {
    name: "slice-range-forgotten",
    planted: "after a partial write of slices in place, the rest is lost",
    file: "src/io/outbound_bytes.ts",
    old: "this.append(rest, sliceEnd - next, 0, sliceEnd - next);",
    new: "",
    suites: CHAOS,
  },
  {
    name: "slice-range-of-two",
    planted: "two connections send in place from the same read at once",
    file: "src/io/read_context.ts",
    old: "this.sliceOwner !== undefined || bytes !== this.current ||",
    new: "bytes !== this.current ||",
    suites: CHAOS,
  },
  {
    name: "others-read-cleared",
    planted: "a closing connection drops the bytes that another one has read",
    file: "src/io/inbound_bytes.ts",
    old:
      "if (this.context.reader === this) this.context.pos = this.context.end;",
    new: "this.context.pos = this.context.end;",
    suites: CHAOS,
  },
];
