import { ReactorGroup } from "../../mod.ts";
import type { Client, ClientConnection } from "./client.ts";
import { matches } from "./glob.ts";
import { type Protocol, ReplyWriter } from "./replies.ts";
import { MAX_OUTPUT_BUFFER } from "./limits.ts";
import { chunkOf } from "./threads/chunk.ts";

/** What clients subscribe to. */
export type Kind = "channels" | "patterns";

/** Connections that get the same bytes, in this thread and in others. */
class Audience {
  readonly #here = new ReactorGroup({ highWaterMark: MAX_OUTPUT_BUFFER });
  readonly #elsewhere = new Set<ClientConnection>();

  get size(): number {
    return this.#here.size + this.#elsewhere.size;
  }

  add(connection: ClientConnection): void {
    if (connection.context !== undefined) this.#here.add(connection.context);
    else this.#elsewhere.add(connection);
  }

  remove(connection: ClientConnection): void {
    if (connection.context !== undefined) this.#here.remove(connection.context);
    else this.#elsewhere.delete(connection);
  }

  /** Sends what `out` has written; returns how many get it. */
  send(out: ReplyWriter): number {
    const count = this.#here.send(out.bytes.subarray(0, out.size));
    if (this.#elsewhere.size === 0) return count;
    const chunk = chunkOf(out.bytes, out.size);
    for (const { push } of this.#elsewhere) push?.(chunk);
    return count + this.#elsewhere.size;
  }
}

/** The subscribers of one channel or pattern, by protocol, since the bytes of messages differ. */
class Subscribers {
  readonly #audiences = { 2: new Audience(), 3: new Audience() };

  get count(): number {
    return this.#audiences[2].size + this.#audiences[3].size;
  }

  add({ protocol, connection }: Client): void {
    this.#audiences[protocol].add(connection);
  }

  remove({ protocol, connection }: Client): void {
    this.#audiences[protocol].remove(connection);
  }

  /** Sends what `write` writes; returns how many get it. */
  send(out: ReplyWriter, write: (out: ReplyWriter) => void): number {
    let count = 0;
    for (const protocol of [2, 3] as const) {
      const audience = this.#audiences[protocol];
      if (audience.size === 0) continue;
      out.truncate(0);
      out.protocol = protocol;
      write(out);
      count += audience.send(out);
    }
    return count;
  }
}

/** The subscribers of all channels and patterns. */
export class PubSub {
  readonly #subscribers = {
    channels: new Map<string, Subscribers>(),
    patterns: new Map<string, Subscribers>(),
  };
  readonly #out = new ReplyWriter();

  /** How many channels, or patterns, have subscribers. */
  count(kind: Kind): number {
    return this.#subscribers[kind].size;
  }

  /** The channels that have subscribers. */
  get channels(): string[] {
    return [...this.#subscribers.channels.keys()];
  }

  /** How many have subscribed to `channel` itself. */
  countOf(channel: string): number {
    return this.#subscribers.channels.get(channel)?.count ?? 0;
  }

  join(client: Client, kind: Kind, name: string): void {
    if (client[kind].has(name)) return;
    client[kind].add(name);
    const all = this.#subscribers[kind];
    let subscribers = all.get(name);
    if (subscribers === undefined) {
      all.set(name, subscribers = new Subscribers());
    }
    subscribers.add(client);
  }

  leave(client: Client, kind: Kind, name: string): void {
    if (!client[kind].delete(name)) return;
    const subscribers = this.#subscribers[kind].get(name);
    subscribers?.remove(client);
    if (subscribers?.count === 0) this.#subscribers[kind].delete(name);
  }

  leaveAll(client: Client): void {
    for (const kind of ["channels", "patterns"] as const) {
      for (const name of client[kind]) this.leave(client, kind, name);
    }
  }

  /** From now on `client` gets messages of `protocol`. */
  changeProtocol(client: Client, protocol: Protocol): void {
    const { channels, patterns } = client;
    const joined = { channels: [...channels], patterns: [...patterns] };
    this.leaveAll(client);
    client.protocol = protocol;
    for (const kind of ["channels", "patterns"] as const) {
      for (const name of joined[kind]) this.join(client, kind, name);
    }
  }

  /** How many would get a message of `channel`. */
  subscriberCount(channel: string): number {
    let count = this.countOf(channel);
    for (const [pattern, subscribers] of this.#subscribers.patterns) {
      if (matches(pattern, channel)) count += subscribers.count;
    }
    return count;
  }

  /** Sends `message` to the subscribers of `channel` and of matching patterns; returns how many get it. */
  publish(channel: string, message: string): number {
    let count = 0;
    const subscribers = this.#subscribers.channels.get(channel);
    if (subscribers !== undefined) {
      count += subscribers.send(this.#out, (out) => {
        out.push(3);
        out.bulk("message");
        out.bulk(channel);
        out.bulk(message);
      });
    }
    for (const [pattern, subscribers] of this.#subscribers.patterns) {
      if (!matches(pattern, channel)) continue;
      count += subscribers.send(this.#out, (out) => {
        out.push(4);
        out.bulk("pmessage");
        out.bulk(pattern);
        out.bulk(channel);
        out.bulk(message);
      });
    }
    return count;
  }
}
