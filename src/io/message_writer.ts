import type { AutoSendBuffer } from "../api/auto_send_buffer.ts";
import {
  AutoSendBufferDisposedError,
  InvalidSliceError,
  SendQueueFullError,
} from "../api/errors.ts";
import type { SendCompletion, SendOrQueueResult } from "../api/send_result.ts";
import { CHEAP_SURPLUS, SHORT_TEXT } from "../tuning.ts";
import { encoder, MAX_BYTES_PER_UNIT, putAscii } from "../util/utf8.ts";
import { partOf, sizeOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { asBytes, asText, checkCount, checkSlice } from "../api/bytes.ts";
import { writePrefixedText } from "../api/prefixed_text.ts";
import { EMPTY } from "../util/empty.ts";
import { put24 } from "../util/write_numbers.ts";
import type { ReadContext } from "./read_context.ts";
import type { InPlaceWriter } from "./send_queue.ts";
import { countOf } from "../util/text.ts";

const NONE = new DataView(new ArrayBuffer(0));

/** What a {@linkcode MessageWriter} needs from its connection. */
export interface WriterHost {
  /**
   * Gives `writer` room at the end of the queue for `size` bytes, including
   * those it has written. Returns false if there is none.
   */
  reserve(writer: MessageWriter, size: number): boolean;
  /** Makes `writer` leave the end of the queue. */
  detach(writer: MessageWriter): void;
  /** Sends the `size` bytes that `writer` has written. */
  sendWritten(
    writer: MessageWriter,
    size: number,
    completion: SendCompletion | undefined,
  ): SendOrQueueResult;
  /**
   * Like `sendWritten`, for bytes written at the end of the queue. Returns
   * false if they could exceed a limit or the high-water mark: then nothing is
   * sent.
   */
  sendTail(size: number): boolean;
  /** What a successful send returns. */
  readonly sendResult: SendOrQueueResult;
}

/**
 * Encodes a message straight behind the last queued bytes, so that sending it
 * only moves the end of the queue. If the queue is empty, or something else
 * needs that place, it writes to a separate buffer, which an empty queue takes
 * over.
 */
export class MessageWriter implements AutoSendBuffer, InPlaceWriter {
  bytes: Uint8Array = EMPTY;
  /** The view of `bytes`; unused while that is empty. */
  #view: DataView = NONE;
  start = 0;
  #end = 0;
  /** Size of the separate buffer when it was acquired; 0 if there is none. */
  #room = 0;
  /** Offset up to which `#claim` may write. */
  #reach = 0;
  /**
   * Equal to `#reach` while the scope is open, 0 after its end, which forces
   * the slow path.
   */
  #limit = 0;
  #isOpen = true;
  /** True if the user has a view of `bytes`, and could transfer it. */
  isShown = false;
  /** True while it writes at the end of the queue, in the queue's buffer. */
  #isInTail = false;
  readonly #host: WriterHost;
  readonly #context: ReadContext;
  readonly #pool: BufferPool;
  readonly #maxSize: number;

  /** `maxSize` is the most bytes that one message may have. */
  constructor(host: WriterHost, pool: BufferPool, maxSize: number) {
    this.#host = host;
    this.#context = pool.readContext;
    this.#pool = pool;
    this.#maxSize = maxSize;
  }

  /** Opens a new scope. Returns false if the previous one is still open. */
  open(): boolean {
    if (this.#isOpen) return false;
    this.#isOpen = true;
    this.#limit = this.#reach;
    return true;
  }

  get bytesWritten(): number {
    return this.#end - this.start;
  }

  write(bytes: ArrayBufferView, start = 0, end?: number): number {
    const part = end === undefined
      ? undefined
      : this.#context.partOf(bytes, start, end);
    if (part === undefined) return this.#writePart(bytes, start, end);
    const size = end as number - start;
    const at = this.#claim(size);
    this.bytes.set(part, at);
    return size;
  }

  writeText(text: string): number {
    this.#checkOpen();
    const { length } = asText(text);
    if (length <= SHORT_TEXT && this.#writeAscii(text)) return length;
    const most = length * MAX_BYTES_PER_UNIT;
    if (this.bytesWritten + most > this.#maxSize) {
      return this.write(encoder.encode(text));
    }
    const at = this.#claim(most);
    const room = this.bytes.subarray(at, this.#end);
    const { written } = encoder.encodeInto(text, room);
    this.#end = at + written;
    return written;
  }

  writePrefixedText(
    text: string,
    bytes: 1 | 2 | 3 | 4,
    littleEndian?: boolean,
  ): number {
    return writePrefixedText(this, text, bytes, littleEndian);
  }

  // Each value is converted to a number first: that may run user code, which
  // could write to this buffer.

  writeUint8(value: number): void {
    const bits = value >>> 0;
    const at = this.#claim(1);
    this.bytes[at] = bits;
  }

  writeUint16(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(2);
    this.#view.setUint16(at, bits, littleEndian);
  }

  writeUint24(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(3);
    put24(this.bytes, at, bits, littleEndian);
  }

  writeUint32(value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    const at = this.#claim(4);
    this.#view.setUint32(at, bits, littleEndian);
  }

  writeBigUint64(value: bigint, littleEndian?: boolean): void {
    const bits = typeof value === "bigint" ? value : BigInt.asUintN(64, value);
    const at = this.#claim(8);
    this.#view.setBigUint64(at, bits, littleEndian);
  }

  writeFloat32(value: number, littleEndian?: boolean): void {
    const number = +value;
    const at = this.#claim(4);
    this.#view.setFloat32(at, number, littleEndian);
  }

  writeFloat64(value: number, littleEndian?: boolean): void {
    const number = +value;
    const at = this.#claim(8);
    this.#view.setFloat64(at, number, littleEndian);
  }

  setUint8(offset: number, value: number): void {
    const bits = value >>> 0;
    const at = this.#placeOf(offset, 1);
    this.bytes[at] = bits;
  }

  setUint16(offset: number, value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    this.#view.setUint16(this.#placeOf(offset, 2), bits, littleEndian);
  }

  setUint32(offset: number, value: number, littleEndian?: boolean): void {
    const bits = value >>> 0;
    this.#view.setUint32(this.#placeOf(offset, 4), bits, littleEndian);
  }

  truncate(size: number): void {
    this.#checkOpen();
    checkCount(this.bytesWritten, size);
    if (size === 0) this.clear();
    else this.#end = this.start + size;
  }

  getWritten(): Uint8Array {
    if (this.bytesWritten === 0) return EMPTY;
    // The user may do anything with the view, so its buffer must hold nothing
    // else.
    if (this.#isInTail) this.#host.detach(this);
    this.#checkThere();
    this.isShown = true;
    this.#setLimit();
    return this.bytes.subarray(this.start, this.#end);
  }

  clear(): void {
    if (this.#isInTail) this.#end = this.start;
    else this.#release();
  }

  send(completion?: SendCompletion): SendOrQueueResult {
    if (completion === undefined && this.#sendTail()) {
      return this.#host.sendResult;
    }
    this.#checkThere();
    const result = this.#host.sendWritten(this, this.bytesWritten, completion);
    this.clear();
    return result;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    try {
      if (this.#end > this.start && !this.#sendTail()) this.send();
    } finally {
      this.clear();
      this.#isOpen = false;
      this.#limit = 0;
    }
  }

  // Called by the queue.

  moveTo(bytes: Uint8Array, start: number): void {
    this.#end = start + this.bytesWritten;
    if (bytes !== this.bytes) this.#use(bytes);
    this.start = start;
    this.#isInTail = true;
    this.#room = 0;
    this.#setLimit();
  }

  leaveTail(room: number): void {
    const { bytes, start } = this;
    const size = this.bytesWritten;
    const needed = Math.max(size, room);
    this.#use(needed > 0 ? this.#pool.acquire(needed) : EMPTY);
    this.#room = this.bytes.length;
    if (size > 0) this.bytes.set(bytes.subarray(start, start + size));
    this.start = 0;
    this.#end = size;
    this.#isInTail = false;
    this.#setLimit();
  }

  onQueued(): void {
    this.start = this.#end;
  }

  /**
   * Sends the message if it lies at the end of the queue and is short; returns
   * false otherwise.
   */
  #sendTail(): boolean {
    const end = this.#end;
    if (!this.#isInTail || !this.#host.sendTail(end - this.start)) return false;
    this.start = end;
    return true;
  }

  #checkOpen(): void {
    if (this.#isOpen) return;
    throw new AutoSendBufferDisposedError(
      "Cannot write: the scope of the buffer has ended, and its bytes have been sent",
    );
  }

  #checkThere(): void {
    if (this.bytesWritten === 0 || this.bytes.length > 0) return;
    throw new InvalidSliceError(
      `Cannot send the ${this.bytesWritten} written bytes: their buffer was transferred`,
    );
  }

  /** Reserves the next `count` bytes. Returns their offset. */
  #claim(count: number): number {
    const at = this.#end;
    if (at + count > this.#limit) return this.#claimAnew(count);
    this.#end = at + count;
    return at;
  }

  /** The slow path of `#claim`: checks the scope, and makes room if needed. */
  #claimAnew(count: number): number {
    this.#checkOpen();
    this.#checkThere();
    const size = this.bytesWritten + count;
    if (size > this.#maxSize) {
      throw new SendQueueFullError(
        `Cannot write ${
          countOf(count, "byte")
        } after ${this.bytesWritten}: maxSendQueue is ${this.#maxSize}`,
      );
    }
    if (this.#end + count > this.bytes.length) this.#makeRoom(size);
    this.#setLimit();
    const at = this.#end;
    this.#end = at + count;
    return at;
  }

  /**
   * Makes room for a message of `size` bytes, including those already written.
   */
  #makeRoom(size: number): void {
    const isBeginning = this.bytesWritten === 0;
    if (isBeginning && !this.#isInTail) this.#release();
    if (isBeginning || this.#isInTail) {
      if (this.#host.reserve(this, size)) return;
    }
    if (size <= this.bytes.length) return;
    const old = this.bytes;
    const room = this.#room;
    this.#use(this.#pool.acquire(Math.max(size, 2 * old.length)));
    this.#room = this.bytes.length;
    if (old === EMPTY) return;
    this.bytes.set(old);
    this.#pool.release(old, room);
  }

  /** Gives up the separate buffer. */
  #release(): void {
    const { bytes } = this;
    const room = this.#room;
    this.#use(EMPTY);
    this.start =
      this.#end =
      this.#limit =
      this.#reach =
      this.#room =
        0;
    if (bytes !== EMPTY) this.#pool.release(bytes, room);
  }

  /** Switches to `bytes`. */
  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.isShown = false;
    if (bytes !== EMPTY) this.#view = this.#pool.viewOf(bytes);
  }

  #setLimit(): void {
    this.#limit =
      this.#reach =
        this.isShown
          ? 0
          : Math.min(this.bytes.length, this.start + this.#maxSize);
  }

  /** Returns the place in `bytes` of `count` written bytes at `offset`. */
  #placeOf(offset: number, count: number): number {
    const end = this.start + offset + count;
    if (offset >>> 0 !== offset || end > this.#end || end > this.#limit) {
      this.#checkOpen();
      this.#checkThere();
      checkSlice(this.bytesWritten, offset, offset + count);
    }
    return end - count;
  }

  /** Writes bytes for which there is no cached view. */
  #writePart(
    data: ArrayBufferView,
    start: number,
    end: number | undefined,
  ): number {
    this.#checkOpen();
    const bytes = asBytes(data);
    const length = sizeOf(bytes);
    const to = end === undefined ? length : end;
    if (start !== 0 || to !== length) checkSlice(length, start, to);
    const size = to - start;
    if (size === 0) return 0;
    const at = this.#claim(size);
    // Copying a little too much, to be overwritten next, is cheaper than
    // creating a view.
    const surplus = length - to;
    const isCheap = surplus <= CHEAP_SURPLUS &&
      at + size + surplus <= this.#limit;
    const source = isCheap ? this.#restOf(bytes, start) : undefined;
    this.bytes.set(source ?? partOf(bytes, start, to), at);
    return size;
  }

  #restOf(bytes: Uint8Array, start: number): Uint8Array | undefined {
    return start === 0 ? bytes : this.#context.restOf(bytes, start);
  }

  /**
   * Writes the text if it is ASCII; otherwise returns false, and writes
   * nothing.
   */
  #writeAscii(text: string): boolean {
    const at = this.#claim(text.length);
    const isAscii = putAscii(this.bytes, at, text);
    if (!isAscii) this.#end = at;
    return isAscii;
  }
}
