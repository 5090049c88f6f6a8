/** A position in a {@linkcode Stream}. */
class Cursor {
  /** How many bytes of the stream come before it. */
  position = 0;
  readonly #messages: readonly Uint8Array[];
  #index = 0;
  #offset = 0;

  constructor(messages: readonly Uint8Array[]) {
    this.#messages = messages;
  }

  /** The size of the message that starts here; 0 inside of a message, or at the end. */
  get nextSize(): number {
    return this.#offset > 0 ? 0 : this.#messages[this.#index]?.length ?? 0;
  }

  /** True if the stream continues with the bytes from `start` to `end`. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    let index = this.#index;
    let offset = this.#offset;
    for (let at = start; at < end; index++, offset = 0) {
      const message = this.#messages[index];
      if (message === undefined) return false;
      const count = Math.min(message.length - offset, end - at);
      for (let i = 0; i < count; i++) {
        if (bytes[at + i] !== message[offset + i]) return false;
      }
      at += count;
    }
    return true;
  }

  /** Moves on by `count` bytes, which there must be. */
  advance(count: number): void {
    this.position += count;
    this.#offset += count;
    for (
      let size = this.#messages[this.#index]?.length;
      size <= this.#offset;
      size = this.#messages[this.#index]?.length
    ) {
      this.#offset -= size;
      this.#index++;
    }
  }
}

/**
 * What one end of a connection sends, message by message, and how far it has got:
 * `received <= arrived <= handed <= accepted`.
 */
export class Stream {
  readonly #messages: Uint8Array[] = [];
  /** Bytes that the sending runtime has accepted. */
  accepted = 0;
  /** What the sending runtime has handed to the network. */
  readonly handed = new Cursor(this.#messages);
  /** What the network has given to the receiving runtime. */
  readonly arrived = new Cursor(this.#messages);
  /** What the receiving reactor has taken. */
  readonly received = new Cursor(this.#messages);

  /** `message`, which is not to be changed any more, is about to be sent. */
  offer(message: Uint8Array): void {
    if (message.length === 0) return;
    this.#messages.push(message);
    this.accepted += message.length;
  }

  /** Only the first `kept` bytes of what was offered last were accepted. */
  retract(message: Uint8Array, kept = 0): void {
    if (message.length === 0) return;
    this.#messages.pop();
    this.accepted -= message.length;
    this.offer(message.subarray(0, kept));
  }

  /** Everything that was accepted has been received. */
  get isDrained(): boolean {
    return this.received.position === this.accepted;
  }

  /** For messages. */
  toString(): string {
    const { accepted, handed, arrived, received } = this;
    return `${accepted} accepted, ${handed.position} handed over, ${arrived.position} arrived, ${received.position} received`;
  }
}
