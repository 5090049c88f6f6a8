/**
 * Diagnostics channels: events for monitoring tools.
 *
 * @module
 */

/**
 * A channel of the host: one of `node:diagnostics_channel`, or an equivalent.
 *
 * @category Adapters
 */
export interface DiagnosticsChannel {
  /**
   * True if there are subscribers; the core publishes nothing otherwise. Must
   * be cheap to read.
   */
  readonly hasSubscribers: boolean;
  /**
   * Calls all subscribers before it returns. Never throws, even if a subscriber
   * does.
   *
   * @param message What the subscribers get.
   */
  publish(message: unknown): void;
}
