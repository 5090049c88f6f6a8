/**
 * WebSockets (RFC 6455) as another kind of connection: the same reactors, on
 * the same runtime, with the same options. Built on
 * [`ws`](https://www.npmjs.com/package/ws), which you install.
 *
 * @example
 * ```ts
 * import { acceptMessages, connectMessages, lines, ReactRuntime } from "@reactio/reactio";
 * import { overWebSocket, webSocketClient } from "@reactio/reactio/websocket";
 *
 * await using runtime = new ReactRuntime();
 * const echo = acceptMessages(lines(), async (connection) => {
 *   for await (const line of connection) await connection.send(line);
 * });
 * const { address } = await runtime.listen(
 *   "127.0.0.1:0",
 *   overWebSocket(echo, { path: "/echo" }),
 * );
 *
 * const { options } = webSocketClient("ws://localhost/echo");
 * const client = await connectMessages(runtime, address, lines(), options);
 * await client.send("hello");
 * console.log(await client.receive()); // hello
 * await client.close();
 * ```
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import { checkListenerHandler } from "../api/check_reactor.ts";
import type { ConnectOptions } from "../api/options/connect.ts";
import type { TcpListenerHandler } from "../api/reactor.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import type { TcpAddress } from "../contract/address.ts";
import { InvalidAddressError } from "../api/errors.ts";
import { isObject, textOf } from "../util/text.ts";
import { ClientUpgrade } from "./websocket/client_upgrade.ts";
import { WebSocketInfo } from "./websocket/info.ts";
import {
  clientSettings,
  serverSettings,
  type WebSocketClientOptions,
  type WebSocketServerOptions,
} from "./websocket/options.ts";
import { ServerUpgrade } from "./websocket/server_upgrade.ts";

export type {
  WebSocketClientOptions,
  WebSocketOptions,
  WebSocketPage,
  WebSocketServerOptions,
} from "./websocket/options.ts";
export {
  WebSocketClosedError,
  WebSocketHandshakeError,
  WebSocketPongTimeoutError,
  WebSocketProtocolError,
} from "./websocket/errors.ts";
export type { WebSocketInfo } from "./websocket/info.ts";

/**
 * Turns the connections of a listener into WebSockets, inside TLS and after a
 * PROXY header if the listener uses them. `handler` gets a connection once its
 * WebSocket is open. Its reactors read the contents of the peer's messages,
 * binary or text, as one stream of bytes. What they send in one turn becomes
 * one binary message, or several if it exceeds 64 KiB.
 *
 * @param handler Serves the connections. It may also serve a listener without
 *   WebSockets at the same time.
 * @param options The path, the allowed origins, and limits.
 * @returns The handler to listen with. A listener factory of a thread may
 *   return it, too.
 * @throws {InvalidReactorError} If `handler` is not a listener handler.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category WebSocket
 */
export function overWebSocket<UserCommand>(
  handler: TcpListenerHandler<UserCommand>,
  options: WebSocketServerOptions = {},
): TcpListenerHandler<UserCommand> {
  checkListenerHandler(handler);
  const upgrade = new ServerUpgrade(serverSettings(options));
  return {
    upgrade,
    onStartListen: (...args) => handler.onStartListen?.(...args),
    onNewConnection: (...args) => handler.onNewConnection(...args),
    onDrop: (...args) => handler.onDrop?.(...args),
    onCloseListen: (...args) => handler.onCloseListen?.(...args),
  };
}

/**
 * The address and the options with which to connect to a WebSocket.
 *
 * @category WebSocket
 */
export interface WebSocketTarget {
  /** The host and the port. */
  readonly address: TcpAddress;
  /**
   * The options for the connect: `upgrade`, and `tls` for a `wss:` URL. You may
   * add others.
   */
  readonly options: ConnectOptions;
}

/**
 * Returns the address and the options of a WebSocket, for `runtime.connect`,
 * `connectMessages`, `keepConnected` or a `RequestClient`. What the reactor
 * sends in one turn becomes one binary message, or several if it exceeds 64
 * KiB. It reads the contents of the server's messages as one stream of bytes.
 *
 * @param url The URL, such as `wss://chat.example/rooms`. A user and password
 *   in it are sent with the request.
 * @param options Subprotocols, headers and limits.
 * @returns The address and the options.
 * @throws {InvalidAddressError} If `url` is not the URL of a WebSocket, or has
 *   a fragment.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category WebSocket
 */
export function webSocketClient(
  url: string | URL,
  options: WebSocketClientOptions = {},
): WebSocketTarget {
  const target = parseUrl(url);
  const settings = clientSettings(options);
  const { tls = true } = settings;
  const upgrade = new ClientUpgrade(target, {
    ...settings,
    headers: { ...authorizationOf(target), ...settings.headers },
  });
  const isSecure = target.protocol === "wss:";
  const port = isSecure ? 443 : 80;
  return {
    address: {
      transport: "tcp",
      hostname: target.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: target.port === "" ? port : Number(target.port),
    },
    options: isSecure ? { upgrade, tls } : { upgrade },
  };
}

/**
 * Returns the details of a connection's WebSocket.
 *
 * @param socket The `socket` of a handler's context, or of `onNewConnection`.
 * @returns The path, the subprotocol and the headers; undefined if the
 *   connection is not a WebSocket.
 * @throws {InvalidArgumentError} If `socket` is not an object.
 *
 * @category WebSocket
 */
export function webSocketOf(
  socket: Pick<TcpSocket, "upgraded">,
): WebSocketInfo | undefined {
  if (!isObject(socket)) checkArgument(socket, "a socket", "upgraded");
  const { upgraded } = socket;
  return upgraded instanceof WebSocketInfo ? upgraded : undefined;
}

function parseUrl(url: string | URL): URL {
  const wrong = (why: string) =>
    new InvalidAddressError(`Cannot connect to ${textOf(url)}: ${why}`);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong("it is not a URL");
  }
  if (!/^wss?:$/.test(parsed.protocol)) {
    throw wrong("it is not a ws: or wss: URL");
  }
  if (parsed.hash !== "") throw wrong("it has a fragment");
  if (parsed.port === "0") throw wrong("port 0 is not a port to connect to");
  try {
    decodeURIComponent(`${parsed.username}:${parsed.password}`);
  } catch {
    throw wrong("its user or password has invalid percent-encoding");
  }
  return parsed;
}

/** The authorization header, if the URL names a user. */
function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const [user, secret] = [username, password].map(decodeURIComponent);
  const bytes = new TextEncoder().encode(`${user}:${secret}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
