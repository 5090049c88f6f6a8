import { createRequire } from "node:module";
import process from "node:process";
import * as imported from "ws";
import { MAX_INT32 } from "../../util/limits.ts";

// The members of `ws` that are used here, so that its types are not needed.

/** A request in the form that `ws` expects. */
export interface NativeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The response of a server that refused the WebSocket. */
interface NativeResponse {
  readonly statusCode: number;
}

/** The members of a `WebSocket` of `ws` that are used here. */
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

/** Options for both ends. */
export interface NativeOptions {
  readonly perMessageDeflate: false;
  /** With it, `ws` ends the connection if many pongs are pending. */
  readonly autoPong: false;
  readonly maxPayload: number;
  readonly closeTimeout: number;
}

/** Options for a client. */
export interface NativeClientOptions extends NativeOptions {
  readonly origin?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly createConnection: () => object;
}

/** Options for a server. */
interface NativeServerOptions extends NativeOptions {
  readonly noServer: true;
  readonly clientTracking: false;
  readonly handleProtocols: (offered: ReadonlySet<string>) => string | false;
  readonly WebSocket: typeof PoliteWebSocket;
}

/**
 * The members of a `WebSocketServer` that are used here. It does not listen by
 * itself.
 */
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
 * Loads `ws` itself. On Bun, importing that name gives Bun's replacement, which
 * works only with Bun's sockets, so the installed package is loaded by its
 * path.
 */
function load(): Ws {
  if (process.versions.bun === undefined) return imported as unknown as Ws;
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("ws/package.json");
  return require(manifest.replace(/package\.json$/, "index.js"));
}

const { WebSocket, WebSocketServer } = load();

/** Longer than all limits of the core, which apply instead. */
export const NO_TIMEOUT_MS: number = MAX_INT32;

/** The `readyState` of an open `WebSocket`. */
export const OPEN = 1;

/** Creates a server. */
export function newServer(options: NativeServerOptions): WsServer {
  return new WebSocketServer(options);
}

/**
 * A WebSocket that does not answer a close frame until its owner has sent
 * everything.
 */
export class PoliteWebSocket extends WebSocket {
  /**
   * Called when the peer sends a close frame, with its code if it has one. More
   * data can be sent until {@linkcode finish} answers it.
   */
  onPeerClose: (code: number | undefined, reason: string) => void = () => {};

  /**
   * Called by `ws` when a close frame arrives, with its reason, and when the
   * peer violates the protocol, without one.
   */
  override close(code?: number, reason?: Uint8Array | string): void {
    if (code !== undefined && reason === undefined) return this.finish(code);
    this.onPeerClose(code, new TextDecoder().decode(reason as Uint8Array));
  }

  /** Sends a close frame. The connection ends once both ends have sent one. */
  finish(code: number, reason?: string): void {
    super.close(code, reason);
  }
}
