import type { ReactorID } from "../../../mod.ts";
import { HIGH_WATER_MARK } from "../limits.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { type ClientTransport, ServedClient } from "../served_client.ts";
import type { Outbox } from "./outbox.ts";
import { type Chunk, chunkOf } from "./chunk.ts";

/** The requests of one read. */
export interface Requests {
  readonly list: readonly (readonly string[])[];
  /** Why what came after them is no request. */
  readonly failure: string | undefined;
}

/** A client whose connection is in another thread. */
export class RemoteClient implements ClientTransport {
  readonly peer: string;
  /** Resolves when its connection should be closed. */
  readonly whenClosed: Promise<void>;
  readonly #id: ReactorID;
  readonly #redis: Redis;
  readonly #outbox: Outbox;
  readonly #client: ServedClient;
  #onClose: () => void = () => {};
  /** The last reply, which may go back with the answer. */
  #reply: Chunk | undefined = undefined;
  /** It was sent messages, or is about to be. */
  #hasMessages = false;
  /** Settles when a long reply is out. */
  #sent: Promise<void> | undefined = undefined;

  constructor(
    id: ReactorID,
    peer: string,
    redis: Redis,
    out: ReplyWriter,
    outbox: Outbox,
  ) {
    this.#id = id;
    this.peer = peer;
    this.#redis = redis;
    this.#outbox = outbox;
    this.whenClosed = new Promise((resolve) => this.#onClose = resolve);
    this.#client = new ServedClient(redis, out, this);
  }

  readonly push = (chunk: Chunk): void => {
    this.#hasMessages = true;
    this.#sendReply();
    this.#outbox.push(this.#id, chunk);
  };

  send(bytes: Uint8Array, size: number): void {
    this.#sendReply();
    this.#reply = chunkOf(bytes, size);
    if (size >= HIGH_WATER_MARK) this.#sendReply();
    else if (this.#client.isClosing) this.#sendReplyNow();
  }

  close(): void {
    this.#onClose();
  }

  leave(): void {
    this.#client.leave();
  }

  /** Executes `requests`, and returns the rest of the reply that was not sent; a promise, if something has to wait. */
  execute(requests: Requests): Promise<Chunk | undefined> | Chunk | undefined {
    const count = this.#executeSome(requests, 0);
    const isDone = count === requests.list.length && !this.#redis.isHolding &&
      this.#sent === undefined;
    return isDone ? this.#takeReply() : this.#executeRest(requests, count);
  }

  async #executeRest(
    requests: Requests,
    from: number,
  ): Promise<Chunk | undefined> {
    let at = from;
    while (at < requests.list.length) {
      await this.#sent;
      at = this.#executeSome(requests, at);
    }
    await this.#sent;
    await new Promise<void>((resolve) => this.#redis.whenWritten(resolve));
    return this.#takeReply();
  }

  /** Executes requests from index `from` on, until their replies are long; returns where it stopped. */
  #executeSome({ list, failure }: Requests, from: number): number {
    const client = this.#client;
    this.#sent = undefined;
    client.begin();
    let at = from;
    while (at < list.length && client.isReady) client.execute(list[at++]);
    if (client.isClosing) at = list.length;
    else if (at === list.length && failure !== undefined) {
      client.refuse(failure);
    }
    client.finish();
    return at;
  }

  /** Sends the last reply, in order with messages. */
  #sendReply(): void {
    const reply = this.#reply;
    if (reply === undefined) return;
    this.#reply = undefined;
    this.#sent = this.#outbox.reply(this.#id, reply);
  }

  /** The same, at once. */
  #sendReplyNow(): void {
    this.#sendReply();
    this.#outbox.flush();
  }

  /** Takes the last reply, which goes back with the answer; but answers are in no order with messages, so a client that gets messages is sent it. */
  #takeReply(): Chunk | undefined {
    if (this.#client.isSubscribed || this.#hasMessages) this.#sendReplyNow();
    const reply = this.#reply;
    this.#reply = undefined;
    return reply;
  }
}
