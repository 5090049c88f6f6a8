import type { ScheduledCall } from "../api/scheduled_call.ts";
import type { ServedPeer } from "../toolkit/requests/server/served_peer.ts";
import type { HttpAnswer } from "./http/http_message.ts";

type Visitor = ServedPeer<HttpAnswer>;

/** The most connections; a browser opens six. */
export const MOST_VISITORS = 64;

/** Milliseconds after which a stranger is disconnected. */
const STRANGER_MS = 10_000;

/**
 * The connections of an inspector: strangers, and those that have shown that
 * they have access. So that nobody can keep others out by doing nothing,
 * strangers have little time. At the limit, the oldest stranger is disconnected, or
 * else the connection whose last request is oldest.
 */
export class Visitors {
  /** In order of arrival, each with the scheduled call that disconnects it. */
  readonly #strangers = new Map<Visitor, ScheduledCall>();
  /** Ordered by their last request. */
  readonly #known = new Set<Visitor>();

  /** A connection was opened. */
  enter(visitor: Visitor): void {
    if (this.#strangers.size + this.#known.size >= MOST_VISITORS) {
      this.#makeRoom();
    }
    const end = visitor.ctx.after(STRANGER_MS, () => visitor.drain());
    this.#strangers.set(visitor, end);
  }

  /** `visitor` has sent a request, and has access. */
  welcome(visitor: Visitor): void {
    if (this.leave(visitor)) this.#known.add(visitor);
  }

  /** A connection has closed; false if it was already removed to make room. */
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
