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
} from "../tuning.ts";
import { watchPromise } from "../util/promises.ts";
import { isGone, partOf } from "../util/views.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { InboundBytes, type InboundSettings } from "./inbound_bytes.ts";
import { expectedSize } from "./message_size.ts";
import type { PartialMessage } from "./partial_message.ts";

/** The credit of a reader whose messages nobody counts. */
export const UNCOUNTED = -1;

/** What a {@linkcode InboundBuffer} asks of its connection. */
export interface InboundHost {
  /** A handler returned a promise in place of a message result, and that rejected. */
  onResultRejected(thrown: unknown): void;
  /** Something is taken of the bytes that were {@linkcode InboundBuffer.untaken}. */
  onTaken(): void;
  /** The last message that it had credit for is handed out: pause reading. */
  onCreditSpent(): void;
}

/**
 * Turns partial and multiple reads into whole messages. There is one for each
 * connection, fed by the runtime.
 *
 * Small reads are laid out in the view cache of the {@linkcode ReadContext}; of
 * large ones, large messages are handed out in place. Only what a read leaves
 * incomplete is kept, and the buffer for it goes back to the pool as soon as the
 * message is complete.
 */
export class InboundBuffer extends InboundBytes implements MsgReader {
  /** True while no message may be handed out: reading is paused or the connection closes. */
  isPaused = false;
  /** How many more messages are handed out, or {@linkcode UNCOUNTED}. */
  #credit = UNCOUNTED;
  /** The handler runs that hands messages out, or is between two of them. */
  #isDispatching = false;
  /** The credit was set while the handler had a message, which does not count. */
  #isFree = false;
  /** How many bytes of the current message the handler has seen. */
  #seen = 0;
  /** How many messages were handed out and dropped so far. */
  messagesIn = 0;
  #clearCount = 0;
  /** How many bytes the handler took last. */
  #lastSize = SMALL_MESSAGE;
  /** How many bytes there are of which nobody takes any, so that reading has stopped; 0 as soon as fewer are left, of which the host is told. */
  untaken = 0;
  /** So many bytes at most are handed out from the small view cache, and from any. */
  readonly #mostSmall: number;
  readonly #mostCached: number;
  readonly #host: InboundHost;

  constructor(pool: BufferPool, settings: InboundSettings, host: InboundHost) {
    super(pool, settings);
    this.#host = host;
    this.#mostSmall = Math.min(SMALL_CACHE_SIZE, settings.maxMessageSize);
    this.#mostCached = Math.min(LARGE_CACHE_SIZE, settings.maxMessageSize);
  }

  /** True if the handler was shown the beginning of a message, and waits for the rest. */
  get isInMessage(): boolean {
    return this.#seen > 0;
  }

  clear(): void {
    this.#clearCount++;
    this.consumeAll();
    this.decodedMsgSize = this.#seen = 0;
    if (this.untaken > 0) this.#tellIfTaken();
  }

  /** So many messages are handed out from now on, or {@linkcode UNCOUNTED}; the one that a handler has is none of them. */
  setCredit(messageCount: number): void {
    this.#credit = messageCount;
    this.#isFree = this.#isDispatching;
  }

  /** So many messages more. */
  grant(messageCount: number): void {
    if (this.#credit === UNCOUNTED) this.setCredit(0);
    this.#credit += messageCount;
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

  /** Hands out what is there to `handler`, of the read in hand no more than to `limit`. */
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
    const { context, held } = this;
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

  /** The same for more than fits in the small view cache, or what is left of it. */
  #dispatchMuch<Context>(
    limit: number,
    available: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const { held } = this;
    const lastSize = this.#lastSize;
    const most = lastSize < SMALL_MESSAGE && held < SMALL_CACHE_SIZE
      ? this.#mostCached
      : this.#mostSmall;
    const isInPlace = held === 0 && lastSize >= SMALL_MESSAGE;
    if (!isInPlace) {
      if (available <= most) {
        return this.#dispatchCached(available, ctx, handler);
      }
      if (held > 0) return this.#dispatchFromPartial(limit, ctx, handler);
      if (this.#isEnough(most)) {
        const clearCount = this.#clearCount;
        if (this.#dispatchCached(most, ctx, handler)) return true;
        if (this.isPaused || clearCount !== this.#clearCount) return false;
      }
    }
    const { context } = this;
    const left = Math.min(limit - context.pos, this.maxMessageSize);
    if (!this.#isEnough(left)) return false;
    const buf = context.showWhole(left) ?? this.showInPlace(left);
    return this.#dispatchInPlace(buf, left, ctx, handler) ||
      context.pos < limit;
  }

  /** Hands out the messages of the next `count` bytes, enough for the handler, from a view cache; false if that is not possible before more is read. */
  #dispatchCached<Context>(
    count: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const { context } = this;
    const clearCount = this.#clearCount;
    context.load(count, this.partial);
    let left = count;
    let size = 0;
    let messageCount = 0;
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
          messageCount++;
          if (this.#credit !== UNCOUNTED) this.#count();
        } else {
          this.#keep(result, left, clearCount);
        }
        if (clearCount !== this.#clearCount) return false;
        if (context.source.length === 0) break; // they are laid out anew
      } while (!this.isPaused && this.#isEnough(left));
    } finally {
      this.messagesIn += messageCount;
      if (clearCount === this.#clearCount) this.consume(count - left);
    }
    if (size > 0) this.#lastSize = size;
    const isPart = count === this.#mostSmall || count === this.#mostCached;
    return context.source.length === 0 || (isPart && left < count);
  }

  /** Hands out a message where it was read: in `buf`, which is shown, with all of the `available` bytes that were read after it. False if nothing of these is left. */
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
   * Hands out a message that began in an earlier read and has to be made
   * contiguous: to its end if that is known, else by a step, or by as much again
   * as is there, since a handler cannot tell from which read its bytes come.
   */
  #dispatchFromPartial<Context>(
    limit: number,
    ctx: Context,
    handler: InboundHandler<Context>,
  ): boolean {
    const partial = this.partial as PartialMessage;
    const held = partial.size;
    // What was seen may reach into the last read: the view cache showed it.
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
    this.consume(dropped);
    const left = size - dropped;
    if (left > 0 && left <= partial.fresh) {
      this.context.pos -= left;
      partial.clear();
    }
    return true;
  }

  /** True if the handler is to be called with `available` bytes of its message. */
  #isEnough(available: number): boolean {
    return this.decodedMsgSize > 0
      ? available >= this.decodedMsgSize
      : available > this.#seen;
  }

  /** Calls the handler with bytes of which there is no copy; returns how many to drop. */
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
        this.messagesIn++;
        if (this.#credit !== UNCOUNTED) this.#count();
      } else {
        this.#keep(result, available, clearCount);
      }
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

  /** A message is dealt with. */
  #count(): void {
    if (this.#isFree) this.#isFree = false;
    else if (this.#credit > 0 && --this.#credit === 0) {
      this.#host.onCreditSpent();
    }
  }

  /** Nothing of the message is dropped. A promise is no message result, but its failure must not end the process. */
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
