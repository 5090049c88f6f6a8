import { InvalidMessageResultError, MessageTooLargeError } from "../errors.ts";
import type { MessageResult } from "../message_result.ts";
import type { DispatchContext } from "../reactor.ts";
import { type BufferPool, EMPTY } from "./buffer_pool.ts";

/** Decides what to do with the bytes of a message; see {@linkcode Reactor.onInboundMessage}. */
export type MessageDispatcher<UserCommand> = (
  buf: Uint8Array,
  newBytes: number,
  decodedMsgSize: number,
  ctx: DispatchContext<UserCommand>,
) => MessageResult;

/** A reactor, or anything else with its `onInboundMessage`. */
export interface InboundHandler<UserCommand> {
  /** See {@linkcode Reactor.onInboundMessage}. */
  onInboundMessage: MessageDispatcher<UserCommand>;
}

/** The bounds of a {@linkcode MsgReader}. */
export interface MsgReaderSettings {
  /** See `ConnectionOptions.recvBufferMinSize`. */
  readonly recvBufferMinSize: number;
  /** See `ConnectionOptions.maxMessageSize`. */
  readonly maxMessageSize: number;
}

/**
 * Turns partial and multiple reads into whole messages. There is one for each
 * connection, fed by the runtime.
 *
 * Messages are handed out straight from the bytes that were read; only what a
 * read leaves incomplete is copied, and the buffer for it goes back to the pool
 * as soon as the message is complete.
 */
export class MsgReader {
  readonly #pool: BufferPool;
  readonly #stepSize: number;
  readonly #maxMessageSize: number;

  /** What was read and is valid during the current event only. */
  #chunk = EMPTY;
  #chunkPos = 0;
  #chunkEnd = 0;

  /** What earlier events left: bytes that come before the chunk's. */
  #tail = EMPTY;
  #tailPos = 0;
  #tailEnd = 0;
  /** How many of the tail's last bytes are still in the chunk too. */
  #tailFromChunk = 0;

  #decodedMsgSize = 0;
  /** How many bytes of the current message the handler has seen. */
  #seen = 0;
  #dispatching = false;

  /** True while no message may be handed out: reading is paused or the connection closes. For the runtime. */
  halted = false;

  /** For the runtime, and for tests of a protocol without a connection. */
  constructor(pool: BufferPool, settings: MsgReaderSettings) {
    this.#pool = pool;
    this.#stepSize = Math.max(1, settings.recvBufferMinSize);
    this.#maxMessageSize = settings.maxMessageSize;
  }

  /** How many bytes were read and not yet dropped. */
  bytesInBuffer(): number {
    return this.#tailEnd - this.#tailPos + this.#chunkEnd - this.#chunkPos;
  }

  /** Forgets everything that was read and not yet dropped, and any size that was decoded. */
  clear(): void {
    this.#releaseTail();
    this.#chunk = EMPTY;
    this.#chunkPos = this.#chunkEnd = 0;
    this.#decodedMsgSize = this.#seen = 0;
  }

  /**
   * Hands out all messages of all bytes that are there. To be called from
   * `onReadable`; this is what happens when a reactor has none.
   *
   * `dispatcher` is the reactor itself or a function. What it throws is thrown;
   * {@linkcode MessageTooLargeError} and {@linkcode InvalidMessageResultError}
   * are thrown here. Called from inside a dispatcher it does nothing.
   */
  tryReadFastRead<UserCommand>(
    ctx: DispatchContext<UserCommand>,
    dispatcher: InboundHandler<UserCommand> | MessageDispatcher<UserCommand>,
  ): void {
    this.#dispatchUpTo(this.#chunkEnd, ctx, asHandler(dispatcher));
  }

  /**
   * The same, but looks at no more than `recvBufferMinSize` further bytes at a
   * time, so that the handler of a message whose size is not known yet is called
   * early and often rather than late and once.
   */
  tryReadFastDispatch<UserCommand>(
    ctx: DispatchContext<UserCommand>,
    dispatcher: InboundHandler<UserCommand> | MessageDispatcher<UserCommand>,
  ): void {
    const handler = asHandler(dispatcher);
    let limit = this.#chunkPos;
    do {
      limit = Math.min(limit + this.#stepSize, this.#chunkEnd);
      this.#dispatchUpTo(limit, ctx, handler);
    } while (limit < this.#chunkEnd && !this.halted);
  }

  /** Takes in what was read: the first `length` bytes of `buffer`, not to be changed before `retain`. For the runtime. */
  receive(buffer: Uint8Array, length: number): void {
    this.#chunk = buffer;
    this.#chunkPos = 0;
    this.#chunkEnd = length;
  }

  /** Copies what is left of the bytes given to `receive`, whose buffer is then free. For the runtime. */
  retain(): void {
    if (this.#chunkPos < this.#chunkEnd) {
      this.#appendToTail(this.#chunkEnd - this.#chunkPos);
    }
    this.#chunk = EMPTY;
    this.#chunkPos = this.#chunkEnd = this.#tailFromChunk = 0;
  }

  #dispatchUpTo<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (!this.halted) {
        const handedOut = this.#tailPos === this.#tailEnd
          ? this.#dispatchFromChunk(limit, ctx, handler)
          : this.#dispatchFromTail(limit, ctx, handler);
        if (!handedOut) break;
      }
    } finally {
      this.#dispatching = false;
    }
  }

  #dispatchFromChunk<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const available = limit - this.#chunkPos;
    if (available < (this.#decodedMsgSize || this.#seen + 1)) return false;
    const result = handler.onInboundMessage(
      view(this.#chunk, this.#chunkPos, limit),
      available - this.#seen,
      this.#decodedMsgSize,
      ctx,
    );
    if (this.#chunkEnd === 0) return false; // cleared by the handler
    this.#chunkPos += this.#apply(result, available);
    return true;
  }

  /**
   * A message that began in an earlier read has to be made contiguous: to its
   * end if that is known, else by as much again as is there, since a handler
   * cannot tell from which read its bytes come.
   */
  #dispatchFromTail<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const held = this.#tailEnd - this.#tailPos;
    const wanted = this.#decodedMsgSize > 0
      ? this.#decodedMsgSize - held
      : this.#seen < held
      ? 0
      : Math.max(this.#stepSize, held);
    if (wanted > 0) {
      this.#appendToTail(Math.min(wanted, limit - this.#chunkPos));
    }
    const available = this.#tailEnd - this.#tailPos;
    if (available < (this.#decodedMsgSize || this.#seen + 1)) return false;
    const result = handler.onInboundMessage(
      view(this.#tail, this.#tailPos, this.#tailEnd),
      available - this.#seen,
      this.#decodedMsgSize,
      ctx,
    );
    if (this.#tailEnd === 0) return false; // cleared by the handler
    const dropped = this.#apply(result, available);
    this.#tailPos += dropped;
    const left = available - dropped;
    if (left <= this.#tailFromChunk) {
      this.#chunkPos -= left;
      this.#releaseTail();
    }
    return true;
  }

  /** Notes what the handler said of `available` bytes; returns how many to drop. */
  #apply(result: MessageResult, available: number): number {
    if (result > 0) {
      if (result > available || !Number.isInteger(result)) {
        throw new InvalidMessageResultError(
          `Cannot drop ${result} bytes of ${available} that were read`,
        );
      }
      this.#decodedMsgSize = this.#seen = 0;
      return result;
    }
    const expected = -result;
    if (
      expected !== 0 &&
      (!Number.isInteger(expected) || expected <= this.#decodedMsgSize)
    ) {
      throw new InvalidMessageResultError(
        Number.isInteger(expected)
          ? `Cannot expect a message of ${expected} bytes: ${available} bytes of it were handed out already`
          : `Cannot use ${
            String(result)
          } as a result of onInboundMessage: return MessageResult.expectMsgSize(n) or MessageResult.dropMsgSize(n)`,
      );
    }
    const size = expected || available;
    if (size > this.#maxMessageSize) {
      throw new MessageTooLargeError(
        `Cannot receive a message of ${size} bytes: maxMessageSize is ${this.#maxMessageSize}`,
      );
    }
    this.#decodedMsgSize = expected;
    this.#seen = available;
    return 0;
  }

  #appendToTail(count: number): void {
    const end = this.#tailEnd + count;
    if (end > this.#tail.length) this.#growTail(count);
    this.#tail.set(
      this.#chunk.subarray(this.#chunkPos, this.#chunkPos + count),
      this.#tailEnd,
    );
    this.#tailEnd += count;
    this.#chunkPos += count;
    this.#tailFromChunk += count;
  }

  /** Makes room for `count` more bytes, by moving to the front if that is enough and pays. */
  #growTail(count: number): void {
    const held = this.#tailEnd - this.#tailPos;
    const needed = held + count;
    if (needed <= this.#tail.length && held <= this.#tailPos) {
      this.#tail.copyWithin(0, this.#tailPos, this.#tailEnd);
    } else {
      const old = this.#tail;
      const doubled = 2 * old.length;
      this.#tail = this.#pool.acquire(Math.max(
        needed,
        this.#stepSize,
        this.#decodedMsgSize > 0
          ? Math.min(doubled, this.#decodedMsgSize)
          : doubled,
      ));
      this.#tail.set(old.subarray(this.#tailPos, this.#tailEnd));
      if (old !== EMPTY) this.#pool.release(old);
    }
    this.#tailPos = 0;
    this.#tailEnd = held;
  }

  #releaseTail(): void {
    if (this.#tail !== EMPTY) this.#pool.release(this.#tail);
    this.#tail = EMPTY;
    this.#tailPos = this.#tailEnd = this.#tailFromChunk = 0;
  }
}

/** Always a plain Uint8Array: a Buffer's `slice` and `toString` mean something else. */
function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

function asHandler<UserCommand>(
  dispatcher: InboundHandler<UserCommand> | MessageDispatcher<UserCommand>,
): InboundHandler<UserCommand> {
  return typeof dispatcher === "function"
    ? { onInboundMessage: dispatcher }
    : dispatcher;
}
