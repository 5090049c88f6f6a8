import type { ConnectionSettings } from "../api/options/connection.ts";
import { SMALL_CACHE_SIZE } from "../tuning.ts";
import { partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { InPlace } from "./in_place.ts";
import { PartialMessage } from "./partial_message.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { ReadContext, SliceOwner } from "./read_context.ts";

/** The options that limit what is read. */
export type InboundSettings = Pick<
  ConnectionSettings,
  "recvBufferMinSize" | "maxMessageSize"
>;

/**
 * The received bytes of a connection that are not consumed yet: first those
 * left from earlier reads, then the rest of the current read. It knows nothing
 * of messages. {@linkcode InboundBuffer} extends it instead of holding it,
 * because each further object is a cache miss after a system call.
 */
export abstract class InboundBytes {
  // Fields that every read uses come first, to lie together in memory.
  protected readonly context: ReadContext;
  /** The bytes left from earlier reads. Created on first use. */
  protected partial: PartialMessage | undefined = undefined;
  /**
   * The buffer to read into, unless that is the partial message. Created when a
   * socket first asks for one.
   */
  #readBuffer: ReadBuffer | undefined = undefined;
  /**
   * The size of the current message, as its handler announced it; 0 if unknown.
   */
  protected decodedMsgSize = 0;
  /** Total number of bytes received. */
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

  /** Number of bytes received and not consumed yet. */
  get bytesBuffered(): number {
    return this.held + this.limit - this.context.pos;
  }

  /**
   * Returns the buffer for the next read, for sockets that let us choose. The
   * socket owns it until `receive`.
   */
  readBuffer(): Uint8Array {
    const target = this.partial?.target(this.decodedMsgSize);
    if (target !== undefined) return target;
    return (this.#readBuffer ??= new ReadBuffer(this.#pool)).bytes;
  }

  /**
   * Takes the first `length` bytes of `buffer`, which must not change until
   * `retain`.
   */
  receive(buffer: Uint8Array, length: number): void {
    this.bytesIn += length;
    if (this.partial?.receive(buffer, length)) return;
    const readBuffer = this.#readBuffer;
    this.context.beginRead(this, buffer, length, readBuffer !== undefined);
    if (readBuffer === undefined) return;
    readBuffer.fit(length);
    if (length > SMALL_CACHE_SIZE) this.#pool.inPlace.begin(buffer, readBuffer);
  }

  /**
   * Copies what is left of the read. Afterwards its buffer is free; if
   * `flushing` has a slice range in it, only once that is written.
   */
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

  /**
   * Called when another socket is to be read: the previous one may still write
   * to the buffer it was given.
   */
  leaveReadBuffer(): void {
    this.#readBuffer = undefined;
  }

  /** Where the bytes of this connection end in the read context. */
  protected get limit(): number {
    const { context } = this;
    return context.reader === this ? context.end : context.pos;
  }

  /** Size of the buffer that holds the bytes of earlier reads. */
  get bytesHeld(): number {
    return this.partial === undefined ? 0 : this.partial.room;
  }

  /** Number of bytes left from earlier reads. */
  protected get held(): number {
    return this.partial === undefined ? 0 : this.partial.size;
  }

  /**
   * Returns a view of the next `size` bytes of the read where they lie, for a
   * handler.
   */
  protected showInPlace(size: number): Uint8Array {
    const { context } = this;
    const { inPlace } = this.#pool;
    const { pos } = context;
    const view = partOf(context.ownChunk, pos, pos + size);
    if (inPlace.buffer === undefined) context.showInPlace(view, size);
    else inPlace.view = view;
    return view;
  }

  protected consumeAll(): void {
    this.partial?.clear();
    if (this.context.reader === this) this.context.pos = this.context.end;
  }

  /** Moves the next `count` bytes of the read to the partial message. */
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
    if (free !== undefined) this.#pool.release(free, 0);
  }
}
