import type { ListenerStats, RuntimeStats } from "../../stats/stats.ts";
import type { ConnectionRow } from "./connection_row.ts";
import type { ConnectionQuery } from "./query.ts";

/** What an inspector asks one runtime, in whatever thread it is. */
export type ViewQuestion =
  | { readonly kind: "overview" }
  | { readonly kind: "connections"; readonly query: ConnectionQuery }
  | { readonly kind: "closed"; readonly limit: number }
  | { readonly kind: "tail"; readonly id: number; readonly after: number }
  | { readonly kind: "close"; readonly id: number }
  | { readonly kind: "drain"; readonly id: number };

/** The answers: plain data, to be sent between threads and as JSON. */
export interface ViewAnswers {
  readonly overview: Overview;
  readonly connections: Connections;
  readonly closed: ClosedLately;
  readonly tail: TailedTraffic;
  readonly close: Done;
  readonly drain: Done;
}

/** A runtime, and its listeners. */
export interface Overview {
  readonly stats: RuntimeStats;
  readonly listeners: readonly ListenerRow[];
}

/** One listener. */
export interface ListenerRow {
  readonly id: number;
  readonly address: string;
  readonly stats: ListenerStats;
}

/** The first of the connections that were asked for. */
export interface Connections {
  readonly total: number;
  readonly matched: number;
  readonly rows: readonly ConnectionRow[];
}

/** One connection that is closed. */
export interface ClosedRow {
  /** How many were closed before it, since the view was created. */
  readonly number: number;
  readonly peer: string;
  readonly agoMs: number;
  readonly openMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The class of the error and its message, in one line; "cleanly" without one. */
  readonly reason: string;
}

/** The last closed connections since the view was created, a thousand at most. */
export interface ClosedLately {
  /** The latest of them, the newest first. */
  readonly rows: readonly ClosedRow[];
  /** How many of the thousand were closed with each class of error. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What one connection has received and sent while it was watched. */
export interface TailedTraffic {
  readonly isOpen: boolean;
  /** How many pieces there were so far. */
  readonly last: number;
  /** How many were dropped before they were requested. */
  readonly missed: number;
  readonly pieces: readonly Piece[];
}

/** What one read or write brought. */
export interface Piece {
  readonly direction: "in" | "out";
  readonly size: number;
  /** The first of the bytes, in hexadecimal. */
  readonly bytes: string;
}

/** The outcome of a request to do something: false if there is no such connection or listener any more. */
export interface Done {
  readonly done: boolean;
}
