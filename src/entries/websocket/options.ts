/**
 * What WebSockets can be given.
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
 * What both ends of a WebSocket can be given.
 *
 * @category WebSocket
 */
export interface WebSocketOptions {
  /**
   * Bytes that a WebSocket message may have, which the peer has sent, its
   * fragments together; a larger one closes the connection with code 1009 and
   * `MessageTooLargeError` before it is in. 1 to 2^30, default 1 MiB.
   */
  readonly maxPayload?: number | undefined;
  /**
   * The subprotocols that this end speaks, in the order of preference. A client
   * offers them, and fails to connect if the server takes none; a server takes the
   * first that the client offers, and refuses a client that offers none of them.
   * Default: none.
   */
  readonly protocols?: readonly string[] | undefined;
  /** Milliseconds that the handshake may take, behind that of TLS. 1 to 2^31 - 1, default 10000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * Milliseconds without a byte from the peer after which it is sent a ping, which
   * also keeps proxies from taking the connection for idle. 0 to 2^31 - 1, default
   * 30000; 0: never.
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * Milliseconds that a peer may be silent after a ping; then the connection is
   * aborted with `WebSocketPongTimeoutError`. Time in which nothing is read does
   * not count. 1 to 2^31 - 1, default 10000.
   */
  readonly pongTimeoutMs?: number | undefined;
}

/**
 * What a server of WebSockets can be given.
 *
 * @category WebSocket
 */
export interface WebSocketServerOptions extends WebSocketOptions {
  /** The path at which the WebSocket is; any other gets status 404. The query is none of it. Default `/`. */
  readonly path?: string | undefined;
  /**
   * The pages whose scripts may connect, as browsers write them:
   * `https://chat.example`; `"any"` for all pages there are. A browser says which
   * page asks; what is none says nothing, and is let in. The default is the pages
   * of the host that the client asks for.
   */
  readonly origins?: readonly string[] | "any" | undefined;
  /**
   * What a request is answered that is for a page and not for a WebSocket, by its
   * path. The connection ends with the answer; it is dropped by no limit but those
   * of all connections, and counts for none of the drops. Default: none.
   */
  readonly pages?: Readonly<Record<string, WebSocketPage>> | undefined;
}

/**
 * A page that a server of WebSockets has beside them.
 *
 * @category WebSocket
 */
export interface WebSocketPage {
  /** Its media type, as `text/html; charset=utf-8`. */
  readonly type: string;
  /** What it is; text is sent as UTF-8. */
  readonly body: string | Uint8Array;
}

/**
 * What a client of WebSockets can be given.
 *
 * @category WebSocket
 */
export interface WebSocketClientOptions extends WebSocketOptions {
  /** The page that it says to ask for: for servers that look at that. Default: none, as what is no browser. */
  readonly origin?: string | undefined;
  /** More headers of the request, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How TLS is spoken with a URL of `wss:`. Default: as usual. */
  readonly tls?: TlsConnectOptions | undefined;
}

/** What names of HTTP are made of, as those of subprotocols and headers. */
const TOKEN = /^[!#$%&'*+\-.^`|~\w]+$/;
/** What values of headers are made of. */
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

/** True if `value` has names of `key`, each of which stands for what `isOne`. */
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
    "a list of names, each of them once",
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
      "an object of pages, each by its path, with a type and a body",
      (value) => isRecordOf(value, PATH, isPage),
      {},
    ),
  });

/** The options of a client. */
export const WEB_SOCKET_CLIENT_OPTIONS: OptionTable<WebSocketClientOptions> =
  new OptionTable<WebSocketClientOptions>({
    ...COMMON,
    origin: custom<string>("a text of one line", isValue),
    headers: custom<Readonly<Record<string, string>>>(
      "an object of texts of one line, each by the name of a header",
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

/** Fills `options` up: what is changed later does not matter. Throws `InvalidOptionError`. */
export function serverSettings(
  options: WebSocketServerOptions,
): ServerSettings {
  const settings = WEB_SOCKET_SERVER_OPTIONS.fill(options);
  const { protocols, pages } = settings;
  return { ...settings, protocols: [...protocols], pages: { ...pages } };
}

/** Fills `options` up, likewise. Throws `InvalidOptionError`. */
export function clientSettings(
  options: WebSocketClientOptions,
): ClientSettings {
  const settings = WEB_SOCKET_CLIENT_OPTIONS.fill(options);
  const { protocols, headers } = settings;
  return { ...settings, protocols: [...protocols], headers: { ...headers } };
}
