import { InvalidMessageResultError, MessageTooLargeError } from "../errors.ts";
import type { MessageResult } from "../message_result.ts";
import type { DispatchContext } from "../reactor.ts";
import { type BufferPool, EMPTY } from "./buffer_pool.ts";
import {
  asHandler,
  type InboundHandler,
  type MessageDispatcher,
} from "./dispatcher.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { STAGE_SIZE } from "./stage.ts";
import { Tail } from "./tail.ts";
import { logError } from "../util/log.ts";
import { watchPromise } from "../util/promises.ts";

/** A tail without bytes. */
const NOTHING = { bytes: EMPTY, pos: 0, end: 0 };

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
 * Small reads are laid out in the {@linkcode Stage} of the runtime; of large
 * ones, large messages are handed out in place. Only what a read leaves
 * incomplete is kept, and the buffer for it goes back to the pool as soon as the
 * message is complete.
 */
export class MsgReader {
  readonly #pool: BufferPool;
  readonly #stepSize: number;
  readonly #maxMessageSize: number;

  /** What was read and is valid during the current event only. */
  #chunk = EMPTY;
  #chunkPos = 0;
  #chunkEnd = 0;

  /** What earlier events left: bytes that come before the chunk's. Made when something is left. */
  #tail: Tail | undefined = undefined;
  /** What is read into if not the tail; made by the first socket that asks. */
  #readBuffer: ReadBuffer | undefined = undefined;

  #decodedMsgSize = 0;
  /** How many bytes of the current message the handler has seen. */
  #seen = 0;
  /** The handler was last seen to take less than it was given: several messages come in a read. */
  #takesParts = false;
  #isDispatching = false;
  #countClears = 0;

  /** True while no message may be handed out: reading is paused or the connection closes. For the runtime. */
  halted = false;

  /** For the runtime. */
  constructor(pool: BufferPool, settings: MsgReaderSettings) {
    this.#pool = pool;
    this.#stepSize = Math.max(1, settings.recvBufferMinSize);
    this.#maxMessageSize = settings.maxMessageSize;
  }

  /** How many bytes were read and not yet dropped. */
  bytesInBuffer(): number {
    return this.#held + this.#chunkEnd - this.#chunkPos;
  }

  /** Forgets everything that was read and not yet dropped, and any size that was decoded. */
  clear(): void {
    this.#countClears++;
    this.#tail?.clear();
    this.#releaseChunk();
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

  /** Where the next read is to go, if the socket lets us choose: it is the socket's until `receive`. For the runtime. */
  readBuffer(): Uint8Array {
    const target = this.#tail?.target(this.#decodedMsgSize);
    if (target !== undefined) return target;
    return (this.#readBuffer ??= new ReadBuffer(this.#pool)).bytes;
  }

  /** Takes in what was read: the first `length` bytes of `buffer`, not to be changed before `retain`. For the runtime. */
  receive(buffer: Uint8Array, length: number): void {
    if (this.#tail?.receive(buffer, length)) return;
    this.#readBuffer?.fit(length);
    this.#chunk = buffer;
    this.#chunkPos = 0;
    this.#chunkEnd = length;
    if (length > STAGE_SIZE && this.#readBuffer !== undefined) {
      this.#pool.inPlace.begin(buffer, this.#readBuffer);
    }
  }

  /** Copies what is left of the bytes given to `receive`, whose buffer is then free. For the runtime. */
  retain(): void {
    const left = this.#chunkEnd - this.#chunkPos;
    if (left > 0) this.#appendToTail(left);
    this.#releaseChunk();
    const { inPlace } = this.#pool;
    if (inPlace.buffer === undefined) return;
    const free = inPlace.end();
    if (free !== undefined) this.#pool.release(free);
  }

  #dispatchUpTo<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      while (!this.halted && this.#dispatchSome(limit, ctx, handler));
    } finally {
      this.#isDispatching = false;
    }
  }

  /** Hands out one message or several; false if that is not possible before more is read. */
  #dispatchSome<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const held = this.#held;
    const available = held + limit - this.#chunkPos;
    if (!this.#isEnough(available)) return false;
    if (available <= STAGE_SIZE) {
      return this.#dispatchStaged(available, ctx, handler);
    }
    if (held > 0) return this.#dispatchFromTail(limit, ctx, handler);
    if (this.#takesParts && this.#isEnough(STAGE_SIZE)) {
      const countClears = this.#countClears;
      if (this.#dispatchStaged(STAGE_SIZE, ctx, handler)) return true;
      if (this.halted || countClears !== this.#countClears) return false;
    }
    return this.#dispatchFromChunk(limit, ctx, handler);
  }

  /** Hands out the messages of the next `count` bytes from the stage; false if there is none. */
  #dispatchStaged<UserCommand>(
    count: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const { stage } = this.#pool;
    const { bytes, pos, end } = this.#tail ?? NOTHING;
    stage.load(count, bytes, pos, end, this.#chunk, this.#chunkPos);
    const countClears = this.#countClears;
    let left = count;
    try {
      while (!this.halted && this.#isEnough(left)) {
        const buf = stage.show(left);
        if (buf.length === 0) break; // they are laid out anew
        const result = handler.onInboundMessage(
          buf,
          left - this.#seen,
          this.#decodedMsgSize,
          ctx,
        );
        if (result > 0 && result <= left && Number.isInteger(result)) {
          this.#decodedMsgSize = this.#seen = 0;
          left -= result;
        } else {
          this.#keep(result, left, countClears);
        }
        if (countClears !== this.#countClears) return false;
      }
    } finally {
      if (countClears === this.#countClears) this.#consume(count - left);
    }
    return left < count;
  }

  /** Hands out a message in place, with all that was read after it. */
  #dispatchFromChunk<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const available = limit - this.#chunkPos;
    if (!this.#isEnough(available)) return false;
    const buf = view(this.#chunk, this.#chunkPos, limit);
    const countClears = this.#countClears;
    if (this.#readBuffer !== undefined) this.#pool.inPlace.view = buf;
    const dropped = this.#handOutInPlace(buf, ctx, handler);
    if (countClears !== this.#countClears) return false;
    this.#consume(dropped);
    this.#takesParts = dropped > 0 && dropped < available;
    return true;
  }

  /**
   * Hands out a message that began in an earlier read and has to be made
   * contiguous: to its end if that is known, else by a stage, or by as much again
   * as is there, since a handler cannot tell from which read its bytes come.
   */
  #dispatchFromTail<UserCommand>(
    limit: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): boolean {
    const tail = this.#tail as Tail;
    const held = tail.size;
    // What was seen may reach into the chunk: the stage showed it.
    const isSeen = this.#seen >= held;
    const wanted = this.#decodedMsgSize > 0
      ? this.#decodedMsgSize - held
      : isSeen
      ? this.#seen - held + Math.max(STAGE_SIZE, this.#stepSize, held)
      : 0;
    const more = Math.min(wanted, limit - this.#chunkPos);
    if (more > 0) this.#appendToTail(more);
    const available = tail.size;
    if (!this.#isEnough(available)) return false;
    const buf = view(tail.bytes, tail.pos, tail.end);
    const countClears = this.#countClears;
    const dropped = this.#handOutInPlace(buf, ctx, handler);
    if (countClears !== this.#countClears) return false;
    this.#consume(dropped);
    const left = available - dropped;
    if (left > 0 && left <= tail.fresh) {
      this.#chunkPos -= left;
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
  #handOut<UserCommand>(
    buf: Uint8Array,
    available: number,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): number {
    const countClears = this.#countClears;
    const result = handler.onInboundMessage(
      buf,
      available - this.#seen,
      this.#decodedMsgSize,
      ctx,
    );
    if (result > 0 && result <= available && Number.isInteger(result)) {
      this.#decodedMsgSize = this.#seen = 0;
      return result;
    }
    this.#keep(result, available, countClears);
    return 0;
  }

  /** Nothing of the message is dropped. */
  #keep(result: MessageResult, available: number, countClears: number): void {
    if (countClears === this.#countClears) this.#expect(result, available);
    else watchPromise(result, logRejection);
  }

  /** The same for bytes of which there is no copy. */
  #handOutInPlace<UserCommand>(
    buf: Uint8Array,
    ctx: DispatchContext<UserCommand>,
    handler: InboundHandler<UserCommand>,
  ): number {
    const available = buf.length;
    const dropped = this.#handOut(buf, available, ctx, handler);
    if (buf.length < available && dropped < available) {
      this.clear();
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
      watchPromise(result, logRejection);
      throw new InvalidMessageResultError(
        `Cannot use ${
          String(result)
        } as the result of onInboundMessage for ${available} bytes: return MessageResult.expectMsgSize(n) or MessageResult.dropMsgSize(n), n no larger than what is there`,
      );
    }
    if (expected > 0 && expected <= this.#decodedMsgSize) {
      throw new InvalidMessageResultError(
        `Cannot expect a message of ${expected} bytes: ${available} bytes of it were handed out already`,
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
  }

  /** How many bytes the tail has. */
  get #held(): number {
    return this.#tail === undefined ? 0 : this.#tail.size;
  }

  /** Drops the first `count` bytes of what is there. */
  #consume(count: number): void {
    const held = this.#held;
    if (held > 0) this.#tail?.drop(count);
    if (count > held) this.#chunkPos += count - held;
  }

  /** Moves the next `count` bytes of the chunk to the tail. */
  #appendToTail(count: number): void {
    const start = this.#chunkPos;
    this.#chunkPos += count;
    this.#tail ??= new Tail(this.#pool, this.#stepSize);
    this.#tail.append(
      this.#chunk,
      start,
      this.#chunkPos,
      this.#decodedMsgSize,
    );
  }

  #releaseChunk(): void {
    this.#chunk = EMPTY;
    this.#chunkPos = this.#chunkEnd = 0;
    if (this.#tail !== undefined) this.#tail.fresh = 0;
  }
}

/** Always a plain Uint8Array: a Buffer's `slice` and `toString` mean something else. */
function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const isWhole = start === 0 && end === bytes.length;
  if (isWhole && bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** A promise is no message result, but its failure must not end the process. */
function logRejection(thrown: unknown): void {
  logError("onInboundMessage returned a promise, which rejected:", thrown);
}
