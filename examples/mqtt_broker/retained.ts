import type { Limits } from "./limits.ts";
import { type Message, sizeOf } from "./packets.ts";
import { isReserved, matches } from "./topics.ts";

/** The last retained message of each topic, for later subscribers. */
export class RetainedMessages {
  readonly #limits: Limits;
  readonly #byTopic = new Map<string, Message>();
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#byTopic.size;
  }

  /** Keeps `message` in place of the last one; an empty one only removes that. Returns false if there is no room. */
  keep(message: Message): boolean {
    const { topic } = message;
    this.#remove(topic);
    if (message.payload.length === 0) return true;
    const bytes = this.#bytes + sizeOf(message);
    const { retainedMessages, retainedBytes } = this.#limits;
    const isFull = this.count >= retainedMessages || bytes > retainedBytes;
    if (isFull && !isReserved(topic)) return false; // the broker's own are few
    this.#byTopic.set(topic, message);
    this.#bytes = bytes;
    return true;
  }

  /** The messages whose topics match `filter`. */
  *matching(filter: string): Iterable<Message> {
    if (!/[+#]/.test(filter)) {
      const only = this.#byTopic.get(filter);
      if (only !== undefined) yield only;
      return;
    }
    for (const [topic, message] of this.#byTopic) {
      if (matches(filter, topic)) yield message;
    }
  }

  #remove(topic: string): void {
    const message = this.#byTopic.get(topic);
    if (message === undefined) return;
    this.#bytes -= sizeOf(message);
    this.#byTopic.delete(topic);
  }
}
