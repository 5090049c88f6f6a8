import {
  type DispatchContext,
  MessageResult,
  type Reactor,
} from "../../mod.ts";

/**
 * Acknowledges each request, which is a byte, with a byte, and answers it with
 * another one after a delay. Finishes what it owes before it closes.
 */
export class Slow implements Reactor<unknown> {
  readonly #delayMs: number;
  readonly #onDrain: () => void;
  #owedCount = 0;
  #isDraining = false;

  /** `onDrain` is called when it is asked to finish. */
  constructor(delayMs: number, onDrain = (): void => {}) {
    this.#delayMs = delayMs;
    this.#onDrain = onDrain;
  }

  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    const count = buf.length;
    this.#owedCount += count;
    ctx.sendOrQueue(new Uint8Array(count));
    setTimeout(() => {
      ctx.sendOrQueue(new Uint8Array(count));
      this.#owedCount -= count;
      this.#closeIfDone(ctx);
    }, this.#delayMs);
    return MessageResult.dropMsgSize(count);
  }

  onDrain(ctx: DispatchContext): void {
    this.#isDraining = true;
    this.#onDrain();
    this.#closeIfDone(ctx);
  }

  #closeIfDone(ctx: DispatchContext): void {
    if (this.#isDraining && this.#owedCount === 0) ctx.close();
  }
}
