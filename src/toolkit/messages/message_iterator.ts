import type { MessagePull, PullKind } from "./message_pull.ts";

/** The messages of a connection in a loop. */
export class MessageIterator<Received>
  implements AsyncIterableIterator<Received> {
  isActive = true;
  readonly #pull: MessagePull<Received>;
  readonly #asking: PullKind;
  readonly #connection: { close(): Promise<void> };

  constructor(
    pull: MessagePull<Received>,
    asking: PullKind,
    connection: { close(): Promise<void> },
  ) {
    this.#pull = pull;
    this.#asking = asking;
    this.#connection = connection;
  }

  next(): Promise<IteratorResult<Received, undefined>> {
    return this.isActive
      ? this.#pull.pull(this.#asking)
      : Promise.resolve({ done: true, value: undefined });
  }

  async return(): Promise<IteratorResult<Received, undefined>> {
    if (this.isActive) {
      this.isActive = false;
      await this.#connection.close();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
