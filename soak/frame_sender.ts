import {
  type DispatchContext,
  type SendCompletion,
  SendOrQueueResult,
  SendQueueFullError,
  type SimRandom,
} from "../mod.ts";
import { SendLedger } from "../tests/support/send_ledger.ts";
import { BODIES, type FrameSeries, HEADER_SIZE } from "./frames.ts";
import type { SoakTally } from "./soak_tally.ts";

/** How a {@linkcode FrameSender} sends. */
export interface FrameSenderOptions {
  /** The largest single send, in bytes. */
  readonly largestSend: number;
  /**
   * True if sends may be rejected while the queue is full. They are retried
   * once there is room.
   */
  readonly mayBeRejected: boolean;
  /** Called when all requested frames have been accepted. */
  readonly onSent: () => void;
}

/** Sends the frames of one end, using every kind of send. */
export class FrameSender {
  /** Number of whole frames accepted. */
  frames = 0;
  /** Number of bytes accepted. */
  accepted = 0;
  readonly ledger: SendLedger;
  readonly #ctx: DispatchContext;
  readonly #series: FrameSeries;
  readonly #random: SimRandom;
  readonly #tally: SoakTally;
  readonly #options: FrameSenderOptions;
  readonly #header = new Uint8Array(HEADER_SIZE);
  /** Number of bytes of the next frame that are accepted. */
  #offset = 0;
  #limit = 0;
  #isSending = false;

  constructor(
    ctx: DispatchContext,
    series: FrameSeries,
    random: SimRandom,
    tally: SoakTally,
    options: FrameSenderOptions,
  ) {
    this.#ctx = ctx;
    this.#series = series;
    this.#random = random;
    this.#tally = tally;
    this.#options = options;
    this.ledger = new SendLedger({
      broke: (what) => tally.breaks(what),
      onCompletion(body) {
        tally.completions++;
        body();
      },
      onSent: () => this.#sendMore(),
      onLost() {},
    });
  }

  /**
   * Sends all frames up to number `limit` (exclusive), now or once there is
   * room.
   */
  sendUpTo(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
    this.#sendMore();
  }

  /**
   * Sends the next frame, which equals the start of the current message,
   * without a copy. Returns false if others come first.
   */
  sendBack(buf: Uint8Array, size: number): boolean {
    if (this.#offset > 0 || this.#limit > this.frames) return false;
    if (size > this.#options.largestSend) return false;
    this.#limit++;
    this.#offer(
      size,
      (completion) => isTaken(this.#ctx.sendSlice(buf, 0, size, completion)),
    );
    return true;
  }

  #sendMore(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.frames < this.#limit && this.#sendPiece());
    this.#isSending = false;
    if (this.frames === this.#limit) this.#options.onSent();
  }

  /** Sends a piece of the next frame. Returns false if nothing was accepted. */
  #sendPiece(): boolean {
    const size = this.#series.sizeOf(this.frames);
    if (this.#offset === 0) this.#series.writeHeader(this.frames, this.#header);
    const whole = size - this.#offset;
    const way = this.#random.integer(0, 9);
    if (way === 0 && whole <= this.#options.largestSend) {
      return this.#offer(whole, (completion) => this.#write(size, completion));
    }
    const isHeader = this.#offset < HEADER_SIZE;
    const bytes = isHeader ? this.#header : BODIES;
    const start = isHeader
      ? this.#offset
      : this.#series.bodyOf(this.frames) + this.#offset - HEADER_SIZE;
    const count = Math.min(
      (isHeader ? HEADER_SIZE : size) - this.#offset,
      this.#options.largestSend,
    );
    if (way === 1 && !this.#options.mayBeRejected) {
      const taken = this.#ctx.sendNoQueue(bytes.subarray(start, start + count));
      this.#advance(taken);
      if (taken > 0) return true;
    }
    return this.#offer(count, (completion) =>
      isTaken(
        way < 5
          ? this.#ctx.sendSlice(bytes, start, start + count, completion)
          : this.#ctx.sendOrQueue(
            bytes.subarray(start, start + count),
            completion,
          ),
      ));
  }

  /** Sends the rest of the next frame, of `size` bytes, from one buffer. */
  #write(size: number, completion?: SendCompletion): boolean {
    const buffer = this.#ctx.acquireSend();
    try {
      const body = this.#series.bodyOf(this.frames) - HEADER_SIZE;
      buffer.write(this.#header.subarray(this.#offset));
      buffer.write(
        BODIES.subarray(
          body + Math.max(this.#offset, HEADER_SIZE),
          body + size,
        ),
      );
      return isTaken(buffer.send(completion));
    } finally {
      buffer.clear();
      buffer[Symbol.dispose]();
    }
  }

  /**
   * Sends `count` bytes of the next frame by `send`. Returns true if they were
   * accepted.
   */
  #offer(
    count: number,
    send: (completion?: SendCompletion) => boolean,
  ): boolean {
    const isWatched = this.#options.mayBeRejected || this.#random.chance(0.3);
    const begun = isWatched
      ? this.ledger.begin(this.accepted + count)
      : undefined;
    const { pendingCount } = this.#ctx.sender;
    try {
      const isAccepted = send(begun?.completion);
      if (begun !== undefined) this.#tally.completionsAsked++;
      // A completion that overflows the queue is kept, and fails with the
      // connection.
      const isKept = this.#ctx.sender.pendingCount > pendingCount;
      if (isAccepted || isKept) this.ledger.accept(begun?.send);
      else this.ledger.refuse(begun?.send, true);
      if (isAccepted) this.#advance(count);
      return isAccepted;
    } catch (error) {
      this.ledger.refuse(begun?.send, false);
      if (!(error instanceof SendQueueFullError)) throw error;
      if (!this.#options.mayBeRejected) throw error;
      this.#tally.fault("send rejected");
      return false;
    }
  }

  #advance(count: number): void {
    this.accepted += count;
    this.#offset += count;
    if (this.#offset === this.#series.sizeOf(this.frames)) {
      this.#offset = 0;
      this.frames++;
    }
  }
}

function isTaken(result: SendOrQueueResult): boolean {
  return result !== SendOrQueueResult.Closed;
}
