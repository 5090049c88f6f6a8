import assert from "node:assert/strict";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import type { WatchedPool } from "./watched_pool.ts";

/** A socket that reads into memory it was given: it may write there at any time until it has reported the read. */
export class WatchedTarget {
  readonly #reader: InboundBuffer;
  readonly #pool: WatchedPool;
  /** What the socket was given, and the pool's buffer around it. */
  #given: Uint8Array | undefined = undefined;
  #around: Uint8Array | undefined = undefined;
  /** The buffer that the reader keeps to give again. */
  #kept: Uint8Array | undefined = undefined;
  readonly #lost: Uint8Array[] = [];

  constructor(reader: InboundBuffer, pool: WatchedPool) {
    this.#reader = reader;
    this.#pool = pool;
  }

  /** Buffers that may be acquired although nothing is buffered: the one the reader keeps for the next read, and those it gave up. */
  get spared(): Uint8Array[] {
    return this.#kept === undefined ? this.#lost : [this.#kept, ...this.#lost];
  }

  /** The memory for the next part of an incomplete message, if that is what the socket was given. */
  get part(): Uint8Array | undefined {
    return this.#given === this.#around ? undefined : this.#given;
  }

  /** The socket asks for memory, unless it has some. */
  ask(): void {
    if (this.#given !== undefined) return;
    const given = this.#reader.readBuffer();
    assert.ok(given.length > 0, "there is room");
    this.#around = this.#pool.around(given);
    assert.ok(this.#around !== undefined, "it is the reader's to give");
    if (given === this.#around) this.#kept = given;
    this.#given = given.fill(0xbb);
  }

  /** The socket has read as much of `bytes` as there was room for: the buffer, and the bytes read. */
  read(bytes: Uint8Array): { buffer: Uint8Array; chunk: Uint8Array } {
    this.ask();
    const buffer = this.#given!;
    const chunk = bytes.subarray(0, buffer.length);
    buffer.set(chunk);
    this.#given = undefined;
    return { buffer, chunk };
  }

  /** The reader was cleared. If the socket has memory inside a message's buffer, nobody else may use the rest of that buffer any more. */
  onCleared(): void {
    if (this.#around === undefined || this.part === undefined) return;
    assert.ok(this.#pool.isTaken(this.#around), "the socket still has it");
    this.#lost.push(this.#around);
    this.#around = this.#given; // from now on an ordinary buffer
  }
}
