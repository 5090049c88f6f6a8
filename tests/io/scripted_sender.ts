import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BORROWED, type Socket } from "../../src/contract/socket.ts";
import { partOf, sizeOf } from "../../src/util/views.ts";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import {
  OutboundBuffer,
  type OutboundHost,
  type OutboundSettings,
} from "../../src/io/outbound_buffer.ts";

/** A socket that takes all, a part, or nothing, or borrows, as `decide` says. */
export class ScriptedSocket {
  readonly received: number[] = [];
  countWrites = 0;
  #borrowed:
    | { buffer: Uint8Array; start: number; end: number; copy: Uint8Array }
    | undefined;
  isFull = false;
  readonly borrowsWrites: boolean;
  readonly #decide: (size: number) => number;

  constructor(decide: (size: number) => number, borrowsWrites: boolean) {
    this.borrowsWrites = borrowsWrites;
    this.#decide = decide;
  }

  get isBorrowing(): boolean {
    return this.#borrowed !== undefined;
  }

  /** What is borrowed lies in it. */
  get borrowedBuffer(): Uint8Array | undefined {
    return this.#borrowed?.buffer;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    this.countWrites++;
    assert.equal(this.#borrowed, undefined, "one write at a time");
    assert.equal(this.isFull, false, "not while it is full");
    assert.ok(
      start < end && end <= sizeOf(buffer),
      "there is something to send",
    );
    const copy = partOf(buffer, start, end).slice();
    const decision = this.#decide(end - start);
    if (decision === BORROWED) {
      this.#borrowed = { buffer, start, end, copy };
      return BORROWED;
    }
    const taken = Math.min(decision, end - start);
    for (const byte of copy.subarray(0, taken)) this.received.push(byte);
    this.isFull = taken < end - start;
    return taken;
  }

  /** What was borrowed is out, or there is room again. */
  becomeWritable(): void {
    this.isFull = false;
    if (this.#borrowed === undefined) return;
    const { buffer, start, end, copy } = this.#borrowed;
    this.#borrowed = undefined;
    assert.ok(
      Buffer.compare(partOf(buffer, start, end), copy) === 0,
      "not changed",
    );
    for (const byte of copy) this.received.push(byte);
  }
}

/** Everything that a sender needs, and what it said to its connection. */
export class ScriptedSender implements OutboundHost {
  readonly socket: ScriptedSocket;
  readonly sender: OutboundBuffer;
  readonly pool: BufferPool;
  readonly deferred: (() => void)[] = [];
  readonly thrown: unknown[] = [];
  readonly failures: Error[] = [];
  countPending = 0;
  countHigh = 0;

  constructor(
    decide: (size: number) => number,
    borrowsWrites = false,
    settings: Partial<OutboundSettings> = {},
    pool = new BufferPool(),
  ) {
    this.pool = pool;
    this.socket = new ScriptedSocket(decide, borrowsWrites);
    this.sender = new OutboundBuffer(
      this.socket as unknown as Socket,
      this.pool,
      {
        maxSendQueue: 2 ** 26,
        sendQueueOverflow: "close",
        sendHighWaterMark: 2 ** 20,
        ...settings,
      },
      this,
    );
  }

  onSendPending(): void {
    this.countPending++;
  }

  onHighWaterMark(): void {
    this.countHigh++;
  }

  onSendFailed(error: Error): void {
    this.failures.push(error);
  }

  onCompletionThrew(thrown: unknown): void {
    this.thrown.push(thrown);
  }

  defer(callback: () => void): void {
    this.deferred.push(callback);
  }

  /** The socket is writable again; the turn ends. */
  drain(): void {
    this.socket.becomeWritable();
    this.sender.onWritable();
    this.sender.flush();
    this.sender.pending?.settle();
  }
}

export const takeAll = (size: number) => size;
export const takeNothing = () => 0;
export const borrow = () => BORROWED;
