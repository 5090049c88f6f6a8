/** What bounds a broker, whoever talks to it. */
export interface Limits {
  /** Messages that wait for a session, while its client is gone or slow. */
  readonly queuedMessages: number;
  /** Bytes of them, with their topics; and as many that a connection has not sent yet. */
  readonly queuedBytes: number;
  /** Messages of a session that are sent and not acknowledged. */
  readonly inFlight: number;
  /** Bytes of them, unless it is one alone. */
  readonly inFlightBytes: number;
  /** Subscriptions of a session. */
  readonly subscriptions: number;
  /** Bytes of their filters, with what is needed to find them by their levels. */
  readonly subscriptionBytes: number;
  /** Sessions whose client is gone; who was gone first is forgotten first. */
  readonly absentSessions: number;
  /** Bytes that they hold together: their subscriptions, and messages. A message counts for each. */
  readonly absentBytes: number;
  readonly retainedMessages: number;
  /** Bytes of them, with their topics. */
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
