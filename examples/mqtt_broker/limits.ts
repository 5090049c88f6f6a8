/** The bounds of a broker, which hold whatever clients do. */
export interface Limits {
  /** Messages that wait in a session while its client is gone or slow. */
  readonly queuedMessages: number;
  /** Bytes of these messages and their topics; also what a connection may have queued to send. */
  readonly queuedBytes: number;
  /** Messages of a session that were sent and are not acknowledged. */
  readonly inFlight: number;
  /** Bytes of these; a single message may be larger. */
  readonly inFlightBytes: number;
  /** Subscriptions of a session. */
  readonly subscriptions: number;
  /** Bytes of their filters, with the levels of the tree that finds them. */
  readonly subscriptionBytes: number;
  /** Sessions whose client is gone. The one that was gone first is forgotten first. */
  readonly absentSessions: number;
  /** Bytes that these sessions hold together. A message that several hold counts for each. */
  readonly absentBytes: number;
  readonly retainedMessages: number;
  /** Bytes of these messages and their topics. */
  readonly retainedBytes: number;
}

export const LIMITS: Limits = {
  queuedMessages: 1000,
  queuedBytes: 512 * 1024,
  inFlight: 20,
  inFlightBytes: 512 * 1024,
  subscriptions: 1000,
  subscriptionBytes: 256 * 1024,
  absentSessions: 10_000,
  absentBytes: 256 * 2 ** 20,
  retainedMessages: 10_000,
  retainedBytes: 64 * 2 ** 20,
};
