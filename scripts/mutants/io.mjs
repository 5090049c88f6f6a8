// @ts-check

const READER = [{ file: "tests/properties/msg_reader.test.ts" }];
const SENDER = [{ file: "tests/properties/msg_sender.test.ts" }];

/**
 * Bugs of reading, sending, and their buffers.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const ioMutants = [
  {
    name: "lost-tail",
    planted: "the last byte of an incomplete message is lost if it is alone",
    file: "src/io/msg_reader.ts",
    old: "if (left > 0) this.#appendToTail(left);",
    new: "if (left > 1) this.#appendToTail(left);",
    suites: READER,
  },
  {
    name: "new-bytes-wrong",
    planted: "the handler is told of bytes as new that it has seen",
    file: "src/io/msg_reader.ts",
    old: "available - this.#seen,\n      this.#decodedMsgSize,",
    new: "available,\n      this.#decodedMsgSize,",
    suites: READER,
  },
  {
    name: "tail-read-from-front",
    planted:
      "a buffer that grows keeps bytes that were dropped, not those after",
    file: "src/io/msg_reader.ts",
    old: "this.#tail.set(old.subarray(this.#tailPos, this.#tailEnd));",
    new: "this.#tail.set(old.subarray(0, held));",
    suites: [{ file: "tests/msg_reader.test.ts" }],
  },
  {
    name: "min-size-zero",
    planted: "recvBufferMinSize 0 makes the reader run for ever",
    file: "src/io/msg_reader.ts",
    old: "Math.max(1, settings.recvBufferMinSize)",
    new: "settings.recvBufferMinSize",
    suites: READER,
  },
  {
    name: "no-largest-message",
    planted: "a message may be of any size",
    file: "src/io/msg_reader.ts",
    old: "if (size > this.#maxMessageSize) {",
    new: "if (size > Infinity) {",
    suites: READER,
  },
  {
    name: "tail-not-given-back",
    planted: "the buffer of a message that is complete is not given back",
    file: "src/io/msg_reader.ts",
    old: "if (this.#tail !== EMPTY) this.#pool.release(this.#tail);",
    new: "",
    suites: READER,
  },
  {
    name: "stage-shifted",
    planted: "the rest of a message is laid out over its beginning",
    file: "src/io/stage.ts",
    old: "start + held,",
    new: "start,",
    suites: READER,
  },
  {
    name: "last-completion-never",
    planted: "the completion of the last send is never called",
    file: "src/io/msg_sender.ts",
    old: "while (pending.firstEnd <= this.#bytesSent) {",
    new: "while (pending.firstEnd < this.#bytesSent) {",
    suites: SENDER,
  },
  {
    name: "completion-twice",
    planted:
      "while a connection closes, the completion of a send is called twice",
    file: "src/io/msg_sender.ts",
    old: "this.#complete(pending.take(), SENT);",
    new:
      "const completion = pending.take();\n      this.#complete(completion, SENT);\n      if (this.#closed) this.#complete(completion, SENT);",
    suites: SENDER,
  },
  {
    name: "unbounded-queue",
    planted: "what is queued already does not count against maxSendQueue",
    file: "src/io/msg_sender.ts",
    old: "if (this.#queue.size + size > this.#settings.maxSendQueue) {",
    new: "if (size > this.#settings.maxSendQueue) {",
    suites: SENDER,
  },
  {
    name: "sent-twice",
    planted: "bytes that the socket took at once are queued as well",
    file: "src/io/msg_sender.ts",
    old: "rest += this.#writeDirect(bytes, start, end);",
    new: "this.#writeDirect(bytes, start, end);",
    suites: SENDER,
  },
  {
    name: "writes-while-full",
    planted: "a write that was taken in part does not count as a full socket",
    file: "src/io/msg_sender.ts",
    old:
      "this.#isBlocked = taken < end - start;\n        this.#dropSent(taken);",
    new: "this.#isBlocked = taken === 0;\n        this.#dropSent(taken);",
    suites: SENDER,
  },
  {
    name: "lends-the-users-bytes",
    planted: "a socket borrows the user's own buffer",
    file: "src/io/msg_sender.ts",
    old: "if (size >= DIRECT_SIZE && !this.#borrowsWrites) {",
    new: "if (size >= DIRECT_SIZE) {",
    suites: SENDER,
  },
  {
    name: "borrowed-buffer-reused",
    planted:
      "a buffer that the socket has borrowed is used again after a close",
    file: "src/io/send_queue.ts",
    old:
      "if (this.#head !== null && this.#countLent > 0) this.#head.bytes = EMPTY;",
    new: "",
    suites: SENDER,
  },
  {
    name: "run-without-gap",
    planted: "slices of a message are sent as one though they are not adjacent",
    file: "src/io/send_queue.ts",
    old: "stage.start + start !== this.#runEnd ||",
    new: "",
    suites: SENDER,
  },
  {
    name: "stage-not-taken-back",
    planted: "bytes to be sent are overwritten by the next read",
    file: "src/io/stage.ts",
    old: "if (this.#borrower !== undefined) this.#takeBack();",
    new: "",
    suites: SENDER,
  },
  {
    name: "text-cut-short",
    planted: "the room for a text is its length, not that of its bytes",
    file: "src/io/auto_send_buffer.ts",
    old: "this.#reserve(data.length * MAX_UTF8_BYTES_PER_UNIT);",
    new: "this.#reserve(data.length);",
    suites: [{ file: "tests/properties/auto_send_buffer.test.ts" }],
  },
  {
    name: "buffers-never-shrink",
    planted: "buffers of any number are kept for later",
    file: "src/io/buffer_pool.ts",
    old: "if (this.#bytesKept + length > MOST_KEPT) return;",
    new: "",
    suites: [{ file: "tests/properties/buffer_pool.test.ts" }],
  },
];
