import assert from "node:assert/strict";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import { LARGE_CACHE_SIZE } from "../../src/tuning.ts";

const OTHERS_BYTES = new Uint8Array(LARGE_CACHE_SIZE).fill(0xee);

/**
 * A pool that checks ownership: releasing a buffer that is not acquired fails, and
 * reading one after its release shows, since it is overwritten at once.
 */
export class WatchedPool extends BufferPool {
  readonly #taken = new Set<Uint8Array>();

  /** How many bytes are acquired. */
  get bytesTaken(): number {
    return this.bytesTakenBut([]);
  }

  /** The same, without those of `buffers`. */
  bytesTakenBut(buffers: readonly Uint8Array[]): number {
    let sum = 0;
    for (const buffer of this.#taken) {
      if (!buffers.includes(buffer)) sum += buffer.length;
    }
    return sum;
  }

  /** True if `buffer` is acquired. */
  isTaken(buffer: Uint8Array): boolean {
    return this.#taken.has(buffer);
  }

  /** The acquired buffer that contains `bytes`, if any. */
  around(bytes: Uint8Array): Uint8Array | undefined {
    for (const buffer of this.#taken) {
      if (buffer.buffer === bytes.buffer) return buffer;
    }
    return undefined;
  }

  override acquireToRead(bytes: number): Uint8Array {
    assert.ok(Number.isInteger(bytes) && bytes > 0, `acquire(${bytes})`);
    const buffer = super.acquireToRead(bytes);
    assert.ok(buffer.length >= bytes, `a buffer of ${bytes} bytes at least`);
    assert.ok(!this.#taken.has(buffer), "a buffer has one owner");
    this.#taken.add(buffer);
    return buffer;
  }

  override release(buffer: Uint8Array, counted?: number): void {
    assert.ok(this.#taken.delete(buffer), "a buffer is given back once");
    buffer.fill(0xee);
    super.release(buffer, counted);
  }

  /** Another connection reads, which overwrites the shared memory of earlier reads. */
  readByAnother(): void {
    this.readContext.beginRead(this, OTHERS_BYTES, LARGE_CACHE_SIZE);
    this.readContext.load(LARGE_CACHE_SIZE, undefined);
    this.readContext.endRead();
  }
}
