import { createRequire } from "node:module";
import process from "node:process";
import * as imported from "ws";

// What is used of `ws`, so that no types of it are needed.

/** A request as `ws` looks at it. */
export interface NativeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer of a server that is no agreement. */
interface NativeResponse {
  readonly statusCode: number;
}

/** What is used of a `WebSocket` of `ws`. */
export interface NativeWebSocket {
  readonly readyState: number;
  readonly protocol: string;
  send(
    bytes: Uint8Array,
    options: { readonly binary: true },
    onWritten: (error?: Error | null) => void,
  ): void;
  ping(): void;
  pong(
    payload: Uint8Array,
    mask: undefined,
    onWritten: (error?: Error | null) => void,
  ): void;
  pause(): void;
  resume(): void;
  close(code?: number, reason?: Uint8Array | string): void;
  terminate(): void;
  on(event: "open", listener: () => void): void;
  on(event: "message" | "ping", listener: (bytes: Uint8Array) => void): void;
  on(event: "close", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(
    event: "unexpected-response",
    listener: (request: unknown, response: NativeResponse) => void,
  ): void;
}

/** What both ends are told. */
export interface NativeOptions {
  readonly perMessageDeflate: false;
  /** It would end the connection if many were under way. */
  readonly autoPong: false;
  readonly maxPayload: number;
  readonly closeTimeout: number;
}

/** What a client is told. */
export interface NativeClientOptions extends NativeOptions {
  readonly origin?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly createConnection: () => object;
}

/** What a server is told. */
interface NativeServerOptions extends NativeOptions {
  readonly noServer: true;
  readonly clientTracking: false;
  readonly handleProtocols: (offered: ReadonlySet<string>) => string | false;
  readonly WebSocket: typeof PoliteWebSocket;
}

/** What is used of a `WebSocketServer`, which listens nowhere. */
export interface WsServer {
  handleUpgrade(
    request: NativeRequest,
    stream: object,
    head: Uint8Array,
    callback: (socket: PoliteWebSocket) => void,
  ): void;
  on(
    event: "wsClientError",
    listener: (error: Error, stream: object) => void,
  ): void;
}

interface Ws {
  readonly WebSocket: new (
    url: string,
    protocols: readonly string[],
    options: NativeClientOptions,
  ) => NativeWebSocket;
  readonly WebSocketServer: new (options: NativeServerOptions) => WsServer;
}

/**
 * `ws` itself. What Bun imports by that name is a stand-in of its own, which
 * speaks over nothing but sockets of Bun; the package is beside it.
 */
function load(): Ws {
  if (process.versions.bun === undefined) return imported as unknown as Ws;
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("ws/package.json");
  return require(manifest.replace(/package\.json$/, "index.js"));
}

const { WebSocket, WebSocketServer } = load();

/** Longer than any limit of the core, which has its own. */
export const NO_TIMEOUT_MS: number = 2 ** 31 - 1;

/** As `ws` counts the states of a `WebSocket`. */
export const OPEN = 1;

/** The end of a server. */
export function newServer(options: NativeServerOptions): WsServer {
  return new WebSocketServer(options);
}

/** A WebSocket that does not answer a close frame before its owner has said all. */
export class PoliteWebSocket extends WebSocket {
  /**
   * The peer has sent a close frame, with this code, if it has one. What is to be
   * said before it is answered can be sent, until {@linkcode finish} is called.
   */
  onPeerClose: (code: number | undefined, reason: string) => void = () => {};

  /** `ws` calls this when a close frame is in, with its reason, and when the peer has broken the protocol, without one. */
  override close(code?: number, reason?: Uint8Array | string): void {
    if (code !== undefined && reason === undefined) return this.finish(code);
    this.onPeerClose(code, new TextDecoder().decode(reason as Uint8Array));
  }

  /** Sends a close frame; once both ends have, the connection ends. */
  finish(code: number, reason?: string): void {
    super.close(code, reason);
  }
}
