import type {
  Asker,
  ReactorID,
  ReactorThreads,
  ThreadId,
} from "../../../mod.ts";
import type { Redis } from "../redis.ts";
import { ReplyWriter } from "../replies.ts";
import { Outbox } from "./outbox.ts";
import type { Chunk } from "./chunk.ts";
import { RemoteClient, type Requests } from "./remote_client.ts";

/** A client that has connected to a thread. */
export interface Arrival {
  /** Its reactor there. */
  readonly id: ReactorID;
  /** Its address. */
  readonly peer: string;
}

/** Serves the clients of other threads: a service of the main thread, which has the data. */
export class RemoteClients {
  readonly #redis: Redis;
  readonly #out = new ReplyWriter();
  /** By the threads of the clients. */
  readonly #outboxes: ReadonlyMap<ThreadId, Outbox>;
  readonly #clients = new Map<ThreadId, Map<ReactorID, RemoteClient>>();

  constructor(redis: Redis, threads: ReactorThreads) {
    this.#redis = redis;
    this.#outboxes = new Map(
      Array.from(
        { length: threads.threadCount },
        (_, thread) => [thread, new Outbox(threads, thread)],
      ),
    );
  }

  /** A client has connected. Answers when its connection should be closed. The question is given up when the connection is gone, or its thread. */
  async join(
    { id, peer }: Arrival,
    { thread, signal }: Asker,
  ): Promise<void> {
    const outbox = this.#outboxes.get(thread);
    if (outbox === undefined) throw new Error("The main thread has no clients");
    const client = new RemoteClient(id, peer, this.#redis, this.#out, outbox);
    const clients = this.#clients.get(thread) ?? new Map();
    this.#clients.set(thread, clients.set(id, client));
    signal.addEventListener("abort", () => client.close());
    if (signal.aborted) client.close();
    await client.whenClosed;
    clients.delete(id);
    client.leave();
  }

  /** Executes the requests of a client, and answers with the reply. It answers when more may be read from the client: when all is done, and no thread is behind with messages. */
  execute(
    { id, ...requests }: Requests & { readonly id: ReactorID },
    { thread }: Asker,
  ): Promise<Chunk | undefined> | Chunk | undefined {
    const reply = this.#clients.get(thread)?.get(id)?.execute(requests);
    if (!(reply instanceof Promise)) return this.#whenKeptUp(reply);
    return reply.then((late) => this.#whenKeptUp(late));
  }

  /** `reply`, when no thread is behind with messages. */
  #whenKeptUp(
    reply: Chunk | undefined,
  ): Promise<Chunk | undefined> | Chunk | undefined {
    const lags = Array.from(
      this.#outboxes.values(),
      (outbox) => outbox.whenKeepingUp(),
    ).filter((lag) => lag !== undefined);
    return lags.length === 0 ? reply : Promise.all(lags).then(() => reply);
  }
}
