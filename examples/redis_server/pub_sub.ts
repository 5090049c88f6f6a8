import { type DispatchContext, ReactorGroup } from "../../mod.ts";
import type { Client } from "./client.ts";
import { matches } from "./glob.ts";
import { type Protocol, ReplyWriter } from "./replies.ts";

/** Bytes that may wait for a subscriber: who reads more slowly than that is dropped, as by Redis. */
const MAX_WAITING = 32 * 1024 * 1024;

/** What is listened to. */
export type Kind = "channels" | "patterns";

/** Who listens to one channel, or one pattern: by protocol, since messages differ. */
class Listeners {
  readonly #groups = {
    2: new ReactorGroup({ highWaterMark: MAX_WAITING }),
    3: new ReactorGroup({ highWaterMark: MAX_WAITING }),
  };

  get count(): number {
    return this.#groups[2].size + this.#groups[3].size;
  }

  add(protocol: Protocol, context: DispatchContext): void {
    this.#groups[protocol].add(context);
  }

  remove(protocol: Protocol, context: DispatchContext): void {
    this.#groups[protocol].remove(context);
  }

  /** Sends what `write` writes; returns to how many. */
  send(out: ReplyWriter, write: (out: ReplyWriter) => void): number {
    let count = 0;
    for (const protocol of [2, 3] as const) {
      const group = this.#groups[protocol];
      if (group.size === 0) continue;
      out.truncate(0);
      out.protocol = protocol;
      write(out);
      count += group.send(out.bytes.subarray(0, out.size));
    }
    return count;
  }
}

/** Who listens to what. */
export class PubSub {
  readonly #listeners = {
    channels: new Map<string, Listeners>(),
    patterns: new Map<string, Listeners>(),
  };
  readonly #out = new ReplyWriter();

  /** How many channels, or patterns, are listened to. */
  count(kind: Kind): number {
    return this.#listeners[kind].size;
  }

  /** The channels that are listened to. */
  get channels(): string[] {
    return [...this.#listeners.channels.keys()];
  }

  /** How many listen to `channel` itself. */
  countOf(channel: string): number {
    return this.#listeners.channels.get(channel)?.count ?? 0;
  }

  join(client: Client, kind: Kind, name: string): void {
    const { context } = client.connection;
    if (context === undefined || client[kind].has(name)) return;
    client[kind].add(name);
    const all = this.#listeners[kind];
    let listeners = all.get(name);
    if (listeners === undefined) all.set(name, listeners = new Listeners());
    listeners.add(client.protocol, context);
  }

  leave(client: Client, kind: Kind, name: string): void {
    const { context } = client.connection;
    if (context === undefined || !client[kind].delete(name)) return;
    const listeners = this.#listeners[kind].get(name);
    listeners?.remove(client.protocol, context);
    if (listeners?.count === 0) this.#listeners[kind].delete(name);
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
  listenerCount(channel: string): number {
    let count = this.countOf(channel);
    for (const [pattern, listeners] of this.#listeners.patterns) {
      if (matches(pattern, channel)) count += listeners.count;
    }
    return count;
  }

  /** Sends `message` to all who listen to `channel`; returns how many that are. */
  publish(channel: string, message: string): number {
    let count = 0;
    const listeners = this.#listeners.channels.get(channel);
    if (listeners !== undefined) {
      count += listeners.send(this.#out, (out) => {
        out.push(3);
        out.bulk("message");
        out.bulk(channel);
        out.bulk(message);
      });
    }
    for (const [pattern, listeners] of this.#listeners.patterns) {
      if (!matches(pattern, channel)) continue;
      count += listeners.send(this.#out, (out) => {
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
