import type { Tappable } from "../../api/recorder.ts";
import { addTap, removeTap } from "../../api/taps.ts";
import { Timeout } from "../../core/time_limits.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import type { TailedTraffic } from "./question.ts";
import { Tail } from "./tail.ts";

/** The most connections that are watched at once. */
const MOST_TAILS = 8;

/** Milliseconds without a question after which a connection is not watched any more. */
const PATIENCE_MS = 10_000;

interface OpenTail {
  readonly id: number;
  readonly connection: Tappable;
  readonly tail: Tail;
  askedAt: number;
}

/** The connections whose bytes are watched: each from the first question about it until none has come for a while. */
export class Tails {
  readonly #loop: TurnLoop<unknown>;
  readonly #open = new Map<number, OpenTail>();
  /** Armed while there is one. */
  readonly #patience = new Timeout(() => this.#expire());

  constructor(loop: TurnLoop<unknown>) {
    this.#loop = loop;
  }

  /** What `connection` has received and sent after the first `after` pieces. The first question starts the tail, and finds nothing. */
  ask(
    id: number,
    connection: Tappable,
    after: number,
  ): TailedTraffic {
    const listening = this.#open.get(id) ?? this.#begin(id, connection);
    listening.askedAt = this.#loop.now();
    return { isOpen: true, ...trafficAfter(listening, after) };
  }

  /** The last pieces of a connection that is gone; undefined if nobody watched it. */
  askGone(id: number, after: number): TailedTraffic | undefined {
    const listening = this.#open.get(id);
    return listening && { isOpen: false, ...trafficAfter(listening, after) };
  }

  /** Ends all tails. */
  close(): void {
    this.#loop.disarm(this.#patience);
    for (const listening of this.#open.values()) this.#end(listening);
  }

  /** Ends the tails without a recent question. */
  #expire(): void {
    const now = this.#loop.now();
    for (const listening of this.#open.values()) {
      if (now - listening.askedAt >= PATIENCE_MS) this.#end(listening);
    }
    if (this.#open.size > 0) this.#awaitNext();
  }

  /** Waits until the tail that was asked about least recently may expire. */
  #awaitNext(): void {
    this.#loop.armAt(this.#patience, this.#oldest.askedAt + PATIENCE_MS);
  }

  #begin(id: number, connection: Tappable): OpenTail {
    if (this.#open.size >= MOST_TAILS) this.#end(this.#oldest);
    const askedAt = this.#loop.now();
    const begun = { id, connection, tail: new Tail(), askedAt };
    this.#open.set(id, begun);
    addTap(connection, begun.tail);
    this.#awaitNext();
    return begun;
  }

  get #oldest(): OpenTail {
    return [...this.#open.values()]
      .reduce((a, b) => a.askedAt <= b.askedAt ? a : b);
  }

  #end({ id, connection, tail }: OpenTail): void {
    this.#open.delete(id);
    removeTap(connection, tail);
  }
}

function trafficAfter(
  { tail }: OpenTail,
  after: number,
): Omit<TailedTraffic, "isOpen"> {
  const pieces = tail.since(after);
  return {
    last: tail.count,
    missed: tail.count - after - pieces.length,
    pieces,
  };
}
