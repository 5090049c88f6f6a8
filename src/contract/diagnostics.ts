/**
 * Where whoever looks into a program is told what happens.
 *
 * @module
 */

/**
 * A channel of the host: one of `node:diagnostics_channel`, or what does the
 * same.
 *
 * @category Adapters
 */
export interface DiagnosticsChannel {
  /** True if somebody listens: else nothing is published. To ask costs next to nothing. */
  readonly hasSubscribers: boolean;
  /** Tells all subscribers, before it returns. Never throws, whatever they do. */
  publish(message: unknown): void;
}
