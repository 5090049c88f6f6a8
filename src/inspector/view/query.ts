/** A selection of connections to show. */
export interface ConnectionQuery {
  readonly sort: ConnectionOrder;
  readonly isDescending: boolean;
  /** Part of the peer, of this end, of the id or of the state; empty for all. */
  readonly search: string;
  readonly offset: number;
  readonly limit: number;
}

/** What connections can be sorted by. */
export const CONNECTION_ORDERS = [
  "id",
  "thread",
  "peer",
  "age",
  "in",
  "out",
  "queue",
  "state",
] as const;

/** One of them. */
export type ConnectionOrder = (typeof CONNECTION_ORDERS)[number];

/** The most connections in one answer, and the largest offset. */
export const MOST_ROWS = 200;
export const DEEPEST = 10_000;
