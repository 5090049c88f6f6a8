import { createRequire } from "node:module";
import process from "node:process";
import * as imported from "ws";

// What is used of `ws`, so that its types are not needed.

/** A request, as `ws` takes it. */
export interface NativeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The response of a server that refuses. */
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

/** The options of both ends. */
export interface NativeOptions {
  readonly perMessageDeflate: false;
  /** It would end the connection if many pongs were pending. */
  readonly autoPong: false;
  readonly maxPayload: number;
  readonly closeTimeout: number;
}

/** The options of a client. */
export interface NativeClientOptions extends NativeOptions {
  readonly origin?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly createConnection: () => object;
}

/** The options of a server. */
interface NativeServerOptions extends NativeOptions {
  readonly noServer: true;
  readonly clientTracking: false;
  readonly handleProtocols: (offered: ReadonlySet<string>) => string | false;
  readonly WebSocket: typeof PoliteWebSocket;
}

/** What is used of a `WebSocketServer`, which does not listen itself. */
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
 * Loads `ws` itself. On Bun, importing that name gives Bun's own replacement, which
 * works only with Bun's sockets; the installed package is found by its path.
 */
function load(): Ws {
  if (process.versions.bun === undefined) return imported as unknown as Ws;
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("ws/package.json");
  return require(manifest.replace(/package\.json$/, "index.js"));
}

const { WebSocket, WebSocketServer } = load();

/** Longer than any of the core's limits, which apply instead. */
export const NO_TIMEOUT_MS: number = 2 ** 31 - 1;

/** The `readyState` of an open `WebSocket`. */
export const OPEN = 1;

/** Creates a server. */
export function newServer(options: NativeServerOptions): WsServer {
  return new WebSocketServer(options);
}

/** A WebSocket that answers a close frame only when its owner has sent everything. */
export class PoliteWebSocket extends WebSocket {
  /**
   * Called when the peer has sent a close frame, with its code if it has one. Until
   * {@linkcode finish} is called, which answers it, more can be sent.
   */
  onPeerClose: (code: number | undefined, reason: string) => void = () => {};

  /** `ws` calls this when a close frame arrives, with its reason, and when the peer violates the protocol, without one. */
  override close(code?: number, reason?: Uint8Array | string): void {
    if (code !== undefined && reason === undefined) return this.finish(code);
    this.onPeerClose(code, new TextDecoder().decode(reason as Uint8Array));
  }

  /** Sends a close frame; once both ends have, the connection ends. */
  finish(code: number, reason?: string): void {
    super.close(code, reason);
  }
}
