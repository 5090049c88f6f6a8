/**
 * A buffer to write a message into.
 *
 * @module
 */

import {
  AutoSendBufferDisposedError,
  InvalidSliceError,
} from "../api/errors.ts";
import { sizeOf } from "../util/views.ts";
import { asBytes } from "./bytes.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { EMPTY } from "./empty.ts";
import type { OutboundBuffer } from "./outbound_buffer.ts";
import type { SendCompletion, SendOrQueueResult } from "../api/send_result.ts";

const encoder = new TextEncoder();
const MAX_UTF8_BYTES_PER_UNIT = 3;

/**
 * A buffer to write a message into piece by piece. It is sent as one at the end
 * of its scope, or by {@linkcode AutoSendBuffer.send}; sends that happen in
 * between go out before it. Several may be open at once.
 *
 * @example
 * ```ts
 * import type { DispatchContext } from "@reactio/reactio";
 *
 * function greet(ctx: DispatchContext, name: string): void {
 *   using buffer = ctx.acquireSend();
 *   buffer.write("hello ");
 *   buffer.write(name);
 * } // sent here
 * console.log(greet.length); // 2
 * ```
 *
 * @category Reactors
 */
export class AutoSendBuffer implements Disposable {
  readonly #sender: OutboundBuffer;
  readonly #pool: BufferPool;
  #bytes = EMPTY;
  #written = 0;
  #disposed = false;

  /** For the runtime; users call `ctx.acquireSend()`. */
  constructor(sender: OutboundBuffer, pool: BufferPool) {
    this.#sender = sender;
    this.#pool = pool;
  }

  /**
   * Appends a copy of `data`, a string as UTF-8, any view as the bytes that it
   * shows, and returns how many bytes that was. Throws
   * {@linkcode AutoSendBufferDisposedError} after the end of the scope, and
   * {@linkcode InvalidSliceError} if it is something else; what was written before
   * stays.
   */
  write(data: ArrayBufferView | string): number {
    if (this.#disposed) {
      throw new AutoSendBufferDisposedError(
        "Cannot write: the buffer was sent at the end of its scope",
      );
    }
    if (typeof data === "string") {
      this.#reserve(data.length * MAX_UTF8_BYTES_PER_UNIT);
      const room = this.#bytes.subarray(this.#written);
      return this.#advance(encoder.encodeInto(data, room).written);
    }
    const bytes = asBytes(data);
    const size = sizeOf(bytes);
    if (size === 0) return 0;
    this.#reserve(size);
    this.#bytes.set(bytes, this.#written);
    return this.#advance(size);
  }

  /** How many bytes are written and not sent. */
  get bytesWritten(): number {
    return this.#written;
  }

  /**
   * The bytes that are written and not sent: a view, valid until the next call of
   * another method; it may be changed. Throws {@linkcode InvalidSliceError} if its
   * buffer was transferred away.
   */
  getWritten(): Uint8Array {
    if (this.#written === 0) return EMPTY;
    if (this.#bytes.length === 0) {
      throw new InvalidSliceError(
        `Cannot send the ${this.#written} bytes that were written: their buffer was transferred away`,
      );
    }
    return this.#bytes.subarray(0, this.#written);
  }

  /** Drops what is written and not sent. */
  clear(): void {
    this.#written = 0;
  }

  /** Sends what is written and begins anew; for the rest see {@linkcode MsgSender.sendOrQueue}. If that throws, what is written stays. */
  send(completion?: SendCompletion): SendOrQueueResult {
    const result = this.#sender.sendOrQueue(this.getWritten(), completion);
    this.#written = 0;
    return result;
  }

  /** Sends what is written; called at the end of the scope by `using`. Throws as {@linkcode MsgSender.sendOrQueue} does. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    try {
      if (this.#written > 0) this.send();
    } finally {
      this.#written = 0;
      if (this.#bytes !== EMPTY) this.#pool.release(this.#bytes);
      this.#bytes = EMPTY;
    }
  }

  #reserve(count: number): void {
    const needed = this.#written + count;
    if (needed <= this.#bytes.length) return;
    const old = this.#bytes;
    const written = this.getWritten();
    this.#bytes = this.#pool.acquire(Math.max(needed, 2 * old.length));
    this.#bytes.set(written);
    if (old !== EMPTY) this.#pool.release(old);
  }

  #advance(count: number): number {
    this.#written += count;
    return count;
  }
}
