import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConnectOptions,
  hostAdapter,
  type ListenOptions,
  type TcpListenerHandler,
} from "../mod.ts";
import { overWebSocket, webSocketClient } from "../src/entries/websocket.ts";
import { ca, server } from "../tests/support/certificates.ts";
import type { UserCommand } from "./commands.ts";

/** What carries the bytes of a flood. */
export interface FloodTransport {
  readonly name: string;
  /** An address to listen on. */
  address(): string;
  /** The handler to listen with, for connections that `handler` serves. */
  over(
    handler: TcpListenerHandler<UserCommand>,
  ): TcpListenerHandler<UserCommand>;
  readonly listening: ListenOptions;
  readonly connecting: ConnectOptions;
  /** Removes what it has left behind. */
  remove(): void;
}

const tcp: FloodTransport = {
  name: "TCP",
  address: () => "127.0.0.1:0",
  over: (handler) => handler,
  listening: {},
  connecting: {},
  remove() {},
};

function unix(): FloodTransport {
  const folder = mkdtempSync(join(tmpdir(), "reactio-"));
  let count = 0;
  return {
    ...tcp,
    name: "Unix sockets",
    address: () => `unix:${folder}/${count++}.sock`,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const tls: FloodTransport = {
  ...tcp,
  name: "TLS",
  listening: { tls: server },
  connecting: { tls: { ca, serverName: "localhost" } },
};

const webSockets: FloodTransport = {
  ...tcp,
  name: "WebSockets",
  over: (handler) => overWebSocket(handler),
  connecting: webSocketClient("ws://localhost/").options,
};

const TRANSPORTS = [
  () => tcp,
  ...(hostAdapter().transports.includes("unix") ? [unix] : []),
  () => tls,
  () => webSockets,
];

/** The transport of the flood `seed`: they take turns. */
export function transportOf(seed: number): FloodTransport {
  return TRANSPORTS[seed % TRANSPORTS.length]();
}
