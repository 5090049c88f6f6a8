import assert from "node:assert/strict";
import {
  MessageResult,
  type Reactor,
  type SendCompletion,
  type SendResult,
} from "../../mod.ts";
import { type Context, pattern, type PatternChecker } from "./support.ts";

/** Sizes of pieces to cut a stream into: odd ones, small and large. */
export const ODD_SIZES = [1, 7, 4093, 65_521, 262_147];

/**
 * Sends the first `total` bytes of the pattern, each piece when the previous
 * one is sent.
 */
export class PatternSender {
  /** Number of bytes passed to the connection. */
  sent = 0;

  readonly #ctx: Context;
  readonly #sizes: readonly number[];
  #total: number;
  #count = 0;

  constructor(ctx: Context, total: number, sizes = ODD_SIZES) {
    this.#ctx = ctx;
    this.#total = total;
    this.#sizes = sizes;
    this.#sendNext({ ok: true });
  }

  /**
   * Sends no more than `count` bytes after those passed on so far. Returns how
   * many that makes in total.
   */
  endAfter(count: number): number {
    this.#total = Math.min(this.sent + count, this.#total);
    return this.#total;
  }

  readonly #sendNext: SendCompletion = ({ ok }: SendResult): void => {
    if (!ok || this.sent === this.#total) return;
    const size = this.#sizes[this.#count++ % this.#sizes.length];
    const bytes = pattern(this.sent, Math.min(size, this.#total - this.sent));
    this.sent += bytes.length;
    this.#ctx.sendOrQueue(bytes, this.#sendNext);
  };
}

/** More than the systems of both ends buffer if one end does not read. */
const BEYOND_BUFFERS = 16 * 2 ** 20;

/**
 * Sends so much to a peer that does not read that part of it stays queued, and
 * checks that.
 */
export function overfill(ctx: Context, completion?: SendCompletion): void {
  ctx.sendOrQueue(pattern(0, BEYOND_BUFFERS), completion);
  assert.ok(ctx.sender.bytesQueued > 0, "the systems hold all of it");
}

/**
 * Handlers that check what is received, and close the connection after `total`
 * bytes.
 */
export function checking<UserCommand = unknown>(
  checker: PatternChecker,
  total = Infinity,
): Pick<Reactor<UserCommand>, "onInboundMessage"> {
  return {
    onInboundMessage(buf, ctx) {
      checker.check(buf);
      if (checker.received >= total) ctx.close();
      return MessageResult.dropMsgSize(buf.length);
    },
  };
}
