/** Who has been pinged, and says so. */
export interface PongSender {
  /** Answers with `payload`; calls back when that is out, and not if it never is. */
  pong(payload: Uint8Array, onOut: () => void): void;
}

/**
 * Answers pings: one after the other, and only the last of those that came
 * meanwhile (RFC 6455, section 5.5.3), so that answers do not pile up.
 */
export class Pongs {
  readonly #sender: PongSender;
  #isSending = false;
  #next: Uint8Array | undefined = undefined;

  constructor(sender: PongSender) {
    this.#sender = sender;
  }

  onPing(payload: Uint8Array): void {
    const own = payload.slice(); // what was read with it is not to be kept for it
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
