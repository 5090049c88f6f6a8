/**
 * Recording what a connection receives and sends.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { ReactorID } from "./reactor_id.ts";

/**
 * Observes what one connection receives and sends. `onReceived` and `onSent`
 * are called in the middle of reads and writes: they must copy what they keep,
 * and must not use the connection. If one of them throws, the tap is removed,
 * and a line of log says why; the connection goes on.
 *
 * @category Tools
 */
export interface Tap {
  /**
   * Bytes came in.
   *
   * @param buffer Begins with these bytes. Valid during the call only.
   * @param length How many bytes came in.
   */
  onReceived(buffer: Uint8Array, length: number): void;
  /**
   * The socket has taken bytes.
   *
   * @param buffer Contains these bytes. Valid during the call only.
   * @param start Offset of the first byte.
   * @param end Offset behind the last byte.
   */
  onSent(buffer: Uint8Array, start: number, end: number): void;
  /** This end has sent FIN. */
  onEnd?(): void;
  /** The peer has sent FIN. */
  onPeerEnd?(): void;
  /**
   * The connection is gone, and the `onClose` of its reactor was called.
   *
   * @param reason Why it was closed or lost; undefined if it ended cleanly.
   * @param isLost True if the connection was lost: neither closed nor aborted by
   * this end, and not ended cleanly by both.
   */
  onClosed?(reason: Error | undefined, isLost: boolean): void;
}

/**
 * A connection to record.
 *
 * @category Tools
 */
export interface RecordedConnection {
  /** The id of its reactor, as in the log, in events and in the inspector. */
  readonly id: ReactorID;
  /** This end of it. */
  readonly localAddress: SocketAddress;
  /** The peer's end of it. */
  readonly remoteAddress: SocketAddress;
  /** True if a listener has accepted it, false if this end has connected. */
  readonly isAccepted: boolean;
}

/**
 * What a connection offers to its recorder.
 *
 * @category Tools
 */
export interface RecorderHost {
  /**
   * Returns the time on a clock that never goes back.
   *
   * @returns Milliseconds, with fractions.
   */
  now(): number;

  /**
   * Returns the time on the wall clock.
   *
   * @returns Milliseconds since 1970.
   */
  wallNow(): number;

  /**
   * Defers work to the next turn, when it may call anything.
   *
   * @param callback Called in the next turn. If it throws, the recording stops as if
   * `stop` was called with that error.
   */
  defer(callback: () => void): void;

  /**
   * Removes the tap: it is no longer called.
   *
   * @param error What failed, if anything; it is logged in one line.
   */
  stop(error?: unknown): void;
}

/**
 * Something that a tap can observe.
 *
 * @category Tools
 */
export interface Tappable {
  /** Observes what is received and sent. */
  tap: Tap | undefined;
}

/**
 * Records connections: made by `recordTo`, `recordToFile` or `recordBy`, for the
 * option `record`.
 *
 * @category Tools
 */
export interface Recorder {
  /**
   * Called by the library when a connection to record has opened, before
   * anything is read from it.
   *
   * @param connection The connection.
   * @param tapped Where to set the tap.
   * @param time The clocks and turns of the connection.
   * @param onFailed Called once, with the first error that is thrown.
   */
  begin(
    connection: RecordedConnection,
    tapped: Tappable,
    time: Omit<RecorderHost, "stop">,
    onFailed: (thrown: unknown) => void,
  ): void;
}
