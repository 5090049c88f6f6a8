// @ts-check

const SIM = "tests/sim/adapter.test.ts";
const FRAMED = [{
  file: SIM,
  only: "(messages of a codec|to a codec|by a codec|reactor of messages)",
}];
const PULLED = [{ file: SIM, only: "messages (are pulled|nobody pulls)" }];
const STREAMS = [{ file: SIM, only: "as web streams" }];
const HALF_CLOSE = [{ file: SIM, only: "sim: half-close" }];

const CORE = "src/core/connection.ts";
const CONNECTION = "src/toolkit/messages/message_connection.ts";
const PULL = "src/toolkit/messages/message_pull.ts";
const WEB_STREAMS = "src/toolkit/messages/web_streams.ts";

/**
 * Bugs in what turns a codec into messages: reactors, pulled connections, web
 * streams.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const messageMutants = [
  {
    name: "end-before-queue",
    planted: "end() sends FIN before the send queue is empty",
    file: CORE,
    old: "if (this.sender.bytesQueued > 0) return;",
    new: "",
    suites: HALF_CLOSE,
  },
  {
    name: "end-truncated-in-good-order",
    planted: "after end(), a truncated message counts as a clean end",
    file: CORE,
    old: "if (hasEnded) this.#closeAtEnd();",
    new: "if (hasEnded) this.close();",
    suites: HALF_CLOSE,
  },
  {
    name: "half-encoded-message-sent",
    planted: "the encoded part of a message goes out although encoding threw",
    file: "src/toolkit/messages/send_message.ts",
    old: "out.clear();",
    new: "",
    suites: FRAMED,
  },
  {
    name: "frame-searched-again",
    planted: "every read searches a frame from its start",
    file: "src/toolkit/messages/framed.ts",
    old: "codec.frameSize(buf, 0, length, length - newBytes)",
    new: "codec.frameSize(buf, 0, length, 0)",
    suites: FRAMED,
  },
  {
    name: "frame-limit-by-luck",
    planted: "a frame beyond maxFrameSize passes if it comes in one read",
    file: "src/toolkit/messages/framed.ts",
    old: "size <= 0 || size > length || size > this.#maxFrameSize ||",
    new: "size <= 0 || size > length ||",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*is refused even if the codec forgot to check",
    }],
  },
  {
    name: "rejected-handler-ignored",
    planted: "a rejection of the promise that onMessage returns is ignored",
    file: "src/toolkit/messages/framed.ts",
    old: `typeof result === "object"`,
    new: `typeof result === "symbol"`,
    suites: FRAMED,
  },
  {
    name: "framed-shared",
    planted: "a second connection takes over the reactor of the first",
    file: "src/toolkit/messages/framed.ts",
    old: "if (this.#context !== undefined) {",
    new: "if (this.#context === null) {",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*serves one connection: another one is refused",
    }],
  },
  {
    name: "read-before-pulled",
    planted: "reading begins before a message is requested",
    file: PULL,
    old: `    this.#reading = reading;
    reading.pauseReading();`,
    new: `    this.#reading = reading;
    reading.read(1);`,
    suites: PULLED,
  },
  {
    name: "message-of-old-bytes",
    planted:
      "a buffered message is a view of a read buffer that is overwritten",
    file: "src/toolkit/messages/pulling_reactor.ts",
    old: "this.#pull.deliver(keptMessage(message));",
    new: "this.#pull.deliver(message);",
    suites: PULLED,
  },
  {
    name: "send-never-waits",
    planted: "send resolves at once although the peer does not read",
    file: CONNECTION,
    old: `      case SendOrQueueResult.InQueue:
        return this.#whenOut();`,
    new: `      case SendOrQueueResult.InQueue:
        return Promise.resolve();`,
    suites: PULLED,
  },
  {
    name: "lost-send-ends-process",
    planted: "a lost send that nobody awaits ends the process",
    file: CONNECTION,
    old: "promise.catch(() => {});",
    new: "",
    suites: PULLED,
  },
  {
    name: "left-loop-stays-open",
    planted: "leaving a loop does not close its connection",
    file: "src/toolkit/messages/message_iterator.ts",
    old: "await this.#connection.close();",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*leaving its loop by break closes it, and what",
    }],
  },
  {
    name: "two-loops",
    planted: "two loops may share the messages of a connection",
    file: CONNECTION,
    old: "this.#iterator?.isActive && !this.#pull.isOver",
    new: "this.#pull.isOver && this.#iterator?.isActive === null",
    suites: PULLED,
  },
  {
    name: "drain-looks-like-the-end",
    planted: "a loop takes the stop of its runtime for the peer's end",
    file: "src/toolkit/messages/pulling_reactor.ts",
    old: `this.#pull.refuse(now, ["loop", "once"], reason);`,
    new: "this.#pull.finish(undefined);",
    suites: PULLED,
  },
  {
    name: "error-logged-twice",
    planted: "the error that ended a connection is logged again for its server",
    file: "src/toolkit/messages/accept_messages.ts",
    old: "if (!connection.isKnown(error)) throw error;",
    new: "throw error;",
    suites: PULLED,
  },
  {
    name: "abort-waits-for-write",
    planted: "aborting a writable waits for a write that waits for the peer",
    file: WEB_STREAMS,
    old: `signal.addEventListener("abort", () => this.abort(signal.reason));`,
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*aborting its writable aborts the connection",
    }],
  },
  {
    name: "stream-reads-ahead",
    planted: "a readable reads before data is requested",
    file: WEB_STREAMS,
    old: "readableStrategy: QueuingStrategy<Received> = { highWaterMark: 0 },",
    new: "readableStrategy: QueuingStrategy<Received> = { highWaterMark: 1 },",
    suites: STREAMS,
  },
  {
    name: "cancelled-stream-stalls",
    planted: "a cancelled readable leaves incoming data unread",
    file: WEB_STREAMS,
    old: "void this.#drop();",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*cancelling its readable drops what comes in; its",
    }],
  },
  {
    name: "byob-reader-waits",
    planted: "a BYOB reader waits for ever at the end of the stream",
    file: WEB_STREAMS,
    old: "controller.byobRequest?.respond(0);",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*of bytes can be read into buffers of the",
    }],
  },
  {
    name: "waits-though-cancelled",
    planted: "a receive whose signal is already aborted still waits",
    file: "src/toolkit/messages/limited_receive.ts",
    old: "if (signal?.aborted) throw receiveCancelled(ctx, signal);",
    new: "",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*a wait that is given up",
    }],
  },
  {
    name: "refusal-of-the-bound-missed",
    planted:
      "withRefusals does not turn a frame larger than the codec allows into a message",
    file: "src/toolkit/messages/with_refusals.ts",
    old: "    checkFrameSize(size, end - start, this.maxFrameSize);\n",
    new: "",
    suites: [{ file: "tests/toolkit/with_refusals.test.ts" }],
  },
  {
    name: "refusal-read-as-message",
    planted: "withRefusals decodes a frame that the codec rejects",
    file: "src/toolkit/messages/with_refusals.ts",
    old: "this.#sizeOf(bytes, start, end, start); // refuses it once more",
    new: "",
    suites: [{ file: "tests/toolkit/with_refusals.test.ts" }],
  },
];
