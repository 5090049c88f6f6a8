import { SMALL_CACHE_SIZE } from "../tuning.ts";
import { partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { InPlace } from "./in_place.ts";
import { PartialMessage } from "./partial_message.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { ReadContext, SliceOwner } from "./read_context.ts";

/** The bounds of what is read. */
export interface InboundSettings {
  /** See `ConnectionOptions.recvBufferMinSize`. */
  readonly recvBufferMinSize: number;
  /** See `ConnectionOptions.maxMessageSize`. */
  readonly maxMessageSize: number;
}

/**
 * The bytes that a connection has read and not dropped: what earlier reads left,
 * then what of the last read is in the read context. Knows nothing of messages;
 * these are the {@linkcode InboundBuffer}'s, which extends it rather than holds
 * it: after each system call every further object has to be fetched anew.
 */
export abstract class InboundBytes {
  // What every read needs comes first, and lies together in memory.
  protected readonly context: ReadContext;
  /** What earlier reads left. Made when something is left. */
  protected partial: PartialMessage | undefined = undefined;
  /** What is read into, if not the partial message; made by the first socket that asks. */
  #readBuffer: ReadBuffer | undefined = undefined;
  /** The size that the message is expected to have, 0 if that is not known. */
  protected decodedMsgSize = 0;
  /** How many bytes came in so far. */
  bytesIn = 0;
  readonly #pool: BufferPool;
  protected readonly stepSize: number;
  protected readonly maxMessageSize: number;

  constructor(pool: BufferPool, settings: InboundSettings) {
    this.#pool = pool;
    this.context = pool.readContext;
    this.stepSize = Math.max(1, settings.recvBufferMinSize);
    this.maxMessageSize = settings.maxMessageSize;
  }

  /** How many bytes were read and not yet dropped. */
  get bytesBuffered(): number {
    return this.held + this.limit - this.context.pos;
  }

  /** Where the next read is to go, if the socket lets us choose: it is the socket's until `receive`. */
  readBuffer(): Uint8Array {
    const target = this.partial?.target(this.decodedMsgSize);
    if (target !== undefined) return target;
    return (this.#readBuffer ??= new ReadBuffer(this.#pool)).bytes;
  }

  /** Takes in what was read: the first `length` bytes of `buffer`, not to be changed before `retain`. */
  receive(buffer: Uint8Array, length: number): void {
    this.bytesIn += length;
    if (this.partial?.receive(buffer, length)) return;
    const readBuffer = this.#readBuffer;
    this.context.beginRead(this, buffer, length, readBuffer !== undefined);
    if (readBuffer === undefined) return;
    readBuffer.fit(length);
    if (length > SMALL_CACHE_SIZE) this.#pool.inPlace.begin(buffer, readBuffer);
  }

  /** Copies what is left of the bytes given to `receive`. Their buffer is then free, or as soon as `flushing` has written its slice range. */
  retain(flushing?: SliceOwner): void {
    const { context } = this;
    const left = context.end - context.pos;
    if (left > 0) this.appendToPartial(left);
    if (this.partial !== undefined) this.partial.fresh = 0;
    context.endRead(flushing);
    if (this.#readBuffer === undefined) return;
    const { inPlace } = this.#pool;
    if (inPlace.buffer !== undefined) this.#endInPlace(inPlace);
  }

  /** Another socket is read: what was given to the last one to read into is left to it. */
  leaveReadBuffer(): void {
    this.#readBuffer = undefined;
  }

  /** The end, in the read context, of what this connection has read. */
  protected get limit(): number {
    const { context } = this;
    return context.reader === this ? context.end : context.pos;
  }

  /** How many bytes the buffer has that holds what earlier reads left. */
  get bytesHeld(): number {
    return this.partial === undefined ? 0 : this.partial.room;
  }

  /** How many bytes earlier reads left. */
  protected get held(): number {
    return this.partial === undefined ? 0 : this.partial.size;
  }

  /** A handler is given the next `size` bytes of what was read, where they were read. */
  protected showInPlace(size: number): Uint8Array {
    const { context } = this;
    const { inPlace } = this.#pool;
    const { pos } = context;
    const view = partOf(context.ownChunk, pos, pos + size);
    if (inPlace.buffer === undefined) context.showInPlace(view, size);
    else inPlace.view = view;
    return view;
  }

  /** Drops the first `count` bytes. */
  protected consume(count: number): void {
    const { partial } = this;
    this.context.pos += partial === undefined ? count : partial.drop(count);
  }

  /** Drops everything. */
  protected consumeAll(): void {
    this.partial?.clear();
    if (this.context.reader === this) this.context.pos = this.context.end;
  }

  /** Moves the next `count` bytes of what was read to the partial message. */
  protected appendToPartial(count: number): void {
    const { context } = this;
    const { ownChunk, pos } = context;
    context.pos += count;
    this.partial ??= new PartialMessage(
      this.#pool,
      this.stepSize,
      this.maxMessageSize,
    );
    this.partial.append(ownChunk, pos, context.pos, this.decodedMsgSize);
  }

  #endInPlace(inPlace: InPlace): void {
    const free = inPlace.end();
    if (free !== undefined) this.#pool.releaseRead(free);
  }
}
