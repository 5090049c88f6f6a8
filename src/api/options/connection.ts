/**
 * Limits and settings of a connection.
 *
 * @module
 */

import type { KeepAliveTimes, SocketOptions } from "../../contract/socket.ts";
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
 * The limits and settings of a connection. Each can be set for a runtime, for a
 * connect, and for each accepted connection. Options that are left out come
 * from the runtime.
 *
 * @category Reactors
 */
export interface ConnectionOptions {
  /**
   * The initial size of the buffer for a partial message, in bytes, and the
   * most new bytes that `tryReadFastDispatch` passes on at a time. 0 to 2^30,
   * default 1024.
   */
  readonly recvBufferMinSize?: number | undefined;
  /**
   * The largest message, in bytes, and the most that a handler is given at
   * once. A larger message closes the connection with `MessageTooLargeError`. 1
   * to 2^30, default 16 MiB.
   */
  readonly maxMessageSize?: number | undefined;
  /** The most bytes that may wait to be sent. 1 to 2^30, default 64 MiB. */
  readonly maxSendQueue?: number | undefined;
  /**
   * What a send beyond `maxSendQueue` does: `"close"` aborts the connection with
   * `SendQueueFullError`; `"reject"` throws that error and sends nothing. Default `"close"`.
   */
  readonly sendQueueOverflow?: "close" | "reject" | undefined;
  /**
   * When the queue has more bytes than this, and more is sent after something was
   * read, reading pauses. It does not matter who sends: a handler, a promise, a
   * timer, a command or another reactor. 0 to 2^30, default 1 MiB. If it is
   * `maxSendQueue` or more, reading never pauses for the queue.
   */
  readonly sendHighWaterMark?: number | undefined;
  /**
   * Reading resumes when the queue has no more bytes than this. 0 to
   * `sendHighWaterMark`; the default is a quarter of the `sendHighWaterMark` that
   * is set in the same place.
   */
  readonly sendLowWaterMark?: number | undefined;
  /**
   * After this many milliseconds without a byte in either direction, the
   * connection is closed with `IdleTimeoutError`. Time does not count while
   * `pauseReading` is in force or the credit of `read` is used up, but a pause
   * caused by the queue does count. Against peers that do not read, use
   * `sendTimeoutMs`. 0 to 2^31 - 1, default 0: never.
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * After each period of this many milliseconds without a byte from the peer,
   * {@linkcode Reactor.onIdle} is called. Without that handler, the connection
   * is closed with `ReadIdleTimeoutError`. Time while reading is paused,
   * whatever the cause, does not count, nor does time after the peer's FIN. 0
   * to 2^31 - 1, default 0: never.
   */
  readonly readIdleTimeoutMs?: number | undefined;
  /**
   * After each period of this many milliseconds in which nothing was sent and
   * nothing was queued, {@linkcode Reactor.onIdle} is called, so that it can
   * send a heartbeat. Without that handler, nothing happens. 0 to 2^31 - 1,
   * default 0: never.
   */
  readonly writeIdleTimeoutMs?: number | undefined;
  /**
   * The first message must be complete within this many milliseconds after the
   * connection opened. Otherwise it is closed with `FirstMessageTimeoutError`.
   * Time while reading is paused does not count. 0 to 2^31 - 1, default 0: any
   * time.
   */
  readonly firstMessageTimeoutMs?: number | undefined;
  /**
   * How many milliseconds a message may take from its first byte to its last.
   * After that the connection is closed with `MessageTimeoutError`. Further
   * bytes do not extend this; time while reading is paused does. A message
   * begins when its reactor has been given its first bytes and expects more,
   * and is complete when the reactor drops bytes. 0 to 2^31 - 1, default 0: any
   * time.
   */
  readonly messageTimeoutMs?: number | undefined;
  /**
   * If bytes are queued and none of them goes out for this many milliseconds,
   * the connection is aborted with `SendTimeoutError`: its peer does not read,
   * or is gone. Neither a pause of reading nor incoming bytes extend this. Once
   * the connection is closing, `closeTimeoutMs` applies instead. 0 to 2^31 - 1,
   * default 0: never.
   */
  readonly sendTimeoutMs?: number | undefined;
  /**
   * A closing connection that makes no progress for this many milliseconds is
   * aborted. 1 to 2^31 - 1, default 5000.
   */
  readonly closeTimeoutMs?: number | undefined;
  /** TCP_NODELAY: send small messages at once. Default true. */
  readonly noDelay?: boolean | undefined;
  /**
   * TCP keep-alive probes, which detect that a silent peer is gone. `true`
   * detects it after 60 seconds of silence and ten more; Deno cannot set the
   * times. Has no effect on Unix sockets. Default false.
   */
  readonly keepAlive?: boolean | KeepAliveOptions | undefined;
  /**
   * Records what is received and sent: the result of `recordTo`, `recordToFile`
   * or `recordBy`. Default: none.
   */
  readonly record?: Recorder | undefined;
}

/** {@linkcode ConnectionOptions} with all defaults filled in. */
export type ConnectionSettings =
  & Filled<Omit<ConnectionOptions, "keepAlive">>
  & { readonly keepAlive: KeepAliveTimes | undefined };

/** All options of a socket. */
type EachSocketOption = {
  readonly [Name in keyof Required<SocketOptions>]: SocketOptions[Name];
};

/** Those of the `settings` that the socket has to know. */
export function socketOptions(
  { noDelay, keepAlive }: ConnectionSettings,
): EachSocketOption {
  return { noDelay, keepAlive };
}

/** The largest size that an option may have, in bytes. */
const MAX_BYTES = 2 ** 30;

/** The low-water mark defaults to the high-water mark shifted right by this. */
const QUARTER = 2;

const DEFAULT_HIGH_WATER_MARK = 2 ** 20;

/** The rules and defaults of {@linkcode ConnectionOptions}. */
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
      "made by recordTo, recordToFile or recordBy",
      (value) => typeof read(value, "begin") === "function",
    ),
  });

const DEFAULTS: ConnectionSettings = {
  ...CONNECTION_OPTIONS.defaults,
  keepAlive: undefined,
};

/**
 * Fills in `options` from `defaults`; returns `defaults` itself if no option is
 * given. Throws {@linkcode InvalidOptionError}.
 */
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
