import type { ConnectionOrder } from "./query.ts";

/** One connection, as it is shown. */
export interface ConnectionRow {
  readonly id: number;
  readonly peer: string;
  readonly local: string;
  readonly openMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly bytesQueued: number;
  readonly state: string;
}

/** A connection of one of several threads. */
export interface ThreadRow extends ConnectionRow {
  readonly thread: string;
}

const KEYS: Record<ConnectionOrder, (row: ThreadRow) => string | number> = {
  id: ({ id }) => id,
  thread: ({ thread }) => thread,
  peer: ({ peer }) => peer,
  age: ({ openMs }) => openMs,
  in: ({ inPerSecond }) => inPerSecond,
  out: ({ outPerSecond }) => outPerSecond,
  queue: ({ bytesQueued }) => bytesQueued,
  state: ({ state }) => state,
};

/** Compares rows by `sort`, and equal ones by their threads and ids, so that they keep their places. */
export function comparing(
  sort: ConnectionOrder,
  isDescending: boolean,
): (a: ThreadRow, b: ThreadRow) => number {
  const key = KEYS[sort];
  const sign = isDescending ? -1 : 1;
  return (a, b) =>
    sign * compare(key(a), key(b)) || compare(a.thread, b.thread) ||
    a.id - b.id;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
