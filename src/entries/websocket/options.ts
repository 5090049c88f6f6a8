/**
 * The options of WebSockets.
 *
 * @module
 */

import {
  anObject,
  custom,
  type Filled,
  integer,
  OptionTable,
} from "../../api/options/rules.ts";
import type { TlsConnectOptions } from "../../api/options/tls.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { isObject, read } from "../../util/text.ts";

/**
 * Options for both ends of a WebSocket.
 *
 * @category WebSocket
 */
export interface WebSocketOptions {
  /**
   * The most bytes in a received message, all of its fragments together. A
   * larger one closes the connection with code 1009 and `MessageTooLargeError`
   * before it is read. 1 to 2^30, default 1 MiB.
   */
  readonly maxPayload?: number | undefined;
  /**
   * The subprotocols that this end speaks, in order of preference. A client
   * offers them, and fails to connect if the server chooses none. A server
   * chooses the first of its own that the client offers, and refuses clients
   * that offer none of them. Default: none.
   */
  readonly protocols?: readonly string[] | undefined;
  /**
   * How long the handshake may take, in milliseconds; it begins after the TLS
   * handshake. 1 to 2^31 - 1, default 10000.
   */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * After how many milliseconds of silence from the peer a ping is sent. Pings
   * also keep proxies from closing an idle connection. 0 to 2^31 - 1, default
   * 30000; 0 means never.
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * How many milliseconds the peer may stay silent after a ping before the
   * connection is aborted with `WebSocketPongTimeoutError`. Time during which
   * reading is paused does not count. 1 to 2^31 - 1, default 10000.
   */
  readonly pongTimeoutMs?: number | undefined;
}

/**
 * Options for a WebSocket server.
 *
 * @category WebSocket
 */
export interface WebSocketServerOptions extends WebSocketOptions {
  /**
   * The path of the WebSocket, without a query. Requests for other paths get
   * status 404. Default `"/"`.
   */
  readonly path?: string | undefined;
  /**
   * The origins of pages that may connect, as browsers write them:
   * `https://chat.example`; or `"any"`. Only browsers send an origin: other
   * clients are always let in. Default: the origin must be that of the
   * requested host.
   */
  readonly origins?: readonly string[] | "any" | undefined;
  /**
   * Pages to serve to plain HTTP requests, by path. Such a connection ends with
   * the response, and does not count as dropped. The limits for all connections
   * still apply to it. Default: none.
   */
  readonly pages?: Readonly<Record<string, WebSocketPage>> | undefined;
}

/**
 * A page that a WebSocket server also serves.
 *
 * @category WebSocket
 */
export interface WebSocketPage {
  /** Its media type, such as `text/html; charset=utf-8`. */
  readonly type: string;
  /** Its contents; text is sent as UTF-8. */
  readonly body: string | Uint8Array;
}

/**
 * Options for a WebSocket client.
 *
 * @category WebSocket
 */
export interface WebSocketClientOptions extends WebSocketOptions {
  /**
   * The origin to send, for servers that check it. Default: none, like any
   * client that is not a browser.
   */
  readonly origin?: string | undefined;
  /** Additional headers of the request, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The TLS options for a `wss:` URL. Default: the usual ones of a connect. */
  readonly tls?: TlsConnectOptions | undefined;
}

/** Matches names of headers and subprotocols. */
const TOKEN = /^[!#$%&'*+\-.^`|~\w]+$/;
/** Matches values of headers. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[^?#\s]*$/;

function isTextOf(value: unknown, what: RegExp): value is string {
  return typeof value === "string" && what.test(value);
}

const isValue = (value: unknown) => isTextOf(value, VALUE);

function isListOf(
  value: unknown,
  isOne: (value: unknown) => boolean,
): boolean {
  return Array.isArray(value) && value.every(isOne);
}

/** True if `value` is an object whose keys match `key` and whose values pass `isOne`. */
function isRecordOf(
  value: unknown,
  key: RegExp,
  isOne: (value: unknown) => boolean,
): boolean {
  return isObject(value) &&
    Object.entries(value).every(([name, one]) => key.test(name) && isOne(one));
}

function isPage(value: unknown): boolean {
  const body = read(value, "body");
  return isValue(read(value, "type")) &&
    (typeof body === "string" || body instanceof Uint8Array);
}

const COMMON = {
  maxPayload: integer(1, 2 ** 30, 2 ** 20),
  protocols: custom<readonly string[]>(
    "a list of names without duplicates",
    (value) =>
      isListOf(value, (one) => isTextOf(one, TOKEN)) &&
      new Set(value as string[]).size === (value as string[]).length,
    [],
  ),
  handshakeTimeoutMs: integer(1, MAX_INT32, 10_000),
  pingIntervalMs: integer(0, MAX_INT32, 30_000),
  pongTimeoutMs: integer(1, MAX_INT32, 10_000),
};

/** The options of a server. */
export const WEB_SOCKET_SERVER_OPTIONS: OptionTable<WebSocketServerOptions> =
  new OptionTable<WebSocketServerOptions>({
    ...COMMON,
    path: custom<string>(
      'a path that begins with "/"',
      (value) => isTextOf(value, PATH),
      "/",
    ),
    origins: custom<readonly string[] | "any">(
      '"any" or a list of origins',
      (value) => value === "any" || isListOf(value, isValue),
    ),
    pages: custom<Readonly<Record<string, WebSocketPage>>>(
      "an object of pages by path, each with a type and a body",
      (value) => isRecordOf(value, PATH, isPage),
      {},
    ),
  });

/** The options of a client. */
export const WEB_SOCKET_CLIENT_OPTIONS: OptionTable<WebSocketClientOptions> =
  new OptionTable<WebSocketClientOptions>({
    ...COMMON,
    origin: custom<string>("a string of one line", isValue),
    headers: custom<Readonly<Record<string, string>>>(
      "an object of one-line strings by header name",
      (value) => isRecordOf(value, TOKEN, isValue),
      {},
    ),
    tls: anObject<TlsConnectOptions>(),
  });

/** {@linkcode WebSocketOptions} with nothing left out. */
export type CommonSettings = Filled<WebSocketOptions>;

/** {@linkcode WebSocketServerOptions} with nothing left out. */
export type ServerSettings =
  & Filled<Omit<WebSocketServerOptions, "origins">>
  & Pick<WebSocketServerOptions, "origins">;

/** {@linkcode WebSocketClientOptions} with nothing left out. */
export type ClientSettings =
  & Filled<Omit<WebSocketClientOptions, "origin" | "tls">>
  & Pick<WebSocketClientOptions, "origin" | "tls">;

/**
 * Checks `options`, and returns a copy with defaults. Throws
 * `InvalidOptionError`.
 */
export function serverSettings(
  options: WebSocketServerOptions,
): ServerSettings {
  const settings = WEB_SOCKET_SERVER_OPTIONS.fill(options);
  const { protocols, pages } = settings;
  return { ...settings, protocols: [...protocols], pages: { ...pages } };
}

/**
 * Checks `options`, and returns a copy with defaults. Throws
 * `InvalidOptionError`.
 */
export function clientSettings(
  options: WebSocketClientOptions,
): ClientSettings {
  const settings = WEB_SOCKET_CLIENT_OPTIONS.fill(options);
  const { protocols, headers } = settings;
  return { ...settings, protocols: [...protocols], headers: { ...headers } };
}
