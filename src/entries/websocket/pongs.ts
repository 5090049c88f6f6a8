/** A connection that answers pings. */
export interface PongSender {
  /**
   * Sends a pong with `payload`. Calls `onOut` once it is sent; never, if it
   * cannot be sent.
   */
  pong(payload: Uint8Array, onOut: () => void): void;
}

/**
 * Answers pings one at a time. Of those that arrive in the meantime only the
 * last is answered (RFC 6455, section 5.5.3), so that pongs do not pile up.
 */
export class Pongs {
  readonly #sender: PongSender;
  #isSending = false;
  #next: Uint8Array | undefined = undefined;

  constructor(sender: PongSender) {
    this.#sender = sender;
  }

  onPing(payload: Uint8Array): void {
    const own = payload.slice(); // a view would retain the whole read
    if (this.#isSending) this.#next = own;
    else this.#send(own);
  }

  #send(payload: Uint8Array): void {
    this.#isSending = true;
    this.#sender.pong(payload, () => {
      this.#isSending = false;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) this.#send(next);
    });
  }
}
