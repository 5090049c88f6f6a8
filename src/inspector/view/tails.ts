import { addTap, removeTap, type Tappable } from "../../io/tap.ts";
import type { Traffic } from "./question.ts";
import { Tail } from "./tail.ts";

/** Connections that are listened to at once at most. */
const MOST_TAILS = 8;

/** Milliseconds: who does not ask for so long does not listen any more. */
const PATIENCE_MS = 10_000;

interface Listening {
  readonly id: number;
  readonly connection: Tappable;
  readonly tail: Tail;
  askedAt: number;
}

/** The connections whose bytes somebody looks at: from the first question about one until there is none for a while. */
export class Tails {
  readonly #open = new Map<number, Listening>();

  /** What `connection` has received and sent behind the first `after` pieces; the first question finds nothing, and is what it begins with. */
  ask(
    id: number,
    connection: Tappable,
    after: number,
    now: number,
  ): Traffic {
    const listening = this.#open.get(id) ?? this.#begin(id, connection, now);
    listening.askedAt = now;
    return { isOpen: true, ...told(listening, after) };
  }

  /** The last of a connection that is gone; undefined if nobody has listened. */
  askGone(id: number, after: number): Traffic | undefined {
    const listening = this.#open.get(id);
    return listening && { isOpen: false, ...told(listening, after) };
  }

  /** Ends those that nobody has asked about lately. */
  expire(now: number): void {
    for (const listening of this.#open.values()) {
      if (now - listening.askedAt >= PATIENCE_MS) this.#end(listening);
    }
  }

  #begin(id: number, connection: Tappable, now: number): Listening {
    if (this.#open.size >= MOST_TAILS) this.#endOldest();
    const begun = { id, connection, tail: new Tail(), askedAt: now };
    this.#open.set(id, begun);
    addTap(connection, begun.tail);
    return begun;
  }

  #endOldest(): void {
    const oldest = [...this.#open.values()]
      .reduce((a, b) => a.askedAt <= b.askedAt ? a : b);
    this.#end(oldest);
  }

  #end({ id, connection, tail }: Listening): void {
    this.#open.delete(id);
    removeTap(connection, tail);
  }
}

function told(
  { tail }: Listening,
  after: number,
): Omit<Traffic, "isOpen"> {
  const pieces = tail.since(after);
  return {
    last: tail.count,
    missed: tail.count - after - pieces.length,
    pieces,
  };
}
