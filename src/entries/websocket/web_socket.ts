import { EMPTY } from "../../util/empty.ts";
import { printable } from "../../util/printable.ts";
import { outsideAsyncContext } from "../../adapters/async_context.ts";
import { failureOf } from "../../adapters/failure_kinds.ts";
import type { Carrier } from "../../adapters/tls/carrier.ts";
import { peerOf } from "../../api/address.ts";
import { MessageTooLargeError } from "../../api/errors.ts";
import type { SocketAddress } from "../../contract/address.ts";
import { SocketFailure } from "../../contract/failure.ts";
import type { ProxyInfo } from "../../contract/proxy.ts";
import {
  BORROWED,
  type Socket,
  type SocketEvents,
  type SocketOptions,
} from "../../contract/socket.ts";
import type { TlsInfo } from "../../contract/tls_info.ts";
import type { UpgradeHost, UpgradeLimit } from "../../contract/upgrade.ts";
import { messageOf, read } from "../../util/text.ts";
import { farewellOf, isInGoodOrder } from "./close_codes.ts";
import {
  WebSocketClosedError,
  WebSocketPongTimeoutError,
  WebSocketProtocolError,
} from "./errors.ts";
import { Inflow } from "./inflow.ts";
import type { WebSocketInfo } from "./info.ts";
import type { CommonSettings } from "./options.ts";
import { type Pinged, Pings } from "./pings.ts";
import { Pongs, type PongSender } from "./pongs.ts";
import { OPEN, type PoliteWebSocket } from "./ws.ts";
import { FAREWELL_MS, LARGEST_SENT_MESSAGE } from "../../tuning.ts";

/**
 * Error codes of `ws` for a message that exceeds `maxPayload`, or whose size is
 * not a safe integer.
 */
const TOO_LARGE = [
  "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
  "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
];
/** Error code of `ws` for a message with too many fragments. */
const TOO_MANY_PARTS = "WS_ERR_TOO_MANY_BUFFERED_PARTS";

/** The parts of a WebSocket. */
export interface WebSocketParts {
  /** The underlying connection. */
  readonly plain: Socket;
  readonly carrier: Carrier;
  readonly native: PoliteWebSocket;
  readonly info: WebSocketInfo;
  readonly settings: CommonSettings;
  readonly host: UpgradeHost;
}

/**
 * A WebSocket as a socket. Reading yields the contents of messages as one
 * stream. Each write is sent as one or more messages.
 */
export class WebSocketSocket implements Socket, Pinged, PongSender {
  readonly borrowsWrites = true;
  readonly upgraded: WebSocketInfo;
  /** Copied, because the underlying socket drops it when it closes. */
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly #parts: WebSocketParts;
  readonly #native: PoliteWebSocket;
  readonly #pings: Pings | undefined;
  /** Limits how long the peer may take to end the connection. */
  readonly #farewell: UpgradeLimit;
  readonly #inflow: Inflow;
  /** The rest of the borrowed bytes. */
  #unsent: Uint8Array = EMPTY;
  #hasFinished = false;
  /** True once the peer has sent a close frame. */
  #hasPeerClosed = false;
  /** True once the underlying connection has closed. */
  #isOver = false;
  /** True once the close was reported. */
  #isClosed = false;
  #isDestroyed = false;
  #failure: SocketFailure | undefined = undefined;

  /** Nothing is delivered before `start`. */
  constructor(parts: WebSocketParts) {
    const { plain, carrier, native, settings, host } = parts;
    this.#parts = parts;
    this.#native = native;
    this.#inflow = new Inflow(native, carrier);
    this.upgraded = parts.info;
    this.localAddress = plain.localAddress;
    this.remoteAddress = plain.remoteAddress;
    this.#farewell = host.newLimit(() => this.#leave());
    native.on("message", (bytes) => this.#inflow.push(bytes));
    const pongs = new Pongs(this);
    native.on("ping", (payload) => pongs.onPing(payload));
    native.on("error", (error) => this.#onError(error));
    native.on("close", () => this.#onClose());
    native.onPeerClose = (code, reason) => this.#onPeerClose(code, reason);
    this.#pings = settings.pingIntervalMs > 0
      ? new Pings(host, settings, this)
      : undefined;
  }

  get proxy(): ProxyInfo | undefined {
    return this.#parts.plain.proxy;
  }

  get tls(): TlsInfo | undefined {
    return this.#parts.plain.tls;
  }

  setOptions(options: SocketOptions): void {
    this.#parts.plain.setOptions(options);
  }

  start(events: SocketEvents): void {
    this.#inflow.events = events;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#native.readyState !== OPEN || this.#isDestroyed) return 0;
    this.#unsent = buffer.subarray(start, end);
    outsideAsyncContext(this.#sendOn);
    return BORROWED;
  }

  pause(): void {
    this.#inflow.pause();
  }

  resume(): void {
    this.#inflow.resume();
  }

  get isHolding(): boolean {
    return !this.#parts.carrier.isDrained;
  }

  shutdownWrite(reason?: Error): void {
    this.#hasFinished = true;
    const { code, text } = farewellOf(reason);
    outsideAsyncContext(() => this.#native.finish(code, text));
  }

  destroy(): void {
    if (this.#isDestroyed || this.#isClosed) return;
    this.#isDestroyed = true;
    this.#inflow.drop();
    if (!this.#isOver) return this.#leave();
    outsideAsyncContext(queueMicrotask, () => this.#reportClose());
  }

  // Called by `Pings` and `Pongs`.

  get bytesRead(): number {
    return this.#parts.carrier.bytesRead;
  }

  get isStopped(): boolean {
    return this.#inflow.isStopped;
  }

  ping(): void {
    if (this.#native.readyState === OPEN) {
      outsideAsyncContext(() => this.#native.ping());
    }
  }

  pong(payload: Uint8Array, onOut: () => void): void {
    if (this.#native.readyState !== OPEN) return;
    outsideAsyncContext(() =>
      this.#native.pong(payload, undefined, (error) => {
        if (!error) onOut();
      })
    );
  }

  onNoPong(): void {
    const { pongTimeoutMs } = this.#parts.settings;
    this.#failure ??= new SocketFailure(
      "other",
      new WebSocketPongTimeoutError(
        `Aborted the connection to ${this.#peer}: it did not answer a ping within ${pongTimeoutMs} ms (pongTimeoutMs)`,
      ),
    );
    this.destroy();
  }

  /** The underlying connection has closed. If it was lost, so is what is held. */
  onCarrierClose(failure: SocketFailure | undefined): void {
    if (failure === undefined) return;
    this.#failure ??= failure;
    this.#inflow.drop();
  }

  get #peer(): string {
    return peerOf(this);
  }

  #onPeerClose(code: number | undefined, reason: string): void {
    const isEnd = isInGoodOrder(code);
    if (isEnd) this.#hasPeerClosed = true;
    else {
      this.#fail(
        new WebSocketClosedError(
          code as number,
          reason,
          `${this.#peer} closed the WebSocket with code ${code}${
            reason && ` (${printable(reason)})`
          }`,
        ),
      );
    }
    // Answered at once only if this end is done. Otherwise more data may
    // precede the answer.
    if (this.#hasFinished || this.#failure !== undefined) {
      this.#native.finish(code ?? 1000);
    }
    if (isEnd) this.#inflow.end();
  }

  #onError(error: Error): void {
    const code = String(read(error, "code"));
    const excess = TOO_LARGE.includes(code)
      ? `has more than ${this.#parts.settings.maxPayload} bytes (maxPayload)`
      : code === TOO_MANY_PARTS
      ? "comes in too many fragments"
      : undefined;
    if (excess !== undefined) {
      return this.#fail(
        new MessageTooLargeError(
          `Closed the connection to ${this.#peer}: a WebSocket message ${excess}`,
        ),
      );
    }
    if (!code.startsWith("WS_ERR_")) {
      this.#failure ??= failureOf(error);
      return this.destroy();
    }
    this.#fail(
      new WebSocketProtocolError(
        `Closed the connection to ${this.#peer}, which violated the WebSocket protocol: ${
          messageOf(error)
        }`,
        { cause: error },
      ),
    );
  }

  /** Ends the connection with `error`, once the peer ends it as well. */
  #fail(error: Error): void {
    this.#failure ??= new SocketFailure("other", error);
    this.#pings?.stop();
    this.#farewell.arm(FAREWELL_MS);
  }

  /** Ends the underlying connection without waiting for the peer. */
  #leave(): void {
    this.#pings?.stop();
    this.#farewell.disarm();
    // If everything was sent, up to the close frame, end cleanly instead of
    // with a reset.
    if (this.#hasFinished && !this.isHolding) this.#parts.carrier.end();
    this.#parts.plain.destroy();
  }

  #onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pings?.stop();
    this.#farewell.disarm();
    const isCut = !this.#hasPeerClosed && !this.#isDestroyed;
    if (isCut) {
      this.#failure ??= new SocketFailure(
        "truncated",
        new Error("it ended without a close frame"),
      );
    }
    this.#inflow.finish(() => this.#reportClose());
  }

  #reportClose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inflow.events?.onClose(this.#failure);
  }

  readonly #sendOn = (): void => {
    const bytes = this.#unsent.subarray(0, LARGEST_SENT_MESSAGE);
    this.#unsent = this.#unsent.subarray(bytes.length);
    this.#native.send(bytes, { binary: true }, this.#onWritten);
  };

  readonly #onWritten = (error?: Error | null): void => {
    if (error || this.#isDestroyed || this.#isOver) return;
    if (this.#unsent.length === 0) this.#inflow.events?.onWritable();
    else if (this.#native.readyState === OPEN) this.#sendOn();
  };
}
