/**
 * The bounds and manners of a connection.
 *
 * @module
 */

import type { KeepAliveTimes } from "../../contract/socket.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { read } from "../../util/text.ts";
import type { Recorder } from "../recorder.ts";
import {
  isKeepAlive,
  type KeepAliveOptions,
  keepAliveTimes,
} from "./keep_alive.ts";
import {
  checkOption,
  choice,
  custom,
  type Filled,
  flag,
  integer,
  OptionTable,
} from "./rules.ts";

/**
 * The bounds and manners of a connection. Each can be set for a runtime, for a
 * connect, and for each accepted connection; what is left out comes from the
 * runtime.
 *
 * @category Reactors
 */
export interface ConnectionOptions {
  /**
   * Bytes: the room a partial message is given at first, if it may be so large,
   * and how far `tryReadFastDispatch` looks at a time. 0 to 2^30, default 1024.
   */
  readonly recvBufferMinSize?: number | undefined;
  /**
   * Bytes: a larger message closes the connection with `MessageTooLargeError`,
   * and no more than that is handed out at once. 1 to 2^30, default 16 MiB.
   */
  readonly maxMessageSize?: number | undefined;
  /** Bytes that may wait to be sent, in all. 1 to 2^30, default 64 MiB. */
  readonly maxSendQueue?: number | undefined;
  /**
   * What a send beyond `maxSendQueue` does: `"close"` aborts the connection with
   * `SendQueueFullError`; `"reject"` throws that error and sends nothing. Default `"close"`.
   */
  readonly sendQueueOverflow?: "close" | "reject" | undefined;
  /**
   * Bytes: when the queue is longer than this, and more is sent after something
   * was read, reading pauses, whoever sends: a handler, a promise, a timer, a
   * command, another reactor. 0 to 2^30, default 1 MiB; from `maxSendQueue` on it
   * never does.
   */
  readonly sendHighWaterMark?: number | undefined;
  /**
   * Bytes: reading goes on when the queue is no longer than this. 0 to
   * `sendHighWaterMark`; the default is a quarter of the `sendHighWaterMark` that
   * is set in the same place.
   */
  readonly sendLowWaterMark?: number | undefined;
  /**
   * Milliseconds without a byte in either direction after which the connection
   * is closed with `IdleTimeoutError`; time while `pauseReading` is in force, or
   * the credit of `read` is spent, does not count; a pause that the queue causes
   * does. For peers that do not read there is `sendTimeoutMs`. 0 to 2^31 - 1, default 0: never.
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Milliseconds without a byte from the peer after which
   * {@linkcode Reactor.onIdle} is called, again after as much time; without that
   * handler the connection is closed with `ReadIdleTimeoutError`. Time in which
   * nothing is read, whoever paused that, does not count, nor does time after the
   * peer's FIN. 0 to 2^31 - 1, default 0: never.
   */
  readonly readIdleTimeoutMs?: number | undefined;
  /**
   * Milliseconds in which nothing went out, and nothing waits to, after which
   * {@linkcode Reactor.onIdle} is called, again after as much time: to send a sign
   * of life. Without that handler nothing happens. 0 to 2^31 - 1, default 0:
   * never.
   */
  readonly writeIdleTimeoutMs?: number | undefined;
  /**
   * Milliseconds from the opening of the connection until the peer must have sent
   * one whole message; else it is closed with `FirstMessageTimeoutError`. Time in
   * which nothing is read does not count. 0 to 2^31 - 1, default 0: any time.
   */
  readonly firstMessageTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a message may take, from its first byte to its last; else
   * the connection is closed with `MessageTimeoutError`. What the peer sends in the
   * meantime extends that by nothing; time in which nothing is read does. A
   * message has begun when its reactor has been shown its first bytes and waits
   * for more, and is whole when something is dropped. 0 to 2^31 - 1, default 0:
   * any time.
   */
  readonly messageTimeoutMs?: number | undefined;
  /**
   * Milliseconds in which something was queued to be sent and nothing of it went
   * out, after which the connection is aborted with `SendTimeoutError`: its peer
   * does not read, or is gone. Nothing else extends that: neither a pause of
   * reading, nor what comes in. Once the connection closes, `closeTimeoutMs`
   * counts. 0 to 2^31 - 1, default 0: never.
   */
  readonly sendTimeoutMs?: number | undefined;
  /** Milliseconds without progress after which a closing connection is aborted. 1 to 2^31 - 1, default 5000. */
  readonly closeTimeoutMs?: number | undefined;
  /** TCP_NODELAY: send small messages at once. Default true. */
  readonly noDelay?: boolean | undefined;
  /**
   * TCP keep-alive probes, by which the system finds out that a peer is gone which
   * says nothing: `true` is after 60 seconds of silence, and ten seconds more.
   * Deno cannot set when. Without effect on Unix sockets. Default false.
   */
  readonly keepAlive?: boolean | KeepAliveOptions | undefined;
  /**
   * Records what is received and sent, as `recordTo` or `recordToFile` say.
   * Default: nobody does.
   */
  readonly record?: Recorder | undefined;
}

/** {@linkcode ConnectionOptions} with nothing left out. */
export type ConnectionSettings =
  & Filled<Omit<ConnectionOptions, "keepAlive">>
  & { readonly keepAlive: KeepAliveTimes | undefined };

/** The largest size of anything, bytes. */
const MAX_BYTES = 2 ** 30;

/** By how many bits the high-water mark is more than the low one, which is a quarter of it. */
const QUARTER = 2;

const DEFAULT_HIGH_WATER_MARK = 2 ** 20;

/** The options of a connection. */
export const CONNECTION_OPTIONS: OptionTable<ConnectionOptions> =
  new OptionTable<ConnectionOptions>({
    recvBufferMinSize: integer(0, MAX_BYTES, 1024),
    maxMessageSize: integer(1, MAX_BYTES, 16 * 2 ** 20),
    maxSendQueue: integer(1, MAX_BYTES, 64 * 2 ** 20),
    sendQueueOverflow: choice(["close", "reject"], "close"),
    sendHighWaterMark: integer(0, MAX_BYTES, DEFAULT_HIGH_WATER_MARK),
    sendLowWaterMark: integer(
      0,
      MAX_BYTES,
      DEFAULT_HIGH_WATER_MARK >> QUARTER,
    ),
    idleTimeoutMs: integer(0, MAX_INT32, 0),
    readIdleTimeoutMs: integer(0, MAX_INT32, 0),
    writeIdleTimeoutMs: integer(0, MAX_INT32, 0),
    firstMessageTimeoutMs: integer(0, MAX_INT32, 0),
    messageTimeoutMs: integer(0, MAX_INT32, 0),
    sendTimeoutMs: integer(0, MAX_INT32, 0),
    closeTimeoutMs: integer(1, MAX_INT32, 5000),
    noDelay: flag(true),
    keepAlive: custom<boolean | KeepAliveOptions>(
      "true, false, or an object",
      isKeepAlive,
      false,
    ),
    record: custom<Recorder>(
      "made by recordTo or recordToFile",
      (value) => typeof read(value, "begin") === "function",
    ),
  });

const DEFAULTS: ConnectionSettings = {
  ...CONNECTION_OPTIONS.defaults,
  keepAlive: undefined,
};

/** Fills `options` up from `defaults`, which are returned if there is nothing to be changed. Throws {@linkcode InvalidOptionError}. */
export function connectionSettings(
  options: ConnectionOptions,
  defaults: ConnectionSettings = DEFAULTS,
): ConnectionSettings {
  const given = CONNECTION_OPTIONS.given(options);
  if (given === undefined) return defaults;
  const keepAlive = given.keepAlive === undefined
    ? defaults.keepAlive
    : keepAliveTimes(given.keepAlive);
  const { sendHighWaterMark: high, sendLowWaterMark: low } = given;
  if (low !== undefined) {
    const most = high ?? defaults.sendHighWaterMark;
    checkOption("sendLowWaterMark", low, integer(0, most));
  }
  const sendLowWaterMark = low ??
    (high === undefined ? defaults.sendLowWaterMark : high >> QUARTER);
  return { ...defaults, ...given, sendLowWaterMark, keepAlive };
}
