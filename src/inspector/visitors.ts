import type { ScheduledCall } from "../api/scheduled_call.ts";
import type { ServedPeer } from "../toolkit/requests/server/served_peer.ts";
import type { HttpAnswer } from "./http/http_message.ts";

type Visitor = ServedPeer<HttpAnswer>;

/** Connections that there is a place for: a browser has six. */
export const MOST_VISITORS = 64;

/** Milliseconds that who has not shown yet that it may ask is let stay. */
const STRANGER_MS = 10_000;

/**
 * The connections of an inspector: strangers, and those that have shown that they
 * may ask. So that nobody keeps others out by doing nothing, strangers have little
 * time; and where there is no place left, the stranger that came first gives way,
 * or else who has asked least lately.
 */
export class Visitors {
  /** In the order in which they came, each with what ends it. */
  readonly #strangers = new Map<Visitor, ScheduledCall>();
  /** In the order in which they have asked last. */
  readonly #known = new Set<Visitor>();

  /** A connection is open. */
  enter(visitor: Visitor): void {
    if (this.#strangers.size + this.#known.size >= MOST_VISITORS) {
      this.#makeRoom();
    }
    const end = visitor.ctx.after(STRANGER_MS, () => visitor.drain());
    this.#strangers.set(visitor, end);
  }

  /** It asks, and may. */
  welcome(visitor: Visitor): void {
    if (this.leave(visitor)) this.#known.add(visitor);
  }

  /** A connection is gone; false if it has given way. */
  leave(visitor: Visitor): boolean {
    this.#strangers.get(visitor)?.cancel();
    return this.#strangers.delete(visitor) || this.#known.delete(visitor);
  }

  #makeRoom(): void {
    for (const visitors of [this.#strangers.keys(), this.#known]) {
      for (const first of visitors) {
        this.leave(first);
        return first.ctx.abort();
      }
    }
  }
}
