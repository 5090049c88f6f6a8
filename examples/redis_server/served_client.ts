import type { DispatchContext } from "../../mod.ts";
import type { Client, ClientConnection } from "./client.ts";
import { execute } from "./execute.ts";
import { HIGH_WATER_MARK } from "./limits.ts";
import type { Redis } from "./redis.ts";
import type { ReplyWriter } from "./replies.ts";
import type { Chunk } from "./threads/chunk.ts";

/** How to reach a client, whose connection is in this thread or in another one. */
export interface ClientTransport {
  /** The address of the client. */
  readonly peer: string;
  /** Its connection, if that is in this thread. */
  readonly context?: DispatchContext;
  /** Sends messages, if its connection is in another thread. */
  readonly push?: (chunk: Chunk) => void;
  /** Sends the first `size` bytes of `bytes`, which are the caller's again. */
  send(bytes: Uint8Array, size: number): void;
  /** Closes it after what was sent. */
  close(): void;
}

/** Serves one client, in whatever thread its connection is: executes the requests of a read, and replies to them at once. */
export class ServedClient implements ClientConnection {
  readonly #redis: Redis;
  readonly #out: ReplyWriter;
  readonly #transport: ClientTransport;
  readonly #client: Client;
  #isClosing = false;

  /** `out` may be shared with others. */
  constructor(redis: Redis, out: ReplyWriter, transport: ClientTransport) {
    this.#redis = redis;
    this.#out = out;
    this.#transport = transport;
    this.#client = redis.join(this);
  }

  get peer(): string {
    return this.#transport.peer;
  }

  get context(): DispatchContext | undefined {
    return this.#transport.context;
  }

  get push(): ((chunk: Chunk) => void) | undefined {
    return this.#transport.push;
  }

  /** It is being closed, and executes nothing more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** It has subscribed to something. */
  get isSubscribed(): boolean {
    return this.#client.subscriptionCount > 0;
  }

  /** More may be executed before {@linkcode ServedClient.finish}. */
  get isReady(): boolean {
    return this.#out.size < HIGH_WATER_MARK && !this.#isClosing;
  }

  /** Requests are about to be executed. */
  begin(): void {
    this.#out.truncate(0);
    this.#out.protocol = this.#client.protocol;
  }

  execute(args: readonly string[]): void {
    execute(args, this.#out, this.#client, this.#redis);
  }

  /** What came after the last request is no request. */
  refuse(message: string): void {
    this.#out.error(`ERR ${message}`);
    this.#isClosing = true;
  }

  /** Sends the replies. */
  finish(): void {
    // Long replies do not wait for the changes of others.
    if (this.#out.size >= HIGH_WATER_MARK) this.#redis.commit();
    this.flush();
    if (this.#isClosing) this.closeWhenWritten();
  }

  /** Closes it after all replies that wait for the file. */
  closeWhenWritten(): void {
    this.#redis.whenWritten(() => this.#transport.close());
  }

  /** The client is gone. */
  leave(): void {
    this.#isClosing = true;
    this.#redis.leave(this.#client);
  }

  /** Sends the replies, once all changes are written. */
  flush(): void {
    const out = this.#out;
    const { size } = out;
    if (size === 0) return;
    if (this.#redis.isHolding) {
      const bytes = out.copy();
      this.#redis.whenWritten(() => this.#transport.send(bytes, size));
    } else {
      this.#transport.send(out.bytes, size);
    }
    out.truncate(0);
  }

  close(): void {
    this.#isClosing = true;
  }

  end(): void {
    this.leave();
    this.#transport.close();
  }
}
