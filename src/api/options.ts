import type { Adapter } from "../contract/adapter.ts";
import { InvalidOptionError } from "./errors.ts";
import { messageOf, textOf } from "../util/text.ts";

/**
 * The bounds and manners of a connection. Each can be set for a runtime, for a
 * connect, and for each accepted connection; what is left out comes from the
 * runtime.
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
   * Bytes: when what the handlers of inbound messages send makes the queue
   * longer than this, reading pauses. 0 to 2^30, default 1 MiB; from
   * `maxSendQueue` on it never does.
   */
  readonly sendHighWaterMark?: number | undefined;
  /** Bytes: reading goes on when the queue is no longer than this. 0 to `sendHighWaterMark`, default a quarter of it. */
  readonly sendLowWaterMark?: number | undefined;
  /**
   * Milliseconds without a byte in either direction after which the connection
   * is closed with `IdleTimeoutError`; time while `pauseReading` is in force does
   * not count. 0 to 2^31 - 1, default 0: never.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Milliseconds without progress after which a closing connection is aborted. 1 to 2^31 - 1, default 5000. */
  readonly closeTimeoutMs?: number | undefined;
  /** TCP_NODELAY: send small messages at once. Default true. */
  readonly noDelay?: boolean | undefined;
  /**
   * TCP keep-alive probes, the first after 60 seconds of silence; on Deno, whose
   * sockets take no delay, after the system's time, two hours by default. How
   * many follow, and how fast, is the system's. Default false.
   */
  readonly keepAlive?: boolean | undefined;
}

/** `Options` with nothing left out. */
export type Filled<Options> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};

/** {@linkcode ConnectionOptions} with nothing left out. */
export type ConnectionSettings = Filled<ConnectionOptions>;

/** Options of a connect. */
export interface ConnectOptions extends ConnectionOptions {
  /**
   * Milliseconds the connect may take: with name resolution, and for all the
   * addresses that a name has. 1 to 2^31 - 1, default 30000.
   */
  readonly connectTimeoutMs?: number | undefined;
}

/** Options of a listen. */
export interface ListenOptions {
  /** Connections of this listener that may be open at once; what comes beyond is dropped, logged, and counted by `TcpListening.dropCount`. 1 to 2^20, default 65536. */
  readonly maxConnections?: number | undefined;
  /** Connections that may wait to be accepted: a hint to the system. 1 to 65535, default 511. */
  readonly backlog?: number | undefined;
  /** Share the port with other listeners that set this (SO_REUSEPORT); where the runtime cannot, listening fails with `ListenError`. Default false. */
  readonly reusePort?: boolean | undefined;
}

/** {@linkcode ListenOptions} with nothing left out. */
export type ListenSettings = Filled<ListenOptions>;

/** Options of a runtime: defaults for its connections, and the sockets it stands on. */
export interface RuntimeOptions extends ConnectOptions {
  /** The sockets and the clock. Default: those of the runtime this runs on. */
  readonly adapter?: Adapter | undefined;
}

const MAX_BYTES = 2 ** 30;
const MAX_MS = 2 ** 31 - 1;

/** What connections get when nothing is said. */
export const DEFAULT_CONNECTION_SETTINGS: ConnectionSettings = {
  recvBufferMinSize: 1024,
  maxMessageSize: 16 * 2 ** 20,
  maxSendQueue: 64 * 2 ** 20,
  sendQueueOverflow: "close",
  sendHighWaterMark: 2 ** 20,
  sendLowWaterMark: 2 ** 18,
  idleTimeoutMs: 0,
  closeTimeoutMs: 5000,
  noDelay: true,
  keepAlive: false,
};

const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

const NAMES = Object.keys(
  DEFAULT_CONNECTION_SETTINGS,
) as (keyof ConnectionOptions)[];

/** What the options of a connect are called. */
export const CONNECT_OPTIONS: readonly string[] = [
  ...NAMES,
  "connectTimeoutMs",
];

/** What the options of a listen are called. */
export const LISTEN_OPTIONS: readonly string[] = [
  "maxConnections",
  "backlog",
  "reusePort",
];

/** Fills `options` up from `defaults`, which are returned if there is nothing to be changed. Throws {@linkcode InvalidOptionError}. */
export function connectionSettings(
  options: ConnectionOptions,
  defaults: ConnectionSettings,
): ConnectionSettings {
  if (NAMES.every((name) => given(options, name) === undefined)) {
    return defaults;
  }
  const ownHigh = integer(options, "sendHighWaterMark", 0, MAX_BYTES);
  const high = ownHigh ?? defaults.sendHighWaterMark;
  const low = integer(options, "sendLowWaterMark", 0, high) ??
    (ownHigh === undefined
      ? defaults.sendLowWaterMark
      : Math.min(defaults.sendLowWaterMark, ownHigh >> 2));
  return {
    recvBufferMinSize: integer(options, "recvBufferMinSize", 0, MAX_BYTES) ??
      defaults.recvBufferMinSize,
    maxMessageSize: integer(options, "maxMessageSize", 1, MAX_BYTES) ??
      defaults.maxMessageSize,
    maxSendQueue: integer(options, "maxSendQueue", 1, MAX_BYTES) ??
      defaults.maxSendQueue,
    sendQueueOverflow: oneOf(options, "sendQueueOverflow", [
      "close",
      "reject",
    ]) ?? defaults.sendQueueOverflow,
    sendHighWaterMark: high,
    sendLowWaterMark: low,
    idleTimeoutMs: integer(options, "idleTimeoutMs", 0, MAX_MS) ??
      defaults.idleTimeoutMs,
    closeTimeoutMs: integer(options, "closeTimeoutMs", 1, MAX_MS) ??
      defaults.closeTimeoutMs,
    noDelay: oneOf(options, "noDelay", [true, false]) ?? defaults.noDelay,
    keepAlive: oneOf(options, "keepAlive", [true, false]) ??
      defaults.keepAlive,
  };
}

/** The `connectTimeoutMs` of `options`. Throws {@linkcode InvalidOptionError}. */
export function connectTimeout(
  options: ConnectOptions,
  defaultMs: number = DEFAULT_CONNECT_TIMEOUT_MS,
): number {
  return integer(options, "connectTimeoutMs", 1, MAX_MS) ?? defaultMs;
}

/** Fills `options` up. Throws {@linkcode InvalidOptionError}. */
export function listenSettings(
  options: ListenOptions,
): ListenSettings {
  return {
    maxConnections: integer(options, "maxConnections", 1, 2 ** 20) ?? 65536,
    backlog: integer(options, "backlog", 1, 65535) ?? 511,
    reusePort: oneOf(options, "reusePort", [true, false]) ?? false,
  };
}

/** `options[name]` if it is an integer from `min` to `max`, or `undefined` if it is left out. */
export function integer<O, K extends string & keyof O>(
  options: O,
  name: K,
  min: number,
  max: number,
): number | undefined {
  const value: unknown = given(options, name);
  if (value === undefined) return undefined;
  if (
    typeof value === "number" && Number.isInteger(value) && value >= min &&
    value <= max
  ) {
    return value;
  }
  throw new InvalidOptionError(
    `Cannot use ${name} ${
      textOf(value)
    }: it must be an integer from ${min} to ${max}`,
  );
}

/** `options[name]` if it is one of `allowed`, or `undefined` if it is left out. */
export function oneOf<O, K extends string & keyof O>(
  options: O,
  name: K,
  allowed: readonly O[K][],
): O[K] | undefined {
  const value = given(options, name);
  if (value === undefined || allowed.includes(value)) return value;
  throw new InvalidOptionError(
    `Cannot use ${name} ${textOf(value)}: it must be ${
      allowed.map(String).join(" or ")
    }`,
  );
}

/** `options[name]`, whatever `options` are. Throws {@linkcode InvalidOptionError} if that cannot be read. */
export function given<O, K extends string & keyof O>(
  options: O,
  name: K,
): O[K] {
  try {
    return options[name];
  } catch (cause) {
    throw new InvalidOptionError(
      `Cannot read the option ${name}: ${messageOf(cause)}`,
      { cause },
    );
  }
}
