import type { DispatchContext } from "../../mod.ts";
import type { Client, ClientConnection } from "./client.ts";
import { execute } from "./execute.ts";
import { HIGH_WATER_MARK } from "./limits.ts";
import type { Redis } from "./redis.ts";
import type { ReplyWriter } from "./replies.ts";
import type { Chunk } from "./threads/chunk.ts";

/** How a client is reached, which is connected to this thread or to another one. */
export interface ClientTransport {
  /** Where it comes from. */
  readonly peer: string;
  /** Its connection, if that is in this thread. */
  readonly context?: DispatchContext;
  /** Sends what it listens to, if that is not so. */
  readonly push?: (chunk: Chunk) => void;
  /** Sends the first `size` bytes of `bytes`, which are the caller's again. */
  send(bytes: Uint8Array, size: number): void;
  /** Closes it behind what was sent. */
  close(): void;
}

/** Serves one client, whatever way it is reached: executes the requests of a read, and replies to them at once. */
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

  /** It is being closed: nothing is executed any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** It gets messages. */
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

  /** What came behind the last request is none. */
  refuse(message: string): void {
    this.#out.error(`ERR ${message}`);
    this.#isClosing = true;
  }

  /** Replies to what was executed. */
  finish(): void {
    // Long replies do not wait for what others change.
    if (this.#out.size >= HIGH_WATER_MARK) this.#redis.commit();
    this.flush();
    if (this.#isClosing) this.closeWhenWritten();
  }

  /** Closes it when all is replied that waits for the file. */
  closeWhenWritten(): void {
    this.#redis.whenWritten(() => this.#transport.close());
  }

  /** The client is gone. */
  leave(): void {
    this.#isClosing = true;
    this.#redis.leave(this.#client);
  }

  /** Sends what was replied, once what was changed is written. */
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
