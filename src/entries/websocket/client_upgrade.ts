import { outsideAsyncContext } from "../../adapters/async_context.ts";
import { Carrier, type CarrierOwner } from "../../adapters/tls/carrier.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import type { Socket } from "../../contract/socket.ts";
import type {
  PendingUpgrade,
  Upgrade,
  UpgradeEvents,
  UpgradeHost,
} from "../../contract/upgrade.ts";
import { messageOf } from "../../util/text.ts";
import { WebSocketHandshakeError } from "./errors.ts";
import { WebSocketInfo } from "./info.ts";
import type { ClientSettings } from "./options.ts";
import { endingStreamOf } from "./stream.ts";
import { WebSocketSocket } from "./web_socket.ts";
import { NO_TIMEOUT_MS, PoliteWebSocket } from "./ws.ts";

/** Turns a client's connection into a WebSocket. */
export class ClientUpgrade implements Upgrade {
  readonly handshakeTimeoutMs: number;
  readonly #url: URL;
  readonly #settings: ClientSettings;

  constructor(url: URL, settings: ClientSettings) {
    this.#url = url;
    this.#settings = settings;
    this.handshakeTimeoutMs = settings.handshakeTimeoutMs;
  }

  begin(
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ): PendingUpgrade {
    const handshake = new ClientUpgradeHandshake(
      this.#url,
      this.#settings,
      socket,
      events,
      host,
    );
    outsideAsyncContext(() => handshake.begin());
    return handshake;
  }
}

/** One connection, until it becomes a WebSocket. */
class ClientUpgradeHandshake implements CarrierOwner, PendingUpgrade {
  readonly #url: URL;
  readonly #settings: ClientSettings;
  readonly #socket: Socket;
  readonly #host: UpgradeHost;
  readonly #carrier: Carrier;
  /** Undefined once the outcome has been reported. */
  #events: UpgradeEvents | undefined;
  #webSocket: WebSocketSocket | undefined = undefined;

  constructor(
    url: URL,
    settings: ClientSettings,
    socket: Socket,
    events: UpgradeEvents,
    host: UpgradeHost,
  ) {
    this.#url = url;
    this.#settings = settings;
    this.#socket = socket;
    this.#host = host;
    this.#events = events;
    this.#carrier = new Carrier(socket, this);
  }

  begin(): void {
    this.#carrier.begin(undefined);
    try {
      this.#ask();
    } catch (cause) {
      queueMicrotask(() => this.#fail(messageOf(cause), { cause }));
    }
  }

  #ask(): void {
    const { protocols, origin, maxPayload, headers } = this.#settings;
    const { host, pathname, search } = this.#url;
    // TLS is handled below, so `ws` sees a plain connection.
    const native = new PoliteWebSocket(
      `ws://${host}${pathname}${search}`,
      protocols,
      {
        perMessageDeflate: false,
        autoPong: false,
        maxPayload,
        closeTimeout: NO_TIMEOUT_MS,
        origin,
        headers: { host, ...headers },
        createConnection: () => this.#carrier.stream,
      },
    );
    native.on("open", () => this.#onOpen(native));
    native.on("unexpected-response", (_request, { statusCode }) => {
      const why = `the server refused it with status ${statusCode}`;
      this.#fail(why, { status: statusCode });
    });
    native.on("error", (cause) => this.#fail(messageOf(cause), { cause }));
  }

  cancel(): void {
    this.#events = undefined;
    this.#socket.destroy();
  }

  onCarrierEnd(): void {}

  onCarrierClose(failure?: SocketFailure): void {
    if (this.#webSocket !== undefined) {
      return this.#webSocket.onCarrierClose(failure);
    }
    const cause = failure?.cause;
    this.#fail("the server ended the connection", { cause });
  }

  onStreamDestroyed(): void {
    this.#socket.destroy();
  }

  #onOpen(native: PoliteWebSocket): void {
    const { headers, origin } = this.#settings;
    const { pathname: path, search: query } = this.#url;
    const sent = Object.entries({ ...headers, ...(origin && { origin }) });
    endingStreamOf(this.#carrier).on("finish", () => this.#carrier.end());
    const webSocket = new WebSocketSocket({
      plain: this.#socket,
      carrier: this.#carrier,
      native,
      info: new WebSocketInfo(native.protocol, {
        path,
        query,
        headers: new Map(
          sent.map(([name, value]) => [name.toLowerCase(), value]),
        ),
      }),
      settings: this.#settings,
      host: this.#host,
    });
    this.#webSocket = webSocket;
    this.#takeEvents()?.onUpgraded(webSocket);
  }

  #fail(
    why: string,
    options: { readonly status?: number; readonly cause?: unknown },
  ): void {
    const events = this.#takeEvents();
    if (events === undefined) return;
    this.#socket.destroy();
    events.onUpgradeFailed(
      new WebSocketHandshakeError(
        `Cannot ${this.#host.action}: ${why}`,
        options,
      ),
    );
  }

  #takeEvents(): UpgradeEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }
}
