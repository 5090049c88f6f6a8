/**
 * What hears all that a connection receives and sends.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { ReactorID } from "./reactor_id.ts";

/**
 * Hears what one connection receives and sends. `onReceived` and `onSent` are
 * called in the middle of reads and writes: they copy what they want, and ask
 * nothing of the connection. If one of them throws, nothing more is heard, and a
 * line of log says why; the connection goes on.
 *
 * @category Tools
 */
export interface Tap {
  /**
   * Bytes came in.
   *
   * @param buffer Begins with them. Valid during the call only.
   * @param length How many there are.
   */
  onReceived(buffer: Uint8Array, length: number): void;
  /**
   * The socket has taken bytes.
   *
   * @param buffer Holds them. Valid during the call only.
   * @param start Offset of the first of them.
   * @param end Offset behind the last.
   */
  onSent(buffer: Uint8Array, start: number, end: number): void;
  /** This end has sent FIN. */
  onEnd?(): void;
  /** The peer has sent FIN. */
  onPeerEnd?(): void;
  /**
   * The connection is gone, and the `onClose` of its reactor was called.
   *
   * @param reason What it was closed with, or what ended it; undefined if it ended
   * in good order.
   * @param isLost True if the connection was lost: neither closed nor aborted by
   * this end, and not ended in good order by both.
   */
  onClosed?(reason: Error | undefined, isLost: boolean): void;
}

/**
 * A connection that is to be recorded.
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
 * What a connection offers to who records it.
 *
 * @category Tools
 */
export interface RecorderHost {
  /**
   * The time on a clock that never goes back.
   *
   * @returns Milliseconds, with fractions.
   */
  now(): number;

  /**
   * The time on the wall clock.
   *
   * @returns Milliseconds since 1970.
   */
  wallNow(): number;

  /**
   * Puts something off to the next turn, when everything may be called.
   *
   * @param callback Called then. If it throws, that is as if `stop` was called with
   * what it throws.
   */
  defer(callback: () => void): void;

  /**
   * Nothing more is to be heard, from now on.
   *
   * @param error Why, if something has failed: then a line of log says so.
   */
  stop(error?: unknown): void;
}

/**
 * Records connections: made by `recordTo` or `recordToFile`, for the option
 * `record`.
 *
 * @category Tools
 */
export interface Recorder {
  /**
   * A connection that is to be recorded has opened; nothing was read of it yet.
   *
   * @param connection What it is.
   * @param host What it offers.
   * @returns Who is to hear of it; undefined if nobody is. If this throws, nobody
   * does, and a line of log says why.
   */
  begin(connection: RecordedConnection, host: RecorderHost): Tap | undefined;
}
