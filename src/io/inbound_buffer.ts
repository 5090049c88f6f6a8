import {
  InvalidMessageResultError,
  MessageTooLargeError,
} from "../api/errors.ts";
import type { MessageResult } from "../api/message_result.ts";
import type {
  InboundHandler,
  MessageDispatcher,
  MsgReader,
} from "../api/msg_reader.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { OutboundBuffer } from "./outbound_buffer.ts";
import { ReadBuffer } from "./read_buffer.ts";
import {
  LARGE_CACHE_SIZE,
  type ReadContext,
  SMALL_CACHE_SIZE,
} from "./read_context.ts";
import { PartialMessage } from "./partial_message.ts";
import { watchPromise } from "../util/promises.ts";
import { textOf } from "../util/text.ts";
import { isGone } from "../util/views.ts";

/** Smaller messages of a large read are laid out, larger ones are handed out in place: a view costs as much as to copy that twice. */
const SMALL = 512;

/** The bounds of a {@linkcode InboundBuffer}. */
export interface InboundSettings {
  /** See `ConnectionOptions.recvBufferMinSize`. */
  readonly recvBufferMinSize: number;
  /** See `ConnectionOptions.maxMessageSize`. */
  readonly maxMessageSize: number;
}

/** What a {@linkcode InboundBuffer} asks of its connection. */
export interface InboundHost {
  /** A handler returned a promise in place of a message result, and that rejected. */
  onResultRejected(thrown: unknown): void;
  /** Something is taken of the bytes that were {@linkcode InboundBuffer.untaken}. */
  onTaken(): void;
}

/**
 * Turns partial and multiple reads into whole messages. There is one for each
 * connection, fed by the runtime.
 *
 * Small reads are laid out in the {@linkcode ReadContext} of the runtime; of large
 * ones, large messages are handed out in place. Only what a read leaves
 * incomplete is kept, and the buffer for it goes back to the pool as soon as the
 * message is complete.
 */
export class InboundBuffer implements MsgReader {
  // What every read needs comes first, and lies together in memory.
  readonly #context: ReadContext;
  /** What earlier events left: bytes that come before those on the stage. Made when something is left. */
  #partial: PartialMessage | undefined = undefined;
  /** What is read into if not the tail; made by the first socket that asks. */
  #readBuffer: ReadBuffer | undefined = undefined;
  /** True while no message may be handed out: reading is paused or the connection closes. */
  isPaused = false;
  #decodedMsgSize = 0;
  /** How many bytes of the current message the handler has seen. */
  #seen = 0;
  #clearCount = 0;
  /** How many bytes the handler took last. */
  #lastSize = SMALL;
  /** How many bytes there are of which nobody takes any, so that reading has stopped; 0 as soon as fewer are left, of which the host is told. */
  untaken = 0;
  /** So many bytes at most are handed out from the small layout, and from any. */
  readonly #mostSmall: number;
  readonly #mostCached: number;
  readonly #pool: BufferPool;
  readonly #stepSize: number;
  readonly #maxMessageSize: number;
  readonly #host: InboundHost;

  /** */
  constructor(
    pool: BufferPool,
    settings: InboundSettings,
    host: InboundHost,
  ) {
    this.#host = host;
    this.#context = pool.readContext;
    this.#pool = pool;
    this.#stepSize = Math.max(1, settings.recvBufferMinSize);
    this.#maxMessageSize = settings.maxMessageSize;
    this.#mostSmall = Math.min(SMALL_CACHE_SIZE, settings.maxMessageSize);
    this.#mostCached = Math.min(LARGE_CACHE_SIZE, settings.maxMessageSize);
  }

  get bytesBuffered(): number {
    return this.#held + this.#limit - this.#context.pos;
  }

  clear(): void {
    this.#clearCount++;
    this.#partial?.clear();
    if (this.#context.reader === this) this.#context.pos = this.#context.end;
    this.#decodedMsgSize = this.#seen = 0;
    if (this.untaken > 0) this.#tellIfTaken();
  }

  tryReadFastRead<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void {
    this.#dispatchUpTo(this.#limit, ctx, asHandler(dispatcher));
  }

  tryReadFastDispatch<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void {
    const handler = asHandler(dispatcher);
    let limit = this.#context.pos - this.#held + this.#seen;
    do {
      limit = Math.min(limit + this.#stepSize, this.#limit);
      this.#dispatchUpTo(limit, ctx, handler);
    } while (limit < this.#limit && !this.isPaused);
  }

  /** Where the next read is to go, if the socket lets us choose: it is the socket's until `receive`. */
  readBuffer(): Uint8Array {
    const target = this.#partial?.target(this.#decodedMsgSize);
    if (target !== undefined) return target;
    return (this.#readBuffer ??= new ReadBuffer(this.#pool)).bytes;
  }

  /** Takes in what was read: the first `length` bytes of `buffer`, not to be changed before `retain`. */
  receive(buffer: Uint8Array, length: number): void {
    if (this.#partial?.receive(buffer, length)) return;
    this.#context.beginRead(this, buffer, length);
    if (this.#readBuffer === undefined) return;
    this.#readBuffer.fit(length);
    if (length > SMALL_CACHE_SIZE) {
      this.#pool.inPlace.begin(buffer, this.#readBuffer);
    }
  }

  /** Copies what is left of the bytes given to `receive`. Their buffer is then free, or as soon as `flushing` has written its run. */
  retain(flushing?: OutboundBuffer): void {
    const stage = this.#context;
    const left = this.#limit - stage.pos;
    if (left > 0) this.#appendToPartial(left);
    if (this.#partial !== undefined) this.#partial.fresh = 0;
    stage.endRead(flushing);
    if (this.#readBuffer !== undefined) this.#endInPlace();
  }

  #dispatchUpTo<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): void {
    const stage = this.#context;
    if (stage.isInUse) return;
    stage.isInUse = true;
    try {
      while (!this.isPaused && this.#dispatchSome(limit, ctx, handler));
    } finally {
      stage.isInUse = false;
      if (this.untaken > 0) this.#tellIfTaken();
    }
  }

  #tellIfTaken(): void {
    if (this.bytesBuffered >= this.untaken) return;
    this.untaken = 0;
    this.#host.onTaken();
  }

  /** Hands out one message or several; false if that is not possible before more is read. */
  #dispatchSome<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const stage = this.#context;
    const held = this.#held;
    const available = held + limit - stage.pos;
    if (!this.#isEnough(available)) return false;
    if (available > this.#mostSmall || stage.end > SMALL_CACHE_SIZE) {
      return this.#dispatchMuch(limit, available, ctx, handler);
    }
    return held === 0 && available <= this.#lastSize && this.#isWhole(available)
      ? this.#dispatchFromChunk(limit, ctx, handler)
      : this.#dispatchCached(available, ctx, handler);
  }

  /** True if `available` bytes are all of a read that fills a buffer of nobody else: then that is a view of them. */
  #isWhole(available: number): boolean {
    return this.#readBuffer === undefined && this.#context.isWhole(available);
  }

  /** The same for more than fits in the small layout, or what is left of it. */
  #dispatchMuch<Context>(
    limit: number,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const held = this.#held;
    const lastSize = this.#lastSize;
    if (held === 0 && lastSize >= SMALL) {
      return this.#dispatchFromChunk(limit, ctx, handler);
    }
    const most = lastSize < SMALL && held < SMALL_CACHE_SIZE
      ? this.#mostCached
      : this.#mostSmall;
    if (available <= most) return this.#dispatchCached(available, ctx, handler);
    if (held > 0) return this.#dispatchFromPartial(limit, ctx, handler);
    if (this.#isEnough(most)) {
      const clearCount = this.#clearCount;
      if (this.#dispatchCached(most, ctx, handler)) return true;
      if (this.isPaused || clearCount !== this.#clearCount) return false;
    }
    return this.#dispatchFromChunk(limit, ctx, handler);
  }

  /** Hands out the messages of the next `count` bytes from the stage; false if that is not possible before more is read. */
  #dispatchCached<Context>(
    count: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const stage = this.#context;
    const clearCount = this.#clearCount;
    stage.load(count, this.#partial);
    let left = count;
    let size = 0;
    try {
      while (!this.isPaused && this.#isEnough(left)) {
        if (stage.source.length === 0) break; // they are laid out anew
        const result = handler.onInboundMessage(
          stage.show(left),
          ctx,
          left - this.#seen,
          this.#decodedMsgSize,
        );
        if (Number.isInteger(result) && result > 0 && result <= left) {
          this.#decodedMsgSize = this.#seen = 0;
          size = result;
          left -= result;
        } else {
          this.#keep(result, left, clearCount);
        }
        if (clearCount !== this.#clearCount) return false;
      }
    } finally {
      if (clearCount === this.#clearCount) this.#consume(count - left);
    }
    if (size > 0) this.#lastSize = size;
    const isPart = count === this.#mostSmall || count === this.#mostCached;
    return stage.source.length === 0 || (isPart && left < count);
  }

  /** Hands out a message in place, with all that was read after it. */
  #dispatchFromChunk<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const stage = this.#context;
    const clearCount = this.#clearCount;
    const available = Math.min(limit - stage.pos, this.#maxMessageSize);
    if (!this.#isEnough(available)) return false;
    const buf = this.#isWhole(available)
      ? stage.giveWhole()
      : view(stage.ownChunk, stage.pos, available);
    if (this.#readBuffer === undefined) stage.showInPlace(buf, available);
    else this.#showInPlace(buf, available);
    const dropped = this.#handOutInPlace(buf, available, ctx, handler);
    if (clearCount !== this.#clearCount) return false;
    this.#consume(dropped);
    if (dropped > 0) this.#lastSize = dropped;
    return true;
  }

  /**
   * Hands out a message that began in an earlier read and has to be made
   * contiguous: to its end if that is known, else by a stage, or by as much again
   * as is there, since a handler cannot tell from which read its bytes come.
   */
  #dispatchFromPartial<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const tail = this.#partial as PartialMessage;
    const held = tail.size;
    // What was seen may reach into the chunk: the stage showed it.
    const isSeen = this.#seen >= held;
    const wanted = this.#decodedMsgSize > 0
      ? this.#decodedMsgSize - held
      : isSeen
      ? this.#seen - held + Math.max(SMALL_CACHE_SIZE, this.#stepSize, held)
      : 0;
    const most = Math.min(
      limit - this.#context.pos,
      this.#maxMessageSize - held,
    );
    const more = Math.min(wanted, most);
    if (more > 0) this.#appendToPartial(more);
    const { size } = tail;
    const available = Math.min(size, held + most);
    if (!this.#isEnough(available)) return false;
    const buf = view(tail.bytes, tail.pos, available);
    const clearCount = this.#clearCount;
    const dropped = this.#handOutInPlace(buf, available, ctx, handler);
    if (clearCount !== this.#clearCount) return false;
    this.#consume(dropped);
    const left = size - dropped;
    if (left > 0 && left <= tail.fresh) {
      this.#context.pos -= left;
      tail.clear();
    }
    return true;
  }

  /** True if the handler is to be called with `available` bytes of its message. */
  #isEnough(available: number): boolean {
    return this.#decodedMsgSize > 0
      ? available >= this.#decodedMsgSize
      : available > this.#seen;
  }

  /** Calls the handler; returns how many bytes to drop. */
  #handOut<Context>(
    buf: Uint8Array,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): number {
    const clearCount = this.#clearCount;
    const result = handler.onInboundMessage(
      buf,
      ctx,
      available - this.#seen,
      this.#decodedMsgSize,
    );
    if (Number.isInteger(result) && result > 0 && result <= available) {
      this.#decodedMsgSize = this.#seen = 0;
      return result;
    }
    this.#keep(result, available, clearCount);
    return 0;
  }

  /** Nothing of the message is dropped. */
  #keep(
    result: MessageResult,
    available: number,
    clearCount: number,
  ): void {
    if (clearCount === this.#clearCount) this.#expect(result, available);
    else this.#watch(result);
  }

  /** The same for bytes of which there is no copy. */
  #handOutInPlace<Context>(
    buf: Uint8Array,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): number {
    let dropped = 0;
    let isLost = false;
    try {
      dropped = this.#handOut(buf, available, ctx, handler);
    } finally {
      isLost = dropped < available && isGone(buf);
      if (isLost) this.clear();
    }
    if (isLost) {
      throw new InvalidMessageResultError(
        `Cannot go on reading: onInboundMessage transferred the buffer of a message away and dropped ${dropped} of ${available} bytes`,
      );
    }
    return dropped;
  }

  /** Notes that the handler expects more, or throws if it cannot be so. */
  #expect(result: MessageResult, available: number): void {
    const expected = typeof result === "number" ? 0 - result : NaN;
    if (!Number.isInteger(expected) || expected < 0) {
      this.#watch(result);
      throw new InvalidMessageResultError(
        `Cannot use ${
          textOf(result)
        } as the result of onInboundMessage for ${available} bytes: return MessageResult.expectMsgSize(n) or MessageResult.dropMsgSize(n), n no larger than what is there`,
      );
    }
    if (expected > 0 && expected <= this.#decodedMsgSize) {
      throw new InvalidMessageResultError(
        `Cannot expect a message of ${expected} bytes: ${this.#decodedMsgSize} bytes of it were handed out already`,
      );
    }
    const most = this.#maxMessageSize;
    if (expected > most || (expected === 0 && available === most)) {
      const size = expected || `more than ${most}`;
      throw new MessageTooLargeError(
        `Cannot receive a message of ${size} bytes: maxMessageSize is ${most}`,
      );
    }
    this.#decodedMsgSize = expected;
    this.#seen = available;
  }

  /** A promise is no message result, but its failure must not end the process. */
  #watch(result: unknown): void {
    watchPromise(result, (thrown) => this.#host.onResultRejected(thrown));
  }

  /** Where on the stage that ends which this has read. */
  get #limit(): number {
    const stage = this.#context;
    return stage.reader === this ? stage.end : stage.pos;
  }

  /** How many bytes the tail has. */
  get #held(): number {
    return this.#partial === undefined ? 0 : this.#partial.size;
  }

  /** Drops the first `count` bytes of what is there. */
  #consume(count: number): void {
    const held = this.#held;
    if (held > 0) this.#partial?.drop(count);
    if (count > held) this.#context.pos += count - held;
  }

  /** Moves the next `count` bytes of what was read to the tail. */
  #appendToPartial(count: number): void {
    const stage = this.#context;
    const { ownChunk, pos } = stage;
    stage.pos += count;
    this.#partial ??= new PartialMessage(
      this.#pool,
      this.#stepSize,
      this.#maxMessageSize,
    );
    this.#partial.append(ownChunk, pos, stage.pos, this.#decodedMsgSize);
  }

  /** A handler is given `buf` of a buffer that may be taken over. */
  #showInPlace(buf: Uint8Array, size: number): void {
    const { inPlace } = this.#pool;
    if (inPlace.buffer === undefined) this.#context.showInPlace(buf, size);
    else inPlace.view = buf;
  }

  #endInPlace(): void {
    const { inPlace } = this.#pool;
    if (inPlace.buffer === undefined) return;
    const free = inPlace.end();
    if (free !== undefined) this.#pool.release(free);
  }
}

function asHandler<Context>(
  dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
): InboundHandler<Context> {
  return typeof dispatcher === "function"
    ? { onInboundMessage: dispatcher }
    : dispatcher;
}

/** Always a plain Uint8Array: a Buffer's `slice` and `toString` mean something else. And always one of its own: what handlers put on it is no concern of ours. */
function view(bytes: Uint8Array, start: number, size: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, size);
}
