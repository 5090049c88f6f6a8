import type { ScheduledCall } from "../api/scheduled_call.ts";
import type { ServedPeer } from "../toolkit/requests/server/served_peer.ts";
import type { HttpAnswer } from "./http/http_message.ts";

type Visitor = ServedPeer<HttpAnswer>;

/** The most connections; a browser opens six. */
export const MOST_VISITORS = 64;

/** Milliseconds that a stranger may stay. */
const STRANGER_MS = 10_000;

/**
 * The connections of an inspector: strangers, and those that have shown that
 * they have access. So that nobody can keep others out by doing nothing,
 * strangers have little time. When there is no place left, the first stranger
 * gives way, or else whoever has not asked for longest.
 */
export class Visitors {
  /** In the order in which they came, each with the call that ends it. */
  readonly #strangers = new Map<Visitor, ScheduledCall>();
  /** Ordered by their last request. */
  readonly #known = new Set<Visitor>();

  /** A connection is open. */
  enter(visitor: Visitor): void {
    if (this.#strangers.size + this.#known.size >= MOST_VISITORS) {
      this.#makeRoom();
    }
    const end = visitor.ctx.after(STRANGER_MS, () => visitor.drain());
    this.#strangers.set(visitor, end);
  }

  /** `visitor` has asked, and has access. */
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
