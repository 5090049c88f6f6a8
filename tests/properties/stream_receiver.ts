import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  InvalidMessageResultError,
  MessageTooLargeError,
} from "../../src/api/errors.ts";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import type { InboundSettings } from "../../src/io/inbound_bytes.ts";
import { LARGEST_POOLED } from "../../src/io/buffer_pool.ts";
import type { InboundHandler } from "../../src/api/msg_reader.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import type { DispatchContext } from "../../src/api/reactor.ts";
import { type CodecName, CODECS, type TestedCodec } from "./codecs.ts";
import type { WatchedPool } from "./watched_pool.ts";
import type { WatchedTarget } from "./watched_target.ts";

const NO_CONTEXT = undefined as unknown as DispatchContext;

export const STRATEGIES = ["tryReadFastRead", "tryReadFastDispatch"] as const;
type Strategy = typeof STRATEGIES[number];

/** What a connection reads, and how its handler processes it. Lists are used in rotation. */
export interface FrameStream {
  readonly codec: CodecName;
  /** The lengths of the bodies, used once. */
  readonly bodies: readonly number[];
  /** The sizes of the reads. */
  readonly reads: readonly number[];
  /** When the socket asks for memory for the next read: never, right after the last one, or right before it. */
  readonly asks: "never" | "at once" | "late";
  /** The methods called after each read. */
  readonly strategies: readonly (readonly Strategy[])[];
  /** The messages whose size is announced: none, incomplete ones, or all. */
  readonly announces: "incomplete" | "none" | "all";
  /** Whether the header is announced, too. */
  readonly announcesHeader: boolean;
  /** How many messages one call drops at most. */
  readonly dropsAtOnce: number;
  /** The calls of the handler that pause reading. */
  readonly pauses: readonly boolean[];
  /** The call that ends the stream early, and how. */
  readonly end: { readonly call: number; readonly how: End };
}

export const ENDS = [
  "cleanly",
  "clear",
  "clear between reads",
  "throw",
  "invalid result",
] as const;
export type End = typeof ENDS[number];

const ENDS_OF_HANDLER: readonly End[] = ["clear", "throw", "invalid result"];

/** Entry `index` of a list used in rotation. */
function at<T>(list: readonly T[], index: number, ifEmpty: T): T {
  return list.length === 0 ? ifEmpty : list[index % list.length];
}

/** `bytes` in a buffer of the socket's own. */
function inBuffer(
  bytes: Uint8Array,
): { buffer: Uint8Array; chunk: Uint8Array } {
  const buffer = Buffer.alloc(bytes.length + 12, 0xbb).subarray(5);
  buffer.set(bytes);
  return { buffer, chunk: bytes };
}

/** The size of the pool's buffer for `bytes` bytes. */
function pooled(bytes: number): number {
  return bytes > LARGEST_POOLED
    ? bytes
    : Math.max(4096, 2 ** Math.ceil(Math.log2(bytes)));
}

/** After this many reads of a stream, the rest comes in one. */
const MOST_READS = 300;

const THROWN = new Error("from the handler");

/** Feeds a stream to a reader as a connection does, and is the handler that checks the reader's promises. */
export class StreamReceiver implements InboundHandler<unknown> {
  readonly #reader: InboundBuffer;
  readonly #pool: WatchedPool;
  readonly #target: WatchedTarget;
  readonly #settings: InboundSettings;
  readonly #stream: FrameStream;
  readonly #codec: TestedCodec;
  readonly #messages: readonly Uint8Array[];
  readonly #bytes: Uint8Array;

  #strategy: Strategy = STRATEGIES[0];
  #countCalls = 0;
  #countHandled = 0;
  /** How many bytes were read so far, and how many of them were dropped. */
  #read = 0;
  #dropped = 0;
  /** What the handler knows of the message: the bytes it has seen, and the size it has announced. */
  #seen = 0;
  #announced = 0;
  /** The position in the stream of the first byte that the handler has not seen. */
  #sawUpTo = 0;
  /** The value of `#read` before the last read. */
  #readBefore = 0;
  /** The most bytes buffered since the buffer was last empty. */
  #mostHeld = 0;
  /** Why no further message is expected. */
  #over: "cleared" | "failed" | undefined;
  #isRefused = false;

  constructor(
    reader: InboundBuffer,
    pool: WatchedPool,
    target: WatchedTarget,
    settings: InboundSettings,
    stream: FrameStream,
  ) {
    this.#reader = reader;
    this.#pool = pool;
    this.#target = target;
    this.#settings = settings;
    this.#stream = stream;
    this.#codec = CODECS[stream.codec];
    this.#messages = stream.bodies.map((length) => this.#codec.encode(length));
    this.#bytes = new Uint8Array(Buffer.concat(this.#messages));
  }

  get #announcesAny(): boolean {
    const { announces, announcesHeader } = this.#stream;
    return announces !== "none" || announcesHeader;
  }

  /** Reads the stream to its end. */
  run(): void {
    const { reads, strategies } = this.#stream;
    for (let i = 0; this.#isOn && this.#read < this.#bytes.length; i++) {
      const size = i < MOST_READS ? at(reads, i, Infinity) : Infinity;
      this.#readNext(size, at(strategies, i, [STRATEGIES[0]]));
    }
    if (this.#isOn) this.#lookAgain();
    if (this.#isOn) {
      assert.equal(this.#countHandled, this.#messages.length, "all messages");
    }
    assert.equal(this.#reader.bytesBuffered, 0);
    assert.equal(this.#bytesTaken, 0, "no buffer is kept");
  }

  get #isOn(): boolean {
    return this.#over === undefined;
  }

  get #held(): number {
    return this.#read - this.#dropped;
  }

  /** How many bytes of buffers are acquired for buffered data. */
  get #bytesTaken(): number {
    return this.#pool.bytesTakenBut(this.#target.spared);
  }

  /** Reads as the connection does, into a buffer that is overwritten afterwards. */
  #readNext(size: number, strategies: readonly Strategy[]): void {
    const { asks, end } = this.#stream;
    const next = this.#bytes.subarray(this.#read, this.#read + size);
    if (asks !== "never") this.#ask();
    const isPart = this.#target.part !== undefined;
    const { buffer, chunk } = asks === "never"
      ? inBuffer(next)
      : this.#target.read(next);
    this.#reader.receive(buffer, chunk.length);
    this.#readBefore = this.#read;
    this.#read += chunk.length;
    this.#look(strategies);
    if (!isPart) buffer.fill(0xcc);
    if (asks === "at once") this.#ask();
    if (this.#reader.isPaused) this.#lookAgain();
    const isLast = this.#isOn && this.#countCalls > end.call;
    if (isLast && end.how === "clear between reads") this.#clear();
  }

  /** Clears the reader from outside the handler. */
  #clear(): void {
    if (this.#stream.asks !== "never") this.#ask();
    this.#over = "cleared";
    this.#reader.clear();
    this.#target.onCleared();
  }

  /** The socket asks where to read to. */
  #ask(): void {
    this.#target.ask();
    this.#checkRoom();
    const { part } = this.#target;
    if (part === undefined) return;
    const held = this.#held;
    assert.ok(part.length <= this.#announced - held, "not beyond the message");
    const before = new Uint8Array(part.buffer, part.byteOffset - held, held);
    const expected = this.#bytes.subarray(this.#dropped, this.#read);
    assert.ok(Buffer.compare(before, expected) === 0, "behind what is held");
  }

  /** Resumes as the connection does, as often as reading is paused. */
  #lookAgain(): void {
    do {
      const before = this.#countCalls;
      this.#reader.isPaused = false;
      this.#readBefore = this.#read;
      this.#look([this.#strategy]);
      const wasCalled = this.#countCalls > before;
      assert.ok(wasCalled || !this.#reader.isPaused, "only the handler pauses");
    } while (this.#isOn && this.#reader.isPaused);
  }

  #look(strategies: readonly Strategy[]): void {
    this.#mostHeld = Math.max(this.#mostHeld, this.#held);
    for (const strategy of strategies) {
      this.#strategy = strategy;
      if (this.#isOn) this.#try(() => this.#reader[strategy](NO_CONTEXT, this));
      this.#checkCount();
    }
    this.#reader.retain();
    this.#checkCount();
    this.#pool.readByAnother();
    this.#checkHeld(strategies.length > 0);
  }

  /** As the connection does: after an error nothing more is delivered. */
  #try(read: () => void): void {
    const { end } = this.#stream;
    try {
      read();
      assert.notEqual(this.#over, "failed", "it threw");
    } catch (error) {
      if (this.#over !== "failed") throw error;
      if (this.#isRefused) assert.ok(error instanceof MessageTooLargeError);
      else if (end.how === "throw") assert.equal(error, THROWN);
      else assert.ok(error instanceof InvalidMessageResultError);
      this.#reader.clear();
    }
  }

  #checkCount(): void {
    const held = this.#isOn ? this.#held : 0;
    assert.equal(this.#reader.bytesBuffered, held, "bytesInBuffer");
  }

  #checkHeld(wasLookedAt: boolean): void {
    const { maxMessageSize } = this.#settings;
    const held = this.#reader.bytesBuffered;
    if (held === 0) assert.equal(this.#bytesTaken, 0, "buffers go back");
    assert.equal(this.#pool.bytesHeld, this.#bytesTaken, "they are counted");
    if (this.#dropped >= this.#readBefore) this.#mostHeld = held;
    this.#checkRoom();
    assert.equal(this.#pool.inPlace.view, undefined, "no message is handled");
    if (!wasLookedAt || !this.#isOn || this.#reader.isPaused) return;
    assert.ok(
      this.#announced > 0 ? held < this.#announced : held === this.#seen,
      "everything that can be handed out was",
    );
    assert.ok(held <= maxMessageSize, "maxMessageSize");
  }

  #checkRoom(): void {
    const { recvBufferMinSize, maxMessageSize } = this.#settings;
    const held = this.#mostHeld;
    const growth = this.#announcesAny ? 8 : 2;
    const wanted = Math.max(growth * held, recvBufferMinSize);
    const most = pooled(Math.max(held, Math.min(wanted, maxMessageSize)));
    assert.ok(this.#bytesTaken <= most, "no more room than that is kept");
  }

  onInboundMessage(
    buf: Uint8Array,
    _ctx: unknown,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    this.#checkCall(buf, newBytes, decodedMsgSize);
    this.#seen = buf.length;
    this.#sawUpTo = Math.max(this.#sawUpTo, this.#dropped + buf.length);
    const { end, pauses } = this.#stream;
    const call = this.#countCalls++;
    if (call === end.call && ENDS_OF_HANDLER.includes(end.how)) {
      return this.#endBy(end.how, buf);
    }
    this.#reader.isPaused = at(pauses, call, false);
    this.#reader[this.#strategy](NO_CONTEXT, this); // has no effect inside the handler
    const size = this.#sizeToDrop(buf);
    return size > 0 ? this.#drop(buf, size) : this.#expect(buf);
  }

  #checkCall(buf: Uint8Array, newBytes: number, decodedMsgSize: number): void {
    assert.ok(this.#isOn && !this.#reader.isPaused, "not any more");
    assert.equal(Object.getPrototypeOf(buf), Uint8Array.prototype);
    assert.ok(buf.length > 0 && buf.length <= this.#held);
    assert.ok(buf.length <= this.#settings.maxMessageSize, "maxMessageSize");
    const expected = this.#bytes.subarray(this.#dropped);
    assert.ok(
      Buffer.compare(buf, expected.subarray(0, buf.length)) === 0,
      "buf holds what was read, from the message on",
    );
    assert.equal(newBytes, buf.length - this.#seen, "newBytes");
    assert.ok(newBytes > 0 || decodedMsgSize > 0, "there is something new");
    assert.equal(decodedMsgSize, this.#announced, "decodedMsgSize");
    assert.ok(buf.length >= decodedMsgSize, "all that was announced");
    if (this.#strategy === "tryReadFastRead" || decodedMsgSize > 0) return;
    const step = Math.max(1, this.#settings.recvBufferMinSize);
    const further = this.#dropped + buf.length - this.#sawUpTo;
    assert.ok(further <= step, "recvBufferMinSize at a time");
  }

  #endBy(how: End, buf: Uint8Array): MessageResult {
    this.#over = how === "clear" ? "cleared" : "failed";
    if (how === "throw") throw THROWN;
    if (how === "clear") this.#reader.clear();
    return buf.length + 1 as MessageResult;
  }

  /** The total size of the messages to drop, 0 if none is complete. */
  #sizeToDrop(buf: Uint8Array): number {
    const { announces, dropsAtOnce } = this.#stream;
    let dropped = 0;
    for (let count = 0; count < dropsAtOnce; count++) {
      const size = this.#codec.sizeOf(buf.subarray(dropped));
      const isThere = size > 0 && dropped + size <= buf.length;
      const isLate = announces !== "all" || this.#announced >= size;
      if (!isThere || !isLate) break;
      dropped += size;
    }
    return dropped;
  }

  #drop(buf: Uint8Array, size: number): MessageResult {
    for (let start = 0; start < size;) {
      const message = this.#messages[this.#countHandled++];
      const end = start + message.length;
      assert.ok(Buffer.compare(buf.subarray(start, end), message) === 0);
      start = end;
    }
    buf.fill(0xdd, 0, size); // the handler may change it
    this.#dropped += size;
    this.#seen = this.#announced = 0;
    return MessageResult.dropMsgSize(size);
  }

  #expect(buf: Uint8Array): MessageResult {
    const { announces, announcesHeader } = this.#stream;
    const { headerSize } = this.#codec;
    const size = this.#codec.sizeOf(buf);
    const expected = size > 0 && announces !== "none"
      ? size
      : announcesHeader && buf.length < headerSize
      ? headerSize
      : 0;
    const { maxMessageSize } = this.#settings;
    if ((expected || buf.length + 1) > maxMessageSize) {
      this.#isRefused = true;
      this.#over = "failed";
    }
    this.#announced = expected;
    return MessageResult.expectMsgSize(expected);
  }
}
