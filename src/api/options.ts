/**
 * What runtimes, listeners and connections can be given.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { KeepAliveTimes } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import { MAX_INT32 } from "../util/limits.ts";
import {
  type ProxyHeaderOptions,
  type ProxyProtocolOptions,
  type ProxyProtocolSettings,
  proxyProtocolSettings,
} from "./proxy_options.ts";
import {
  isKeepAlive,
  type KeepAliveOptions,
  keepAliveTimes,
} from "./keep_alive.ts";
import {
  anObject,
  checkOption,
  choice,
  custom,
  type Filled,
  flag,
  integer,
  number,
  OptionTable,
} from "./option_rules.ts";
import type { Recorder } from "./recorder.ts";
import { isObject, read } from "../util/text.ts";
import { anUpgrade } from "./upgrade_option.ts";
import type { TlsConnectOptions, TlsListenOptions } from "./tls_options.ts";

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

/**
 * Options of a connect.
 *
 * @category Reactors
 */
export interface ConnectOptions extends ConnectionOptions {
  /**
   * Milliseconds the connect may take: with name resolution, and for all the
   * addresses that a name has, which race each other. 1 to 2^31 - 1, default 30000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Sends a PROXY header before anything else, for programs that pass connections
   * on; all of it is out when `onConnected` is called. Default none.
   */
  readonly proxyProtocol?: ProxyHeaderOptions | undefined;
  /**
   * Speak TLS: what is said of it, or `true` for what is usual. The connection is
   * there when the handshake is done. Default: none.
   */
  readonly tls?: TlsConnectOptions | true | undefined;
  /**
   * What the connection goes through, behind TLS if there is any, before it is
   * there: an optional entry of the library makes one for WebSockets. Default:
   * nothing.
   */
  readonly upgrade?: Upgrade | undefined;
}

/**
 * Options of a listen. With {@linkcode ThreadedReactorMgr.listenAll} each thread has
 * these limits for itself.
 *
 * @category Reactors
 */
export interface ListenOptions {
  /** Connections of this listener that may be open at once; what comes beyond is dropped, and told to `onDrop`. 1 to 2^20, default 65536. */
  readonly maxConnections?: number | undefined;
  /**
   * Connections of one address that may be open at once; what comes beyond is
   * dropped, and told to `onDrop`. The addresses of an IPv6 network (/64) count as
   * one, since one customer has it all; an IPv4 address that is written as one of
   * IPv6 is the IPv4 address. What has no address, or one that the runtime does
   * not tell, is not limited. 1 to 2^20; the default is `maxConnections`.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Connections that are let in in a second, in the long run; what comes beyond
   * is dropped, and told to `onDrop`: no runtime lets them wait. What another limit
   * drops does not count. 1 to Infinity, default Infinity.
   */
  readonly acceptsPerSecond?: number | undefined;
  /** Connections that are let in at once, after a time with fewer than `acceptsPerSecond`. 1 to 2^20; the default is `acceptsPerSecond`, rounded up. */
  readonly acceptBurst?: number | undefined;
  /** Connections that may wait to be accepted: a hint to the system. 1 to 65535, default 511. */
  readonly backlog?: number | undefined;
  /** Share the port with other listeners that set this (SO_REUSEPORT); where the runtime cannot, and with a Unix socket, listening fails with `ListenError`. Default false. */
  readonly reusePort?: boolean | undefined;
  /**
   * The permissions of the file of a Unix socket; who may write to it may connect.
   * It never has others. With an address that is no file listening fails with
   * `InvalidOptionError`. 0 to 0o777; the default is what the umask leaves of 0o777.
   */
  readonly mode?: number | undefined;
  /**
   * Every connection has to begin with a PROXY header, from a proxy that is
   * trusted: `socket.remoteAddress` is the client's, and `socket.proxy` the rest. A
   * connection that has sent no whole header yet counts for `maxConnections`; the
   * other limits are those of the address that `socket.remoteAddress` will tell,
   * when that is known. Default: there is no proxy, and nothing is taken for a
   * header.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined;
  /**
   * Speak TLS. A connection whose handshake is not done counts for the limits,
   * and is told to nobody. Default: none.
   */
  readonly tls?: TlsListenOptions | undefined;
}

/**
 * Options of {@linkcode ReactRuntime.stop}, and of what else ends in good order.
 *
 * @category Reactors
 */
export interface StopOptions {
  /** Milliseconds that reactors with `onDrain` are given to finish what is under way. 0 to 2^31 - 1; the default is `graceMs`. */
  readonly drainMs?: number | undefined;
  /** Milliseconds that connections are given then to send what is queued and to close. 0 to 2^31 - 1, default 5000. */
  readonly graceMs?: number | undefined;
}

/** {@linkcode StopOptions} with nothing left out. */
export type StopSettings = Filled<StopOptions>;

/** {@linkcode ListenOptions} with nothing left out. */
export type ListenSettings =
  & Filled<Omit<ListenOptions, "mode" | "proxyProtocol" | "tls">>
  & Pick<ListenOptions, "mode" | "tls">
  & { readonly proxyProtocol: ProxyProtocolSettings | undefined };

/**
 * Options of a runtime: defaults for its connections, and the sockets it stands
 * on. What is for one connect only is none of them.
 *
 * @category Reactors
 */
export interface RuntimeOptions extends ConnectionOptions {
  /** The sockets and the clock. Default: those of the runtime this runs on. */
  readonly adapter?: Adapter | undefined;
  /**
   * Bytes that the buffers of all connections together may have for what was read
   * of messages and for what is to be sent. From half of it on, a queue of 64 KiB
   * is taken for one above its `sendHighWaterMark`. Beyond it, the connections
   * that hold the most are aborted with `BufferedBytesError`, as many as it takes,
   * at the end of the turn. 1 to 2^53 - 1, default 1 GiB.
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * Milliseconds from which on a handler is slow, and is told of on the channel
   * `reactio:connection:slow-handler`. 0 to 2^31 - 1, default 50.
   */
  readonly slowHandlerMs?: number | undefined;
}

/** As many reactors as a runtime can have. */
const MAX_CONNECTIONS = 2 ** 20;

/** {@linkcode RuntimeOptions} but for the sockets. */
export type RuntimeLimits = Omit<RuntimeOptions, "adapter">;

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

/** What a runtime has besides the defaults for its connections. */
export const RUNTIME_OPTIONS: OptionTable<
  Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">
> = new OptionTable<Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">>(
  {
    maxBufferedBytes: integer(1, Number.MAX_SAFE_INTEGER, MAX_BYTES),
    slowHandlerMs: integer(0, MAX_INT32, 50),
  },
);

/** What a connect has besides the options of its connection. */
export const CONNECT_OPTIONS: OptionTable<
  Omit<ConnectOptions, keyof ConnectionOptions>
> = new OptionTable<Omit<ConnectOptions, keyof ConnectionOptions>>({
  connectTimeoutMs: integer(1, MAX_INT32, 30_000),
  proxyProtocol: anObject<ProxyHeaderOptions>(),
  tls: custom<TlsConnectOptions | true>(
    "true or an object",
    (value) => value === true || isObject(value),
  ),
  upgrade: anUpgrade(),
});

/** The options of a listen. */
export const LISTEN_OPTIONS: OptionTable<ListenOptions> = new OptionTable<
  ListenOptions
>({
  maxConnections: integer(1, MAX_CONNECTIONS, 65536),
  maxConnectionsPerAddress: integer(1, MAX_CONNECTIONS),
  acceptsPerSecond: number(1, Infinity, Infinity),
  acceptBurst: integer(1, MAX_CONNECTIONS),
  backlog: integer(1, 65535, 511),
  reusePort: flag(false),
  mode: integer(0, 0o777),
  proxyProtocol: anObject<ProxyProtocolOptions>(),
  tls: custom<TlsListenOptions>("an object with cert and key", isObject),
});

/** Fills `options` up: a limit that is not given is that of a larger one. Throws {@linkcode InvalidOptionError}. */
export function listenSettings(options: ListenOptions): ListenSettings {
  const settings = LISTEN_OPTIONS.fill(options);
  const { maxConnections, acceptsPerSecond, proxyProtocol } = settings;
  return {
    ...settings,
    proxyProtocol: proxyProtocol && proxyProtocolSettings(proxyProtocol),
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress ??
      maxConnections,
    acceptBurst: settings.acceptBurst ?? Math.ceil(acceptsPerSecond),
  };
}

/** The options of a stop. */
export const STOP_OPTIONS: OptionTable<StopOptions> = new OptionTable<
  StopOptions
>({ drainMs: integer(0, MAX_INT32), graceMs: integer(0, MAX_INT32, 5000) });

/** Fills `options` up: who gives no grace does not want to wait for what is under way, either. Throws {@linkcode InvalidOptionError}. */
export function stopSettings(options: StopOptions): StopSettings {
  const { drainMs, graceMs } = STOP_OPTIONS.fill(options);
  return { drainMs: drainMs ?? graceMs, graceMs };
}

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

/** What the options of a connect are called. */
export const CONNECT_OPTION_NAMES: readonly string[] = [
  ...CONNECTION_OPTIONS.names,
  ...CONNECT_OPTIONS.names,
];
