import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BORROWED, type Socket } from "../../src/contract/socket.ts";
import type { WatchedPool } from "./watched_pool.ts";

/** How many bytes a socket takes, and what it does with the rest. */
export interface Room {
  readonly takes: number;
  readonly beyond: "is full" | "borrows";
}

export const TAKES_ALL: Room = { takes: Infinity, beyond: "is full" };
export const BORROWS_ALL: Room = { takes: 0, beyond: "borrows" };

/** The largest write before the socket has made a partial one, and always the largest to a socket that may borrow. */
const WRITE_SIZE = 256 * 1024;

/** The largest write afterwards. */
const COUNTED_WRITE_SIZE = 4 * 1024 * 1024;

/** A buffer that the socket has borrowed, and a copy of its bytes. */
interface Borrowed {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly copy: Uint8Array;
}

/** A socket that checks what it is given, and watches what it borrows. */
export class WatchedSocket {
  readonly #pool: WatchedPool;
  readonly #borrowsWrites: boolean;

  /** All bytes that it is to be given, in order, and how many they are. */
  #stream = new Uint8Array(2 ** 16);
  #accepted = 0;
  /** How many of them are out. */
  #out = 0;

  #largest = WRITE_SIZE;
  #left: number;
  #beyond: Room["beyond"];
  #isOpen = true;
  #isLost = false;
  #borrowed: Borrowed | undefined = undefined;

  constructor(pool: WatchedPool, borrowsWrites: boolean, room: Room) {
    this.#pool = pool;
    this.#borrowsWrites = borrowsWrites;
    this.#left = room.takes;
    this.#beyond = room.beyond;
  }

  /** The part of a socket that the sender uses. */
  get socket(): Socket {
    const write = this.#write.bind(this);
    const borrowsWrites = this.#borrowsWrites;
    return { borrowsWrites, write } as Partial<Socket> as Socket;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get out(): number {
    return this.#out;
  }

  /** How many bytes it takes before it is full or borrows. */
  get left(): number {
    return this.#left;
  }

  /** True if it may be written to: it is not full, and has borrowed nothing. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The buffer that is still read although the connection is lost: nobody may reuse it. */
  get borrowedForEver(): Uint8Array[] {
    return this.#borrowed === undefined ? [] : [this.#borrowed.buffer];
  }

  /** Expects `bytes` after all others. */
  expect(bytes: Uint8Array): void {
    const size = this.#accepted + bytes.length;
    if (size > this.#stream.length) {
      const larger = new Uint8Array(2 * size);
      larger.set(this.#stream.subarray(0, this.#accepted));
      this.#stream = larger;
    }
    this.#stream.set(bytes, this.#accepted);
    this.#accepted = size;
  }

  /** No longer expects the last `count` bytes. */
  unexpect(count: number): void {
    this.#accepted -= count;
    assert.ok(this.#out <= this.#accepted, "they are not out");
  }

  /** The borrowed bytes are out, and it takes more. */
  becomeWritable(room: Room): void {
    this.checkBorrowed();
    this.#left = room.takes;
    this.#beyond = room.beyond;
    if (this.#isLost) return;
    this.#out += this.#borrowed?.copy.length ?? 0;
    this.#borrowed = undefined;
    this.#isOpen = true;
  }

  /** The connection is lost, but the socket still reads what it borrowed. */
  lose(): void {
    this.#isLost = true;
    this.#isOpen = false;
  }

  checkBorrowed(): void {
    if (this.#borrowed === undefined) return;
    const { buffer, start, copy } = this.#borrowed;
    const bytes = buffer.subarray(start, start + copy.length);
    assert.ok(
      Buffer.compare(bytes, copy) === 0,
      "what is borrowed stays as it is",
    );
  }

  #write(buffer: Uint8Array, start: number, end: number): number {
    assert.ok(this.#isOpen, "not while it is full, has borrowed, or is gone");
    assert.ok(start >= 0 && start < end && end <= buffer.length);
    const bytes = buffer.subarray(start, end);
    const size = end - start;
    assert.ok(size <= this.#largest, "not too much at once");
    assert.ok(this.#out + size <= this.#accepted, "no more than was accepted");
    const expected = this.#stream.subarray(this.#out, this.#out + size);
    assert.ok(Buffer.compare(bytes, expected) === 0, "the bytes, in order");
    if (this.#borrowsWrites) {
      assert.ok(this.#pool.isTaken(buffer), "a buffer of the sender's own");
    }
    if (size > this.#left && this.#beyond === "borrows") {
      this.#isOpen = false;
      this.#borrowed = { buffer, start, copy: bytes.slice() };
      return BORROWED;
    }
    const taken = Math.min(size, this.#left);
    this.#left -= taken;
    this.#out += taken;
    this.#isOpen = taken === size;
    if (taken > 0 && !this.#isOpen && !this.#borrowsWrites) {
      this.#largest = COUNTED_WRITE_SIZE;
    }
    return taken;
  }
}
