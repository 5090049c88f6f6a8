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
 * Bugs in reading, sending, and their buffers.
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
      "a handler is given the read buffer shared by all sockets of an adapter if a read fills it",
    file: "src/io/read_context.ts",
    old: "!this.#isGiven && available < LEAST_SHARED &&",
    new: "!this.#isGiven &&",
    suites: READER_UNIT,
  },
  {
    name: "new-bytes-wrong",
    planted: "bytes the handler has already seen are reported as new",
    file: "src/io/inbound_buffer.ts",
    old: "available - this.#seen,\n        this.decodedMsgSize,",
    new: "available,\n        this.decodedMsgSize,",
    suites: READER,
  },
  {
    name: "partial-message-read-from-front",
    planted:
      "a buffer that grows copies bytes already dropped instead of those after them",
    file: "src/io/partial_message.ts",
    old: "this.bytes.set(bytes.subarray(pos, end));",
    new: "this.bytes.set(bytes.subarray(0, size));",
    suites: READER_UNIT,
  },
  {
    name: "min-size-zero",
    planted: "recvBufferMinSize 0 makes the reader loop for ever",
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
      "a message that is too large is delivered if it came in a single read",
    file: "src/io/inbound_buffer.ts",
    old: "Math.min(limit - context.pos, this.maxMessageSize)",
    new: "limit - context.pos",
    suites: SIZE,
  },
  {
    name: "largest-message-cached",
    planted:
      "a message that is too large is delivered if it fits the cached views",
    file: "src/io/inbound_buffer.ts",
    old: "Math.min(SMALL_CACHE_SIZE, settings.maxMessageSize)",
    new: "SMALL_CACHE_SIZE",
    suites: SIZE,
  },
  {
    name: "largest-message-kept",
    planted:
      "a message that is too large is delivered if most of it was buffered by earlier reads",
    file: "src/io/inbound_buffer.ts",
    old:
      "Math.min(\n      limit - this.context.pos,\n      this.maxMessageSize - held,\n    )",
    new: "limit - this.context.pos",
    suites: SIZE,
  },
  {
    name: "kept-looked-at-whole",
    planted:
      "tryReadFastDispatch is shown all bytes buffered by earlier reads at once",
    file: "src/io/inbound_buffer.ts",
    old: "this.context.pos - this.held + this.#seen",
    new: "this.context.pos",
    suites: READER,
  },
  {
    name: "blind-growth",
    planted:
      "the buffer of a message of unknown size grows to eight times the bytes received",
    file: "src/tuning.ts",
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
    planted: "the buffer of a complete message is not returned to the pool",
    file: "src/io/partial_message.ts",
    old:
      "else if (this.bytes !== EMPTY) this.#pool.release(this.bytes, this.room);",
    new: "",
    suites: READER,
  },
  {
    name: "view-cache-shifted",
    planted: "the rest of a message is exposed at the offset of its beginning",
    file: "src/io/read_context.ts",
    old: "start + held,",
    new: "start,",
    suites: READER,
  },
  {
    name: "last-completion-never",
    planted: "the completion of the last send is never called",
    file: "src/io/pending_sends.ts",
    old: "?? Infinity) <= progress",
    new: "?? Infinity) < progress",
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
    planted: "bytes already queued do not count towards maxSendQueue",
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
    planted: "a partial write does not mark the socket as full",
    file: "src/io/outbound_bytes.ts",
    old: "taken === BORROWED || taken < end - start;",
    new: "taken === BORROWED || taken === 0;",
    suites: SENDER,
  },
  {
    name: "borrows-the-users-bytes",
    planted: "a socket borrows the caller's own buffer",
    file: "src/io/outbound_buffer.ts",
    old: "end - start < DIRECT_WRITE_SIZE || this.borrowsWrites",
    new: "end - start < DIRECT_WRITE_SIZE",
    suites: SENDER,
  },
  {
    name: "borrowed-buffer-reused",
    planted: "a buffer that the socket has borrowed is reused after a close",
    file: "src/io/send_queue.ts",
    old:
      "if (this.head !== null && this.bytesBorrowed > 0) this.#leave(this.head);",
    new: "",
    suites: SENDER,
  },
  {
    name: "slice-range-with-gap",
    planted:
      "slices of a message are merged into one send though they are not adjacent",
    file: "src/io/read_context.ts",
    old: "start !== this.sliceEnd - this.start || !Number.isInteger(end)",
    new: "!Number.isInteger(end)",
    suites: SENDER,
  },
  {
    name: "slice-range-overwritten",
    planted: "bytes to be sent are overwritten by the next read",
    file: "src/io/read_context.ts",
    old: "this.sliceOwner?.copySlice();\n    if (count",
    new: "if (count",
    suites: SENDER,
  },
  {
    name: "view-cache-made-anew",
    planted: "the views of a runtime are created anew after each large read",
    file: "src/io/read_context.ts",
    old: "cache === undefined || cache.bytes.length < count",
    new: "cache === undefined || cache.bytes.length < Infinity",
    suites: READER_UNIT,
  },
  {
    name: "read-target-given-back",
    planted:
      "a clear returns to the pool a buffer that a socket is reading into",
    file: "src/io/partial_message.ts",
    old: "if (this.#target !== undefined) this.#pool.forget(this.room);",
    new: "if (this.bytes === EMPTY) return;",
    suites: READER,
  },
  {
    name: "read-target-as-chunk",
    planted:
      "bytes read directly into a message's buffer are handled as an ordinary read",
    file: "src/io/partial_message.ts",
    old: "if (buffer !== this.#target) return false;",
    new: "if (buffer.length > 0) return false;",
    suites: READER,
  },
  {
    name: "announced-is-taken",
    planted: "announcing a message size is enough to allocate that much memory",
    file: "src/io/partial_message.ts",
    old: "Math.min(wanted, msgSize || this.#maxMessageSize)",
    new: "msgSize || wanted",
    suites: READER,
  },
  {
    name: "announced-is-given",
    planted:
      "announcing a message size is enough to make the socket read directly into its buffer",
    file: "src/io/partial_message.ts",
    old:
      "if (Math.min(missing, KNOWN_GROWTH * this.size) < DIRECT_READ_SIZE) {\n      return undefined;\n    }",
    new: "if (missing < DIRECT_READ_SIZE) return undefined;",
    suites: GIVEN,
  },
  {
    name: "read-beyond-message",
    planted:
      "a direct read into a message's buffer goes past the end of the message",
    file: "src/io/partial_message.ts",
    old: "this.bytes.subarray(this.end, this.end + missing)",
    new: "this.bytes.subarray(this.end)",
    suites: READER,
  },
  {
    name: "in-place-for-ever",
    planted: "a read still counts as in progress after it has been handled",
    file: "src/io/in_place.ts",
    old: "this.buffer = this.view = this.#owner = undefined;",
    new: "",
    suites: SENDER,
  },
  {
    name: "given-away-and-kept",
    planted: "a buffer that a sender has adopted is read into again",
    file: "src/io/read_buffer.ts",
    old: "this.#bytes = EMPTY;\n    return true;",
    new: "return true;",
    suites: SENDER,
  },
  {
    name: "adopted-before-slice-range",
    planted: "an adopted buffer is sent before the slices queued in place",
    file: "src/io/outbound_bytes.ts",
    old: "return this.queueAfterSlice().adopt(bytes, start, end);",
    new:
      "return (this.queue ??= new SendQueue(this.pool)).adopt(bytes, start, end);",
    suites: SLICE,
  },
  {
    name: "adopted-written-to",
    planted:
      "the next send is copied into an adopted buffer that still holds messages",
    file: "src/io/send_queue.ts",
    old: "if (last === null || last.isAdopted) return undefined;",
    new: "if (last === null) return undefined;",
    suites: SENDER,
  },
  {
    name: "adopted-without-gap",
    planted:
      "slices of an adopted buffer are merged into one send across a gap",
    file: "src/io/send_queue.ts",
    old: "this.#end === at && !last?.isSealed",
    new: "!last?.isSealed",
    suites: SENDER,
  },
  {
    name: "adopted-given-back-early",
    planted:
      "an adopted buffer is reused once sent, while its messages are still being delivered",
    file: "src/io/in_place.ts",
    old: "if (buffer !== this.buffer) return false;",
    new: "if (buffer.length > 0) return false;",
    suites: SENDER,
  },
  {
    name: "adopted-gone-behind",
    planted:
      "a queued buffer that was transferred away is written unless it is first in the queue",
    file: "src/io/outbound_bytes.ts",
    old: "if (bytes.length === 0) return this.onGone(GONE);",
    new:
      "if (bytes.length === 0 && this.sentCount === 0) return this.onGone(GONE);",
    suites: SLICE,
  },
  {
    name: "slice-after-close",
    planted: "a slice sent after a close goes out",
    file: "src/io/outbound_buffer.ts",
    old: "const isNext = !this.#closed && !this.isBlocked &&",
    new: "const isNext = !this.isBlocked &&",
    suites: SLICE,
  },
  {
    name: "slice-range-open-after-close",
    planted: "a slice sent after a close goes out if it extends a slice range",
    file: "src/io/outbound_buffer.ts",
    old:
      "if (this.context.sliceOwner === this) this.copySlice();\n    this.queue?.close();",
    new: "this.queue?.close();",
    suites: SLICE,
  },
  {
    name: "whole-read-forgotten",
    planted:
      "slices sent in place from a read are lost when the next read begins",
    file: "src/io/read_context.ts",
    old: "if (this.sliceOwner !== flushing) this.sliceOwner?.copySlice();",
    new: "",
    suites: SENDER,
  },
  {
    name: "numbers-for-bytes",
    planted: "a view of a wider element type is sent as one byte per element",
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
    planted: "values that are not views are accepted",
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
    planted: "a view's own length property decides how many bytes are sent",
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
    planted: "a view whose length property is too small is sent only in part",
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
    planted:
      "a slice copied by copying its whole buffer is not trimmed at its start",
    file: "src/io/send_queue.ts",
    old:
      "if (isCheap && start > 0) target.copyWithin(at, at + start, at + end);",
    new: "",
    suites: SLICE,
  },
  {
    name: "slice-range-beyond-message",
    planted:
      "a slice may extend past the end of the message into the rest of the read buffer",
    file: "src/io/read_context.ts",
    old: " || newEnd > this.#currentEnd",
    new: "",
    suites: SLICE,
  },
  {
    name: "given-read-believed",
    planted: "properties that a handler has put on the read buffer are trusted",
    file: "src/io/read_context.ts",
    old: "    this.#isGiven = true;",
    new: "",
    suites: READER_UNIT,
  },
  {
    name: "lost-by-a-throw",
    planted:
      "a message whose buffer was transferred away stays buffered if the handler throws",
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
    planted:
      "the space reserved for a text is its length in UTF-16 units, not in bytes",
    file: "src/io/message_writer.ts",
    old: "const most = length * MAX_BYTES_PER_UNIT;",
    new: "const most = length;",
    suites: [{ file: "tests/properties/auto_send_buffer.test.ts" }],
  },
  {
    name: "buffers-never-shrink",
    planted: "the pool keeps any number of buffers",
    file: "src/io/buffer_pool.ts",
    old: "if (this.#bytesKept + length > POOL_SIZE) return;",
    new: "",
    suites: [{ file: "tests/properties/buffer_pool.test.ts" }],
  },
  {
    name: "direct-write-of-any-size",
    planted: "a send goes out in one write, however large it is",
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
    planted: "a queued segment goes out in one write, however large it is",
    file: "src/io/outbound_bytes.ts",
    old: "const end = Math.min(head.end, start + this.#writeSize);",
    new: "const { end } = head;",
    suites: SENDER,
  },
  {
    name: "full-taken-for-counting",
    planted:
      "a socket that takes nothing, or borrows, gets the large writes of one that counts",
    file: "src/io/outbound_bytes.ts",
    old: "if (this.isBlocked && taken > 0 && !this.borrowsWrites) {",
    new: "if (this.isBlocked) {",
    suites: SENDER,
  },
  {
    name: "small-writes-for-ever",
    planted: "a socket that reports partial writes still gets small writes",
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
    planted: "gathered bytes do not count towards maxSendQueue",
    file: "src/io/send_queue.ts",
    old: "Math.min(this.#bytes.length, this.#shortSize - 1 - this.#more)",
    new: "this.#bytes.length",
    suites: SENDER,
  },
  {
    name: "gathered-over-adopted",
    planted:
      "bytes are gathered into an adopted buffer that still holds messages",
    file: "src/io/send_queue.ts",
    old: "last === null || last.isAdopted || this.#isClosed",
    new: "last === null || this.#isClosed",
    suites: SENDER,
  },
  {
    name: "written-overtaken",
    planted: "a send overwrites a message that is still being written",
    file: "src/io/send_queue.ts",
    old: "this.#writer === undefined ? this.#reach : NOWHERE",
    new: "this.#reach",
    suites: WRITER,
  },
  {
    name: "written-given-back",
    planted:
      "a message is still being written into a buffer already returned to the pool",
    file: "src/io/send_queue.ts",
    old: "this.#evictWriter();\n      this.#last = null;",
    new: "this.#last = null;",
    suites: WRITER,
  },
  {
    name: "written-shown-and-joined",
    planted:
      "queued bytes are added to a buffer that the user holds and may transfer away",
    file: "src/io/send_queue.ts",
    old: "this.#addSegment(bytes, start, start, writer.isShown);",
    new: "this.#addSegment(bytes, start, start, false);",
    suites: [{ file: "tests/io/send_bytes.test.ts" }],
  },
  {
    name: "part-of-another-size",
    planted:
      "a cached view of another size is used to send a part of a message",
    file: "src/io/read_context.ts",
    old: "sizeOf(part) === size",
    new: "sizeOf(part) > 0",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "part-that-lies",
    planted: "the length property of a view given to a handler is trusted",
    file: "src/io/read_context.ts",
    old: "sizeOf(part) === size",
    new: "part.length === size",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "view-made-anew",
    planted: "a codec creates a view for each message",
    file: "src/codec/frames.ts",
    old: "knownPart(bytes, start, end) ?? newView",
    new: "newView",
    suites: [{ file: "tests/codec/message_codec.test.ts" }],
  },
  {
    name: "written-left-behind",
    planted:
      "a queue that moves to a larger buffer does not copy the message being written",
    file: "src/io/send_queue.ts",
    old: "this.#end + written",
    new: "this.#end",
    suites: WRITER,
  },
  {
    name: "written-beyond-bound",
    planted: "a message may be written that is too large ever to be sent",
    file: "src/io/message_writer.ts",
    old: "if (size > this.#maxSize) {",
    new: "if (size > Infinity) {",
    suites: WRITER,
  },
  {
    name: "written-shown-in-queue",
    planted:
      "the buffer shown by a message writer shares memory with bytes already queued",
    file: "src/io/message_writer.ts",
    old: "if (this.#isInTail) this.#host.detach(this);",
    new: "",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
  {
    name: "taken-back-too-much",
    planted: "truncating a message writer removes everything written",
    file: "src/io/message_writer.ts",
    old: "else this.#end = this.start + size;",
    new: "else this.#end = this.start;",
    suites: WRITER,
  },
  {
    name: "littleness-ignored",
    planted:
      "numbers are always written big-endian, even if little-endian is requested",
    file: "src/io/message_writer.ts",
    old: "this.#view.setUint32(at, bits, littleEndian);",
    new: "this.#view.setUint32(at, bits);",
    suites: WRITER,
  },
  {
    name: "littleness-ignored-before-sending",
    planted:
      "numbers in a buffered message are always written big-endian, even if little-endian is requested",
    file: "src/util/write_numbers.ts",
    old: "if (littleEndian) return",
    new: "if (littleEndian === undefined) return",
    suites: [{ file: "tests/codec/binary_writer.test.ts" }],
  },
  {
    name: "part-of-another-start",
    planted: "the rest of the current message is sent from the wrong offset",
    file: "src/io/read_context.ts",
    old: "const size = this.source.length - this.start - start;",
    new: "const size = this.source.length - this.start;",
    suites: [{ file: "tests/io/message_writer.test.ts" }],
  },
];
