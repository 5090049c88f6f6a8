/**
 * WebSockets (RFC 6455), as one more thing that a connection may be: the same
 * reactors, on the same runtime, with the same options, whatever carries them. It
 * stands on [`ws`](https://www.npmjs.com/package/ws), which you install.
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

import type { ConnectOptions } from "../api/options/connect.ts";
import type { TcpListenerHandler } from "../api/reactor.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import type { TcpAddress } from "../contract/address.ts";
import { InvalidAddressError } from "../api/errors.ts";
import { textOf } from "../util/text.ts";
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
 * Has the connections of a listener be WebSockets, behind TLS or a PROXY header if
 * the listener has them: `handler` hears of one when it is open. The bytes of the
 * messages of the peer, binary or text, one after the other, are what its reactors
 * read; what they send in a turn is one binary message.
 *
 * @param handler Serves them. It can be that of a listener without WebSockets at
 * the same time.
 * @param options The path, the origins, the limits.
 * @returns What to listen with, also from the factory of a thread.
 * @throws {InvalidOptionError} If an option is outside of its range.
 *
 * @category WebSocket
 */
export function overWebSocket<UserCommand>(
  handler: TcpListenerHandler<UserCommand>,
  options: WebSocketServerOptions = {},
): TcpListenerHandler<UserCommand> {
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
 * Where a WebSocket is, as everything that connects takes it.
 *
 * @category WebSocket
 */
export interface WebSocketTarget {
  /** The host and the port. */
  readonly address: TcpAddress;
  /** To connect with, alone or with others: `upgrade`, and `tls` with a URL of `wss:`. */
  readonly options: ConnectOptions;
}

/**
 * What to connect to a WebSocket with: the runtime, `connectMessages`,
 * `keepConnected` or a `RequestClient`. What the reactor sends in a turn is one
 * binary message; the bytes of the messages of the server, one after the other,
 * are what it reads.
 *
 * @param url Where it is, as `wss://chat.example/rooms`. Its user and password, if
 * it has them, are sent with the request.
 * @param options The subprotocols, the headers, the limits.
 * @returns The address, and the options.
 * @throws {InvalidAddressError} If it is no URL of a WebSocket, or has a fragment.
 * @throws {InvalidOptionError} If an option is outside of its range.
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
 * What is known of the WebSocket that a connection is.
 *
 * @param socket Of the context of a handler, or as `onNewConnection` gets it.
 * @returns The path, the subprotocol, the headers; undefined if it is no
 * WebSocket.
 *
 * @category WebSocket
 */
export function webSocketOf(
  socket: Pick<TcpSocket, "upgraded">,
): WebSocketInfo | undefined {
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
    throw wrong("it is no URL");
  }
  if (!/^wss?:$/.test(parsed.protocol)) {
    throw wrong("it is no URL of ws: or wss:");
  }
  if (parsed.hash !== "") throw wrong("it has a fragment");
  if (parsed.port === "0") throw wrong("nobody listens at port 0");
  try {
    decodeURIComponent(`${parsed.username}:${parsed.password}`);
  } catch {
    throw wrong("its user or password has a % that stands for nothing");
  }
  return parsed;
}

/** The header that names a user, if the URL does. */
function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const [user, secret] = [username, password].map(decodeURIComponent);
  const bytes = new TextEncoder().encode(`${user}:${secret}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
