import assert from "node:assert/strict";
import type { InboundBuffer } from "../../src/io/inbound_buffer.ts";
import type { WatchedPool } from "./watched_pool.ts";

/** What a socket reads into that is given memory for that: it may write there at any time until it has told what it read. */
export class WatchedTarget {
  readonly #reader: InboundBuffer;
  readonly #pool: WatchedPool;
  /** What the socket has, and the buffer that is a part of. */
  #given: Uint8Array | undefined = undefined;
  #around: Uint8Array | undefined = undefined;
  /** What the reader keeps to give it again. */
  #kept: Uint8Array | undefined = undefined;
  readonly #lost: Uint8Array[] = [];

  constructor(reader: InboundBuffer, pool: WatchedPool) {
    this.#reader = reader;
    this.#pool = pool;
  }

  /** Buffers that may well be taken though nothing is held: what the reader keeps for the next read, and what it gave up. */
  get spared(): Uint8Array[] {
    return this.#kept === undefined ? this.#lost : [this.#kept, ...this.#lost];
  }

  /** The part of an incomplete message that is to be read next, if that is what the socket has. */
  get part(): Uint8Array | undefined {
    return this.#given === this.#around ? undefined : this.#given;
  }

  /** The socket asks, unless it has something. */
  ask(): void {
    if (this.#given !== undefined) return;
    const given = this.#reader.readBuffer();
    assert.ok(given.length > 0, "there is room");
    this.#around = this.#pool.around(given);
    assert.ok(this.#around !== undefined, "it is the reader's to give");
    if (given === this.#around) this.#kept = given;
    this.#given = given.fill(0xbb);
  }

  /** The socket has read as much of `bytes` as there is room for: where, and what of them. */
  read(bytes: Uint8Array): { buffer: Uint8Array; chunk: Uint8Array } {
    this.ask();
    const buffer = this.#given!;
    const chunk = bytes.subarray(0, buffer.length);
    buffer.set(chunk);
    this.#given = undefined;
    return { buffer, chunk };
  }

  /** The reader was cleared: if the socket has a part of a message, nobody else uses the rest of its buffer any more. */
  noteClear(): void {
    if (this.#around === undefined || this.part === undefined) return;
    assert.ok(this.#pool.isTaken(this.#around), "the socket still has it");
    this.#lost.push(this.#around);
    this.#around = this.#given; // just a buffer
  }
}
