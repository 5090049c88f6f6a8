import type { ReactorID } from "../../../mod.ts";
import { HIGH_WATER_MARK } from "../limits.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { type ClientTransport, ServedClient } from "../served_client.ts";
import type { Outbox } from "./outbox.ts";
import { type Chunk, chunkOf } from "./chunk.ts";

/** What one read of a client has brought. */
export interface Requests {
  readonly list: readonly (readonly string[])[];
  /** What is wrong with what came behind them. */
  readonly failure: string | undefined;
}

/** A client whose connection is in another thread. */
export class RemoteClient implements ClientTransport {
  readonly peer: string;
  /** Resolves when its connection is to be closed. */
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

  /** Executes `requests`, and returns the reply, or what is left of it; if not all is done, a promise of that. */
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

  /** Executes those from `from` on, as long as their replies are not much; returns where that ends. */
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

  /** The same, before anything is answered. */
  #sendReplyNow(): void {
    this.#sendReply();
    this.#outbox.flush();
  }

  /** Takes the last reply for the answer, which is in no order with messages: of who gets such, it is sent. */
  #takeReply(): Chunk | undefined {
    if (this.#client.isSubscribed || this.#hasMessages) this.#sendReplyNow();
    const reply = this.#reply;
    this.#reply = undefined;
    return reply;
  }
}
