// @ts-check

const READER = [{ file: "tests/properties/msg_reader.test.ts" }];
const READER_UNIT = [{ file: "tests/io/msg_reader.test.ts" }];
const SIZE = [{ file: "tests/properties/max_message_size.test.ts" }];
const SENDER = [{ file: "tests/properties/msg_sender.test.ts" }];
const SENDER_UNIT = [{ file: "tests/io/msg_sender.test.ts" }];
const GIVEN = [{ file: "tests/io/given_reads.test.ts" }];
const SLICE = [{ file: "tests/io/send_slice.test.ts" }];
const WRITER = [{ file: "tests/properties/auto_send_buffer.test.ts" }];

/**
 * Bugs of reading, sending, and their buffers.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const ioMutants = [
  {
    name: "partial-message-lost",
    planted: "the last byte of an incomplete message is lost if it is alone",
    file: "src/io/inbound_bytes.ts",
    old: "if (left > 0) this.appendToPartial(left);",
    new: "if (left > 1) this.appendToPartial(left);",
    suites: READER,
  },
  {
    name: "shared-buffer-given-away",
    planted:
      "a handler is given the buffer that all sockets of an adapter read into, if a read has filled it",
    file: "src/io/read_context.ts",
    old: "!this.#isGiven && available < LEAST_SHARED &&",
    new: "!this.#isGiven &&",
    suites: READER_UNIT,
  },
  {
    name: "new-bytes-wrong",
    planted: "the handler is told of bytes as new that it has seen",
    file: "src/io/inbound_buffer.ts",
    old: "available - this.#seen,\n        this.decodedMsgSize,",
    new: "available,\n        this.decodedMsgSize,",
    suites: READER,
  },
  {
    name: "partial-message-read-from-front",
    planted:
      "a buffer that grows keeps bytes that were dropped, not those after",
    file: "src/io/partial_message.ts",
    old: "this.bytes.set(bytes.subarray(pos, end));",
    new: "this.bytes.set(bytes.subarray(0, size));",
    suites: READER_UNIT,
  },
  {
    name: "min-size-zero",
    planted: "recvBufferMinSize 0 makes the reader run for ever",
    file: "src/io/inbound_bytes.ts",
    old: "Math.max(1, settings.recvBufferMinSize)",
    new: "settings.recvBufferMinSize",
    suites: [{
      file: "tests/io/msg_reader.test.ts",
      only: "recvBufferMinSize of 0",
    }],
  },
  {
    name: "no-largest-message",
    planted: "a message may be of any size",
    file: "src/io/message_size.ts",
    old: "if (expected > maxMessageSize || isEndless) {",
    new: "if (expected > Infinity) {",
    suites: READER,
  },
  {
    name: "largest-message-by-luck",
    planted:
      "a message that is too large is handed out if it came in a single read",
    file: "src/io/inbound_buffer.ts",
    old: "Math.min(limit - context.pos, this.maxMessageSize)",
    new: "limit - context.pos",
    suites: SIZE,
  },
  {
    name: "largest-message-cached",
    planted:
      "a message that is too large is handed out if it fits where reads are laid out",
    file: "src/io/inbound_buffer.ts",
    old: "Math.min(SMALL_CACHE_SIZE, settings.maxMessageSize)",
    new: "SMALL_CACHE_SIZE",
    suites: SIZE,
  },
  {
    name: "largest-message-kept",
    planted:
      "a message that is too large is handed out if most of it was kept from earlier reads",
    file: "src/io/inbound_buffer.ts",
    old:
      "Math.min(\n      limit - this.context.pos,\n      this.maxMessageSize - held,\n    )",
    new: "limit - this.context.pos",
    suites: SIZE,
  },
  {
    name: "kept-looked-at-whole",
    planted:
      "tryReadFastDispatch looks at all that was kept from earlier reads at once",
    file: "src/io/inbound_buffer.ts",
    old: "this.context.pos - this.held + this.#seen",
    new: "this.context.pos",
    suites: READER,
  },
  {
    name: "blind-growth",
    planted:
      "the buffer of a message of unknown size has room for eight times what is there",
    file: "src/io/partial_message.ts",
    old: "const BLIND_GROWTH = 2;",
    new: "const BLIND_GROWTH = 8;",
    suites: READER_UNIT,
  },
  {
    name: "growth-unbounded",
    planted: "the buffer of a message grows past maxMessageSize",
    file: "src/io/partial_message.ts",
    old: "msgSize || this.#maxMessageSize",
    new: "msgSize || Infinity",
    suites: READER_UNIT,
  },
  {
    name: "partial-message-not-given-back",
    planted: "the buffer of a message that is complete is not given back",
    file: "src/io/partial_message.ts",
    old:
      "else if (this.bytes !== EMPTY) this.#pool.release(this.bytes, this.room);",
    new: "",
    suites: READER,
  },
  {
    name: "view-cache-shifted",
    planted: "the rest of a message is laid out over its beginning",
    file: "src/io/read_context.ts",
    old: "start + held,",
    new: "start,",
    suites: READER,
  },
  {
    name: "last-completion-never",
    planted: "the completion of the last send is never called",
    file: "src/io/outbound_buffer.ts",
    old: "while (pending.firstEnd <= this.sentCount)",
    new: "while (pending.firstEnd < this.sentCount)",
    suites: SENDER,
  },
  {
    name: "completion-twice",
    planted: "the completion of a send is called twice",
    file: "src/io/pending_sends.ts",
    old: "completeSend(this.#take(), SENT, this.#host);",
    new:
      "const completion = this.#take();\n    completeSend(completion, SENT, this.#host);\n    completeSend(completion, SENT, this.#host);",
    suites: SENDER,
  },
  {
    name: "unbounded-queue",
    planted: "what is queued already does not count against maxSendQueue",
    file: "src/io/outbound_buffer.ts",
    old: "return bytesQueued + size > this.#settings.maxSendQueue",
    new: "return size > this.#settings.maxSendQueue",
    suites: SENDER,
  },
  {
    name: "sent-twice",
    planted: "bytes that the socket took at once are queued as well",
    file: "src/io/outbound_buffer.ts",
    old: "return start + this.writeDirect(bytes, start, end);",
    new: "return start + 0 * this.writeDirect(bytes, start, end);",
    suites: SENDER,
  },
  {
    name: "writes-while-full",
    planted: "a write that was taken in part does not count as a full socket",
    file: "src/io/outbound_bytes.ts",
    old: "taken === BORROWED || taken < end - start;",
    new: "taken === BORROWED || taken === 0;",
    suites: SENDER,
  },
  {
    name: "borrows-the-users-bytes",
    planted: "a socket borrows the user's own buffer",
    file: "src/io/outbound_buffer.ts",
    old: "end - start < DIRECT_WRITE_SIZE || this.borrowsWrites",
    new: "end - start < DIRECT_WRITE_SIZE",
    suites: SENDER,
  },
  {
    name: "borrowed-buffer-reused",
    planted:
      "a buffer that the socket has borrowed is used again after a close",
    file: "src/io/send_queue.ts",
    old:
      "if (this.head !== null && this.bytesBorrowed > 0) this.#leave(this.head);",
    new: "",
    suites: SENDER,
  },
  {
    name: "slice-range-with-gap",
    planted: "slices of a message are sent as one though they are not adjacent",
    file: "src/io/read_context.ts",
    old: "start !== this.sliceEnd - this.start || !Number.isInteger(end)",
    new: "!Number.isInteger(end)",
    suites: SENDER,
  },
  {
    name: "slice-range-overwritten",
    planted: "bytes to be sent are overwritten by the next read",
    file: "src/io/read_context.ts",
    old: "this.sliceOwner?.copySlice();\n    const isSmall",
    new: "const isSmall",
    suites: SENDER,
  },
  {
    name: "read-target-given-back",
    planted:
      "a buffer that a socket reads into is given back to the pool by a clear",
    file: "src/io/partial_message.ts",
    old: "if (this.#target !== undefined) this.#pool.forget(this.room);",
    new: "if (this.bytes === EMPTY) return;",
    suites: READER,
  },
  {
    name: "read-target-as-chunk",
    planted: "what was read into its place in a message is taken for a read",
    file: "src/io/partial_message.ts",
    old: "if (buffer !== this.#target) return false;",
    new: "if (buffer.length > 0) return false;",
    suites: READER,
  },
  {
    name: "announced-is-taken",
    planted: "to announce a size takes as much memory",
    file: "src/io/partial_message.ts",
    old: "Math.min(wanted, msgSize || this.#maxMessageSize)",
    new: "msgSize || wanted",
    suites: READER,
  },
  {
    name: "announced-is-given",
    planted: "a size alone has a socket read into the buffer of a message",
    file: "src/io/partial_message.ts",
    old:
      "if (Math.min(missing, GROWTH * this.size) < DIRECT_READ_SIZE) {\n      return undefined;\n    }",
    new: "if (missing < DIRECT_READ_SIZE) return undefined;",
    suites: GIVEN,
  },
  {
    name: "read-beyond-message",
    planted: "a socket that reads into a message reads beyond its end",
    file: "src/io/partial_message.ts",
    old: "this.bytes.subarray(this.end, this.end + missing)",
    new: "this.bytes.subarray(this.end)",
    suites: READER,
  },
  {
    name: "in-place-for-ever",
    planted: "a read still counts as being dealt with when it is not",
    file: "src/io/in_place.ts",
    old: "this.buffer = this.view = this.#owner = undefined;",
    new: "",
    suites: SENDER,
  },
  {
    name: "given-away-and-kept",
    planted: "a buffer that a sender has taken over is read into again",
    file: "src/io/read_buffer.ts",
    old: "this.#bytes = EMPTY;\n    return true;",
    new: "return true;",
    suites: SENDER,
  },
  {
    name: "adopted-before-slice-range",
    planted: "a buffer taken over is sent before what was queued in place",
    file: "src/io/outbound_bytes.ts",
    old: "return this.queueAfterSlice().adopt(bytes, start, end);",
    new:
      "return (this.queue ??= new SendQueue(this.pool)).adopt(bytes, start, end);",
    suites: SLICE,
  },
  {
    name: "adopted-written-to",
    planted: "what is sent next is copied behind, where messages still lie",
    file: "src/io/send_queue.ts",
    old: "if (last === null || last.isAdopted) return undefined;",
    new: "if (last === null) return undefined;",
    suites: SENDER,
  },
  {
    name: "adopted-without-gap",
    planted:
      "slices of a buffer taken over are sent as one though there is a gap",
    file: "src/io/send_queue.ts",
    old: "this.#end === at && !last?.isSealed",
    new: "!last?.isSealed",
    suites: SENDER,
  },
  {
    name: "adopted-given-back-early",
    planted:
      "a buffer that was taken over and is sent is used again while its messages are handed out",
    file: "src/io/in_place.ts",
    old: "if (buffer !== this.buffer) return false;",
    new: "if (buffer.length > 0) return false;",
    suites: SENDER,
  },
  {
    name: "adopted-gone-behind",
    planted:
      "what was transferred away is written if it is not the first in the queue",
    file: "src/io/outbound_bytes.ts",
    old: "if (bytes.length === 0) return this.onGone(GONE);",
    new:
      "if (bytes.length === 0 && this.sentCount === 0) return this.onGone(GONE);",
    suites: SLICE,
  },
  {
    name: "slice-after-close",
    planted: "a slice after a close is sent",
    file: "src/io/outbound_buffer.ts",
    old: "const isNext = !this.#closed && !this.isBlocked &&",
    new: "const isNext = !this.isBlocked &&",
    suites: SLICE,
  },
  {
    name: "slice-range-open-after-close",
    planted: "a slice after a close is sent if it extends a slice range",
    file: "src/io/outbound_buffer.ts",
    old:
      "if (this.context.sliceOwner === this) this.copySlice();\n    this.queue?.close();",
    new: "this.queue?.close();",
    suites: SLICE,
  },
  {
    name: "whole-read-forgotten",
    planted:
      "what is sent of a read that was not laid out is lost when that is over",
    file: "src/io/read_context.ts",
    old: "if (this.sliceOwner !== flushing) this.sliceOwner?.copySlice();",
    new: "",
    suites: SENDER,
  },
  {
    name: "numbers-for-bytes",
    planted: "a view of larger numbers is sent as one byte for each",
    file: "src/api/bytes.ts",
    old: "return bytesOf(view) ?? EMPTY;",
    new: "return view as Uint8Array;",
    suites: [{
      file: "tests/io/send_bytes.test.ts",
      only: "may be any view by sendOrQueue: its bytes go",
    }],
  },
  {
    name: "anything-is-bytes",
    planted: "values that are not views are not refused",
    file: "src/api/bytes.ts",
    old: "if (!ArrayBuffer.isView(view)) {",
    new: "if (view === undefined) {",
    suites: [{
      file: "tests/io/send_bytes.test.ts",
      only: "is refused by sendOrQueue with",
    }],
  },
  {
    name: "length-believed",
    planted: "as many bytes are sent as a view says that it has",
    file: "src/util/views.ts",
    old: "bytes[length - 1] !== undefined",
    new: "length >= 0",
    suites: [{
      file: "tests/io/send_bytes.test.ts",
      only: "is by sendOrQueue what a view has, whatever",
    }],
  },
  {
    name: "short-length-believed",
    planted: "of a view that says that it has few bytes, only these are sent",
    file: "src/util/views.ts",
    old: " && bytes[length] === undefined",
    new: "",
    suites: [{
      file: "tests/io/send_bytes.test.ts",
      only: "is by sendOrQueue what a view has, whatever",
    }],
  },
  {
    name: "slice-moved-too-far",
    planted: "a slice that is copied whole is not cut at its start",
    file: "src/io/send_queue.ts",
    old:
      "if (isCheap && start > 0) target.copyWithin(at, at + start, at + end);",
    new: "",
    suites: SLICE,
  },
  {
    name: "slice-range-beyond-message",
    planted:
      "a slice may go on behind the message, into what lies there in the buffer of the read",
    file: "src/io/read_context.ts",
    old: " || newEnd > this.#currentEnd",
    new: "",
    suites: SLICE,
  },
  {
    name: "given-read-believed",
    planted:
      "a read that a handler was given itself is asked what the handler has put on it",
    file: "src/io/read_context.ts",
    old: "    this.#isGiven = true;",
    new: "",
    suites: READER_UNIT,
  },
  {
    name: "lost-by-a-throw",
    planted:
      "a message whose buffer was transferred away is kept if the handler throws",
    file: "src/io/inbound_buffer.ts",
    old: "if (isLost) this.clear();",
    new: "",
    suites: READER_UNIT,
  },
  {
    name: "told-though-not-queued",
    planted: "a completion waits for bytes that could not be queued",
    file: "src/io/outbound_buffer.ts",
    old:
      "    const rest = this.#offer(bytes, start, end);\n    if (rest < end && !(isInPlace",
    new:
      "    if (completion !== undefined) {\n      this.#await(this.sentCount + bytesQueued + size, size, completion);\n    }\n    const rest = this.#offer(bytes, start, end);\n    if (rest < end && !(isInPlace",
    suites: [{
      file: "tests/io/send_bytes.test.ts",
      only: "of a length that overflows the queue is refused",
    }],
  },
  {
    name: "text-cut-short",
    planted: "the room for a text is its length, not that of its bytes",
    file: "src/io/message_writer.ts",
    old: "const most = length * MAX_BYTES_PER_UNIT;",
    new: "const most = length;",
    suites: [{ file: "tests/properties/auto_send_buffer.test.ts" }],
  },
  {
    name: "buffers-never-shrink",
    planted: "buffers of any number are kept for later",
    file: "src/io/buffer_pool.ts",
    old: "if (this.#bytesKept + length > POOL_SIZE) return;",
    new: "",
    suites: [{ file: "tests/properties/buffer_pool.test.ts" }],
  },
  {
    name: "direct-write-of-any-size",
    planted: "what is sent goes out in one write, however large it is",
    file: "src/io/outbound_bytes.ts",
    old: "const size = Math.min(end - next, this.#writeSize);",
    new: "const size = end - next;",
    suites: [{
      file: "tests/sim/greedy_system.test.ts",
      only: "beyond maxSendQueue aborts the connection with",
    }],
  },
  {
    name: "queue-in-one-write",
    planted: "what is queued together goes out in one write",
    file: "src/io/outbound_bytes.ts",
    old: "const end = Math.min(head.end, start + this.#writeSize);",
    new: "const { end } = head;",
    suites: SENDER,
  },
  {
    name: "full-taken-for-counting",
    planted:
      "a socket that takes nothing, or borrows, is given as much at once as one that counts",
    file: "src/io/outbound_bytes.ts",
    old: "if (this.isBlocked && taken > 0 && !this.borrowsWrites) {",
    new: "if (this.isBlocked) {",
    suites: SENDER,
  },
  {
    name: "small-writes-for-ever",
    planted: "a socket that counts is written to in pieces all the same",
    file: "src/io/outbound_bytes.ts",
    old: "this.#writeSize = COUNTED_WRITE_SIZE;",
    new: "",
    suites: SENDER_UNIT,
  },
  {
    name: "gathered-after-close",
    planted: "bytes are queued after a close if others are still queued",
    file: "src/io/send_queue.ts",
    old: "last.isAdopted || this.#isClosed",
    new: "last.isAdopted",
    suites: SENDER,
  },
  {
    name: "gathered-without-bound",
    planted: "bytes that are gathered do not count against maxSendQueue",
    file: "src/io/send_queue.ts",
    old: "Math.min(this.#bytes.length, this.#shortSize - 1 - this.#more)",
    new: "this.#bytes.length",
    suites: SENDER,
  },
  {
    name: "gathered-over-adopted",
    planted: "bytes are gathered where messages still lie",
    file: "src/io/send_queue.ts",
    old: "last === null || last.isAdopted || this.#isClosed",
    new: "last === null || this.#isClosed",
    suites: SENDER,
  },
  {
    name: "written-overtaken",
    planted: "what is sent while a message is written overwrites it",
    file: "src/io/send_queue.ts",
    old: "this.#writer === undefined ? this.#reach : NOWHERE",
    new: "this.#reach",
    suites: WRITER,
  },
  {
    name: "written-given-back",
    planted:
      "a message that is being written lies in a buffer that was given back",
    file: "src/io/send_queue.ts",
    old: "this.#evictWriter();\n      this.#last = null;",
    new: "this.#last = null;",
    suites: WRITER,
  },
  {
    name: "written-shown-and-joined",
    planted:
      "what is queued joins a buffer that a user has, and may transfer away",
    file: "src/io/send_queue.ts",
    old: "this.#addSegment(bytes, start, start, writer.isShown);",
    new: "this.#addSegment(bytes, start, start, false);",
    suites: [{ file: "tests/io/send_bytes.test.ts" }],
  },
  {
    name: "part-of-another-size",
    planted: "a part of a message is sent with as many bytes as one before it",
    file: "src/io/read_context.ts",
    old: "sizeOf(part) === size",
    new: "sizeOf(part) > 0",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "part-that-lies",
    planted: "a view that a handler was given is believed what it says",
    file: "src/io/read_context.ts",
    old: "sizeOf(part) === size",
    new: "part.length === size",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "view-made-anew",
    planted: "a codec makes a view for each message",
    file: "src/codec/frames.ts",
    old: "knownPart(bytes, start, end) ?? newView",
    new: "newView",
    suites: [{ file: "tests/codec/message_codec.test.ts" }],
  },
  {
    name: "written-left-behind",
    planted:
      "a queue that moves to a larger buffer leaves what is being written behind",
    file: "src/io/send_queue.ts",
    old: "this.#end + written",
    new: "this.#end",
    suites: WRITER,
  },
  {
    name: "written-beyond-bound",
    planted: "more is written than can ever be sent",
    file: "src/io/message_writer.ts",
    old: "if (size > this.#maxSize) {",
    new: "if (size > Infinity) {",
    suites: WRITER,
  },
  {
    name: "written-shown-in-queue",
    planted: "who changes what is written changes what others have sent",
    file: "src/io/message_writer.ts",
    old: "if (this.#isInTail) this.#host.detach(this);",
    new: "",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "taken-back-too-much",
    planted: "to take back what was written last takes all of it back",
    file: "src/io/message_writer.ts",
    old: "else this.#end = this.start + size;",
    new: "else this.#end = this.start;",
    suites: WRITER,
  },
  {
    name: "littleness-ignored",
    planted: "numbers are written big-endian, whatever is asked for",
    file: "src/io/message_writer.ts",
    old: "this.#view.setUint32(at, bits, littleEndian);",
    new: "this.#view.setUint32(at, bits);",
    suites: WRITER,
  },
  {
    name: "littleness-ignored-before-sending",
    planted:
      "numbers are written big-endian, whatever is asked for, where they are not sent at once",
    file: "src/util/write_numbers.ts",
    old: "if (littleEndian) return",
    new: "if (littleEndian === undefined) return",
    suites: [{ file: "tests/codec/binary_writer.test.ts" }],
  },
  {
    name: "part-of-another-start",
    planted:
      "of a part of the message in hand that is sent, what comes before it is",
    file: "src/io/read_context.ts",
    old: "this.source.length - this.start - start)",
    new: "this.source.length - this.start)",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
];
