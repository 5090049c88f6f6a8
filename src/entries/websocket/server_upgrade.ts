import { outsideAsyncContext } from "../../adapters/async_context.ts";
import { Carrier, type CarrierOwner } from "../../adapters/tls/carrier.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import type { Socket, SocketEvents } from "../../contract/socket.ts";
import type {
  PendingUpgrade,
  Upgrade,
  UpgradeEvents,
  UpgradeHost,
  UpgradeLimit,
} from "../../contract/upgrade.ts";
import { messageOf, textOf } from "../../util/text.ts";
import { WebSocketHandshakeError } from "./errors.ts";
import { WebSocketInfo } from "./info.ts";
import type { ServerSettings } from "./options.ts";
import { HeadReader, parseHead, type RequestHead } from "./request_head.ts";
import { refusalResponse, response, type Status } from "./responses.ts";
import { endingStreamOf } from "./stream.ts";
import { WebSocketSocket } from "./web_socket.ts";
import {
  newServer,
  NO_TIMEOUT_MS,
  PoliteWebSocket,
  type WsServer,
} from "./ws.ts";
import { FAREWELL_MS, HEAD_READ_SIZE } from "../../tuning.ts";

/** Turns a listener's connections into WebSockets. */
export class ServerUpgrade implements Upgrade {
  readonly handshakeTimeoutMs: number;
  readonly settings: ServerSettings;
  readonly native: WsServer;
  /** The handshake of each stream, for requests that `ws` refuses. */
  readonly #byStream = new WeakMap<object, ServerUpgradeHandshake>();

  constructor(settings: ServerSettings) {
    const { maxPayload, protocols } = settings;
    this.settings = settings;
    this.handshakeTimeoutMs = settings.handshakeTimeoutMs;
    this.native = newServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload,
      closeTimeout: NO_TIMEOUT_MS,
      handleProtocols: (offered) =>
        protocols.find((one) => offered.has(one)) ?? false,
      WebSocket: PoliteWebSocket,
    });
    this.native.on(
      "wsClientError",
      (error, stream) =>
        this.#byStream.get(stream)?.refuse(400, messageOf(error)),
    );
  }

  begin(
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ): PendingUpgrade {
    const handshake = new ServerUpgradeHandshake(this, socket, events, host);
    this.#byStream.set(handshake.stream, handshake);
    socket.start(handshake);
    return handshake;
  }
}

/** One connection, until it becomes a WebSocket or gets a plain response. */
class ServerUpgradeHandshake
  implements SocketEvents, CarrierOwner, PendingUpgrade {
  readonly #server: ServerUpgrade;
  readonly #socket: Socket;
  readonly #host: UpgradeHost;
  readonly #carrier: Carrier;
  readonly #head = new HeadReader();
  readonly #readBuffer = new Uint8Array(HEAD_READ_SIZE);
  /** Undefined once the outcome has been reported. */
  #events: UpgradeEvents | undefined;
  #webSocket: WebSocketSocket | undefined = undefined;
  /** Why the request was refused; undefined if it was not. */
  #refusal: WebSocketHandshakeError | undefined = undefined;
  /** True if the response is a page. */
  #isAnswered = false;
  /**
   * Limits how long the client may keep the connection open after a response.
   */
  #farewell: UpgradeLimit | undefined = undefined;

  constructor(
    server: ServerUpgrade,
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ) {
    this.#server = server;
    this.#socket = socket;
    this.#host = host;
    this.#events = events;
    this.#carrier = new Carrier(socket, this);
  }

  get stream(): object {
    return this.#carrier.stream;
  }

  cancel(): void {
    this.#events = undefined;
    this.#socket.destroy();
  }

  // Events while the head is being read.

  readBuffer(): Uint8Array {
    return this.#readBuffer;
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.#events === undefined) return;
    const head = this.#head.take(buffer, length);
    if (head !== undefined) {
      return this.#onHead(head.text, buffer.slice(head.taken, length));
    }
    const { isNone, isTooLarge } = this.#head;
    if (!isNone && !isTooLarge) return;
    this.#carrier.begin(undefined);
    if (isNone) this.refuse(400, "the client sent something other than HTTP");
    else this.refuse(431, "the head of the request is too large");
  }

  onWritable(): void {}

  onEnd(): void {
    this.#fail("the connection ended before the request was complete");
  }

  onClose(failure?: SocketFailure): void {
    this.onCarrierClose(failure);
  }

  // Events after the head has been read.

  onCarrierEnd(): void {}

  onCarrierClose(failure?: SocketFailure): void {
    this.#farewell?.disarm();
    if (this.#webSocket !== undefined) {
      return this.#webSocket.onCarrierClose(failure);
    }
    const events = this.#takeEvents();
    if (events === undefined) return;
    if (this.#isAnswered) events.onAnswered();
    else events.onUpgradeFailed(this.#refusal ?? this.#lost(failure));
  }

  onStreamDestroyed(): void {
    this.#socket.destroy();
  }

  /** Refuses the request and ends the connection. */
  refuse(status: Status, why: string): void {
    this.#refusal = new WebSocketHandshakeError(
      `Cannot ${this.#host.action}: ${why}; it was answered with status ${status}`,
      { status },
    );
    this.#answer(refusalResponse(status, why));
  }

  #onHead(text: string, rest: Uint8Array): void {
    const head = parseHead(text);
    // Stops reading until it is clear what follows.
    this.#carrier.begin(rest.length > 0 ? rest : undefined);
    if (head === undefined) {
      return this.refuse(400, "the request is malformed or unsupported");
    }
    if (!isUpgrade(head)) return this.#answerPage(head);
    const refused = refusedBy(this.#server.settings, head);
    if (refused !== undefined) return this.refuse(...refused);
    this.#upgrade(head);
  }

  #upgrade(head: RequestHead): void {
    const { method, path, query } = head;
    const headers = Object.fromEntries(head.headers);
    const request = { method, url: path + query, headers };
    outsideAsyncContext(() =>
      this.#server.native.handleUpgrade(
        request,
        this.stream,
        new Uint8Array(0),
        (native) => this.#onUpgraded(native, head),
      )
    );
  }

  #onUpgraded(native: PoliteWebSocket, head: RequestHead): void {
    this.#endWithStream();
    const webSocket = new WebSocketSocket({
      plain: this.#socket,
      carrier: this.#carrier,
      native,
      info: new WebSocketInfo(native.protocol, head),
      settings: this.#server.settings,
      host: this.#host,
    });
    this.#webSocket = webSocket;
    this.#takeEvents()?.onUpgraded(webSocket);
  }

  #answerPage({ method, path }: RequestHead): void {
    const { pages, path: own } = this.#server.settings;
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) {
      return path === own
        ? this.refuse(426, "only WebSockets are served here")
        : this.refuse(404, "nothing is served here");
    }
    if (method !== "GET" && method !== "HEAD") {
      return this.refuse(
        405,
        `pages can only be read by GET or HEAD, not by ${textOf(method)}`,
      );
    }
    this.#isAnswered = true;
    this.#answer(response(200, page, method));
  }

  /**
   * Sends `bytes` and ends the connection. Anything else the peer sends is
   * discarded.
   */
  #answer(bytes: Uint8Array): void {
    this.#endWithStream();
    this.#farewell = this.#host.newLimit(() => this.#socket.destroy());
    this.#farewell.arm(FAREWELL_MS);
    outsideAsyncContext(() =>
      endingStreamOf(this.#carrier).resume().end(bytes)
    );
  }

  /** Ends the underlying connection when the stream ends. */
  #endWithStream(): void {
    endingStreamOf(this.#carrier).on("finish", () => this.#carrier.end());
  }

  #fail(why: string): void {
    this.#socket.destroy();
    this.#takeEvents()?.onUpgradeFailed(
      new WebSocketHandshakeError(`Cannot ${this.#host.action}: ${why}`),
    );
  }

  #lost(failure: SocketFailure | undefined): WebSocketHandshakeError {
    return new WebSocketHandshakeError(
      `Cannot ${this.#host.action}: the connection was lost during the handshake`,
      { cause: failure?.cause },
    );
  }

  #takeEvents(): UpgradeEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}

/** True if `head` asks for a WebSocket, correctly or not. */
function isUpgrade({ headers }: RequestHead): boolean {
  return /\bwebsocket\b/i.test(headers.get("upgrade") ?? "");
}

/** The versions that `ws` supports. */
const VERSIONS = ["8", "13"];

/**
 * Returns why the WebSocket requested by `head` is refused. The rest is checked
 * by `ws`.
 */
function refusedBy(
  { path, origins, protocols }: ServerSettings,
  head: RequestHead,
): [status: Status, why: string] | undefined {
  const { headers } = head;
  if (head.path !== path) return [404, "no WebSocket is served here"];
  const connection = headers.get("connection") ?? "";
  if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection)) {
    return [400, "the Connection header does not ask for an upgrade"];
  }
  if (!VERSIONS.includes(headers.get("sec-websocket-version") ?? "")) {
    return [426, "this version of WebSocket is not supported"];
  }
  if (!isFrom(origins, headers)) {
    return [403, "pages of this origin may not connect"];
  }
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((one) => one.trim());
  const isCommon = protocols.length === 0 ||
    protocols.some((one) => offered.includes(one));
  return isCommon ? undefined : [400, "there is no subprotocol in common"];
}

function isFrom(
  origins: ServerSettings["origins"],
  headers: ReadonlyMap<string, string>,
): boolean {
  const origin = headers.get("origin");
  if (origin === undefined || origins === "any") return true;
  if (origins !== undefined) return origins.includes(origin);
  const [, host] = /^https?:\/\/(.+)$/.exec(origin) ?? [];
  return host !== undefined && host === headers.get("host");
}
