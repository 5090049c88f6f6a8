/** Milliseconds between two samples that rates are computed from. */
const SPAN_MS = 900;

/** Milliseconds: samples further apart than this say nothing about the present. */
const STALE_MS = 10_000;

/** A connection, and the bytes that it has moved so far. */
export interface Moved {
  readonly id: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface Look {
  readonly at: number;
  /** By id: bytes in, bytes out. */
  readonly counts: ReadonlyMap<number, readonly [number, number]>;
}

/** Bytes per second of each connection, while it is viewed. */
export class Rates {
  #last: Look | undefined = undefined;
  #before: Look | undefined = undefined;

  /** Samples all connections at the time `now`, unless that was done a moment ago. */
  look(now: number, connections: Iterable<Moved>): void {
    const last = this.#last;
    if (last !== undefined && now - last.at < SPAN_MS) return;
    const counts = new Map<number, readonly [number, number]>();
    for (const { id, bytesIn, bytesOut } of connections) {
      counts.set(id, [bytesIn, bytesOut]);
    }
    this.#before = last !== undefined && now - last.at < STALE_MS
      ? last
      : undefined;
    this.#last = { at: now, counts };
  }

  /** Bytes per second that connection `id` received and sent between the last two samples. */
  of(id: number): readonly [perSecondIn: number, perSecondOut: number] {
    const last = this.#last?.counts.get(id);
    const before = this.#before;
    if (last === undefined || before === undefined) return [0, 0];
    const seconds = ((this.#last as Look).at - before.at) / 1000;
    const [bytesIn, bytesOut] = before.counts.get(id) ?? [0, 0];
    return [(last[0] - bytesIn) / seconds, (last[1] - bytesOut) / seconds];
  }
}
