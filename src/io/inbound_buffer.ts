import { InvalidMessageResultError } from "../api/errors.ts";
import type { MessageResult } from "../api/message_result.ts";
import type {
  InboundHandler,
  MessageDispatcher,
  MsgReader,
} from "../api/msg_reader.ts";
import {
  LARGE_CACHE_SIZE,
  SMALL_CACHE_SIZE,
  SMALL_MESSAGE,
  TURN_SHARE,
} from "../tuning.ts";
import { watchPromise } from "../util/promises.ts";
import { isGone, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { InboundBytes, type InboundSettings } from "./inbound_bytes.ts";
import { expectedSize } from "./message_size.ts";
import type { PartialMessage } from "./partial_message.ts";

/** The credit of a connection that hands out messages without a limit. */
export const UNCOUNTED = -1;

/** Callbacks from an {@linkcode InboundBuffer} to its connection. */
export interface InboundHost {
  /**
   * A handler returned a promise instead of a message result, and the promise
   * rejected.
   */
  onResultRejected(thrown: unknown): void;
  /** Some of the {@linkcode InboundBuffer.untaken} bytes were consumed. */
  onTaken(): void;
  /** The credit is used up: pause reading. */
  onCreditSpent(): void;
  /**
   * Called after every `TURN_SHARE.messagesPerLook` messages since
   * {@linkcode InboundBuffer.beginHandOut}.
   */
  onManyMessages(): void;
}

/**
 * Reassembles messages from partial and combined reads; one per connection.
 *
 * Small reads are copied to the view cache of the {@linkcode ReadContext}.
 * Large messages of large reads are handed out in place. Only an incomplete
 * message at the end of a read is kept, and its buffer goes back to the pool as
 * soon as the message is complete.
 */
export class InboundBuffer extends InboundBytes implements MsgReader {
  /**
   * True while no message may be handed out, because reading is paused or the
   * connection is closing.
   */
  isPaused = false;
  /** How many more messages may be handed out, or {@linkcode UNCOUNTED}. */
  #credit = UNCOUNTED;
  /** True while `dispatch` runs. */
  #isDispatching = false;
  /**
   * True if the credit was set inside a handler: the message that it is
   * handling does not count.
   */
  #isFree = false;
  /** How many bytes of the current message the handler was given before. */
  #seen = 0;
  /** Number of messages handed out and consumed. */
  messagesIn = 0;
  /** At this number, the host hears of many messages. */
  #many = 0;
  #clearCount = 0;
  /** Size of the last message that was consumed. */
  #lastSize = SMALL_MESSAGE;
  /**
   * How many bytes were buffered when reading stopped because nobody consumes
   * them; 0 otherwise. When fewer are left, it is reset and `onTaken` is
   * called.
   */
  untaken = 0;
  /**
   * The most bytes to hand out from the small view cache, and from either of
   * them.
   */
  readonly #mostSmall: number;
  readonly #mostCached: number;
  readonly #host: InboundHost;

  constructor(pool: BufferPool, settings: InboundSettings, host: InboundHost) {
    super(pool, settings);
    this.#host = host;
    this.#mostSmall = Math.min(SMALL_CACHE_SIZE, settings.maxMessageSize);
    this.#mostCached = Math.min(LARGE_CACHE_SIZE, settings.maxMessageSize);
  }

  /**
   * True if the handler has seen the beginning of a message and waits for the
   * rest.
   */
  get isInMessage(): boolean {
    return this.#seen > 0;
  }

  clear(): void {
    this.#clearCount++;
    this.consumeAll();
    this.decodedMsgSize = this.#seen = 0;
    if (this.untaken > 0) this.#notifyIfTaken();
  }

  /**
   * Sets how many messages may be handed out, or {@linkcode UNCOUNTED}. The
   * message that a handler is working on does not count.
   */
  setCredit(messageCount: number): void {
    this.#credit = messageCount;
    this.#isFree = this.#isDispatching;
  }

  /** Adds to the credit, starting from 0 if it was {@linkcode UNCOUNTED}. */
  grant(messageCount: number): void {
    if (this.#credit === UNCOUNTED) this.setCredit(0);
    this.#credit += messageCount;
  }

  /** Messages will be handed out: those of a read, or what was held back. */
  beginHandOut(): void {
    this.#many = this.messagesIn + TURN_SHARE.messagesPerLook;
  }

  tryReadFastRead<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void {
    this.dispatch(ctx, asHandler(dispatcher));
  }

  tryReadFastDispatch<Context>(
    ctx: Context,
    dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
  ): void {
    const handler = asHandler(dispatcher);
    let limit = this.context.pos - this.held + this.#seen;
    do {
      limit = Math.min(limit + this.stepSize, this.limit);
      this.dispatch(ctx, handler, limit);
    } while (limit < this.limit && !this.isPaused);
  }

  /**
   * Hands out the buffered messages to `handler`, but nothing of the current
   * read from `limit` on.
   */
  dispatch<Context>(
    ctx: Context,
    handler: InboundHandler<Context>,
    limit: number = this.limit,
  ): void {
    const { context } = this;
    if (context.isInUse) return;
    context.isInUse = this.#isDispatching = true;
    try {
      while (!this.isPaused && this.#dispatchSome(limit, ctx, handler));
    } finally {
      context.isInUse = this.#isDispatching = false;
      if (this.untaken > 0) this.#notifyIfTaken();
    }
  }

  #notifyIfTaken(): void {
    if (this.bytesBuffered >= this.untaken) return;
    this.untaken = 0;
    this.#host.onTaken();
  }

  /** Hands out one or more messages. Returns false if that takes more bytes. */
  #dispatchSome<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const { context, partial } = this;
    const held = partial === undefined ? 0 : partial.size;
    const available = held + limit - context.pos;
    if (!this.#isEnough(available)) return false;
    if (available > this.#mostSmall || context.end > SMALL_CACHE_SIZE) {
      return this.#dispatchMuch(limit, available, ctx, handler);
    }
    const whole = held === 0 && available <= this.#lastSize
      ? context.showWhole(available)
      : undefined;
    return whole === undefined
      ? this.#dispatchCached(available, ctx, handler)
      : this.#dispatchInPlace(whole, available, ctx, handler);
  }

  /** Like `#dispatchSome`, for what does not fit into the small view cache. */
  #dispatchMuch<Context>(
    limit: number,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const { held } = this;
    const lastSize = this.#lastSize;
    const isSmall = lastSize < SMALL_MESSAGE;
    const most = isSmall && held < SMALL_CACHE_SIZE
      ? this.#mostCached
      : this.#mostSmall;
    if (available <= most && (isSmall || held > 0)) {
      return this.#dispatchCached(available, ctx, handler);
    }
    if (isSmall && this.#isEnough(most)) {
      const clearCount = this.#clearCount;
      if (this.#dispatchCached(most, ctx, handler)) return true;
      if (this.isPaused || clearCount !== this.#clearCount) return false;
    }
    if (held > 0) return this.#dispatchFromPartial(limit, ctx, handler);
    const { context } = this;
    const left = Math.min(limit - context.pos, this.maxMessageSize);
    if (!this.#isEnough(left)) return false;
    const buf = context.showWhole(left) ?? this.showInPlace(left);
    return this.#dispatchInPlace(buf, left, ctx, handler) ||
      context.pos < limit;
  }

  /**
   * Hands out messages from the next `count` bytes through a view cache. The
   * handler must be waiting for no more than that. Returns false if going on
   * takes more bytes.
   */
  #dispatchCached<Context>(
    count: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const { context, partial } = this;
    const clearCount = this.#clearCount;
    context.load(count, partial);
    let left = count;
    let size = 0;
    let { messagesIn } = this;
    try {
      do {
        const result = handler.onInboundMessage(
          context.show(left),
          ctx,
          left - this.#seen,
          this.decodedMsgSize,
        );
        if (Number.isInteger(result) && result > 0 && result <= left) {
          this.decodedMsgSize = this.#seen = 0;
          size = result;
          left -= result;
          if (this.#credit !== UNCOUNTED) this.#count();
          if (++messagesIn >= this.#many) this.#onMany(messagesIn);
        } else {
          this.#keep(result, left, clearCount);
        }
        if (clearCount !== this.#clearCount) return false;
        if (context.source.length === 0) break; // the view cache was transferred: lay the rest out again
      } while (left > 0 && !this.isPaused && this.#isEnough(left));
    } finally {
      this.messagesIn = messagesIn;
      if (clearCount === this.#clearCount) {
        const dropped = count - left;
        context.pos += partial === undefined ? dropped : partial.drop(dropped);
      }
    }
    if (size > 0) this.#lastSize = size;
    const isPart = count === this.#mostSmall || count === this.#mostCached;
    return context.source.length === 0 || (isPart && left < count);
  }

  /**
   * Hands out one message in place: `buf` shows it and everything read after
   * it, `available` bytes in total. Returns false if none of them are left.
   */
  #dispatchInPlace<Context>(
    buf: Uint8Array,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const clearCount = this.#clearCount;
    const dropped = this.#handOut(buf, available, ctx, handler);
    if (clearCount !== this.#clearCount) return false;
    this.context.pos += dropped;
    if (dropped > 0) this.#lastSize = dropped;
    return dropped < available;
  }

  /**
   * Hands out a message that began in an earlier read, and has to be made
   * contiguous first. If its size is known, that many bytes are copied;
   * otherwise one step, or as much as is already there: the handler cannot tell
   * which read its bytes came from.
   */
  #dispatchFromPartial<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const partial = this.partial as PartialMessage;
    const held = partial.size;
    // The handler may have seen bytes of the last read already, through the
    // view cache.
    const isSeen = this.#seen >= held;
    const wanted = this.decodedMsgSize > 0
      ? this.decodedMsgSize - held
      : isSeen
      ? this.#seen - held + Math.max(SMALL_CACHE_SIZE, this.stepSize, held)
      : 0;
    const most = Math.min(
      limit - this.context.pos,
      this.maxMessageSize - held,
    );
    const more = Math.min(wanted, most);
    if (more > 0) this.appendToPartial(more);
    const { size } = partial;
    const available = Math.min(size, held + most);
    if (!this.#isEnough(available)) return false;
    const { bytes, pos } = partial;
    const buf = partOf(bytes, pos, pos + available);
    const clearCount = this.#clearCount;
    const dropped = this.#handOut(buf, available, ctx, handler);
    if (clearCount !== this.#clearCount) return false;
    this.context.pos += partial.drop(dropped);
    const left = size - dropped;
    if (left > 0 && left <= partial.fresh) {
      this.context.pos -= left;
      partial.clear();
    }
    return true;
  }

  /** True if `available` bytes are enough to call the handler again. */
  #isEnough(available: number): boolean {
    return this.decodedMsgSize > 0
      ? available >= this.decodedMsgSize
      : available > this.#seen;
  }

  /**
   * Calls the handler with bytes that were not copied. Returns how many to
   * drop.
   */
  #handOut<Context>(
    buf: Uint8Array,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): number {
    const clearCount = this.#clearCount;
    let dropped = 0;
    let isLost = false;
    try {
      const result = handler.onInboundMessage(
        buf,
        ctx,
        available - this.#seen,
        this.decodedMsgSize,
      );
      if (Number.isInteger(result) && result > 0 && result <= available) {
        this.decodedMsgSize = this.#seen = 0;
        dropped = result;
        if (this.#credit !== UNCOUNTED) this.#count();
        if (++this.messagesIn >= this.#many) this.#onMany(this.messagesIn);
      } else {
        this.#keep(result, available, clearCount);
      }
    } finally {
      isLost = dropped < available && isGone(buf);
      if (isLost) this.clear();
    }
    if (isLost) {
      throw new InvalidMessageResultError(
        `Cannot continue reading: onInboundMessage transferred the buffer of a message, but dropped only ${dropped} of ${available} bytes`,
      );
    }
    return dropped;
  }

  #onMany(messagesIn: number): void {
    this.#many = messagesIn + TURN_SHARE.messagesPerLook;
    this.#host.onManyMessages();
  }

  /** Charges one message to the credit. */
  #count(): void {
    if (this.#isFree) this.#isFree = false;
    else if (this.#credit > 0 && --this.#credit === 0) {
      this.#host.onCreditSpent();
    }
  }

  /**
   * Keeps the message, since the handler dropped nothing. If it returned a
   * promise, that is an error, but a rejection must not end the process.
   */
  #keep(result: MessageResult, available: number, clearCount: number): void {
    if (typeof result !== "number") {
      watchPromise(result, (thrown) => this.#host.onResultRejected(thrown));
    }
    this.#isFree = false;
    if (clearCount !== this.#clearCount) return;
    this.decodedMsgSize = expectedSize(
      result,
      available,
      this.decodedMsgSize,
      this.maxMessageSize,
    );
    this.#seen = available;
  }
}

function asHandler<Context>(
  dispatcher: InboundHandler<Context> | MessageDispatcher<Context>,
): InboundHandler<Context> {
  return typeof dispatcher === "function"
    ? { onInboundMessage: dispatcher }
    : dispatcher;
}
