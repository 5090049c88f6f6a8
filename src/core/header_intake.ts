import type { Socket, SocketEvents } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import {
  ProxyHeaderMissingError,
  ProxyHeaderTimeoutError,
  UntrustedProxyError,
} from "../api/errors.ts";
import type { ProxyProtocolSettings } from "../api/options/proxy.ts";
import { ProxyHeaderReader } from "../codec/proxy/proxy_header.ts";
import { peerOf } from "../api/address.ts";
import { withAction } from "./failures.ts";
import { ProxiedSocket } from "./proxied_socket.ts";
import { Timeout } from "./time_limits.ts";
import { TrustedProxies } from "./trusted_proxies.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { PROXY_READ_SIZE } from "../tuning.ts";

/** What a {@linkcode HeaderIntake} needs from its listener's intake. */
export interface HeaderHost {
  readonly loop: Pick<
    TurnLoop<unknown>,
    "arm" | "disarm" | "defer" | "onSocketEvent"
  >;
  readonly admission: {
    enter(network: undefined): void;
    leave(network: undefined): void;
  };
  readonly drops: {
    drop(socket: Socket, reason: DropReason, error?: Error): void;
  };
  /** Logs that a connection is dropped because of `error`. */
  warn(error: Error): void;
  /**
   * Admits `socket`, whose header was read, unless a limit refuses it. When
   * this returns, the socket is started or destroyed.
   */
  admit(socket: Socket): void;
  /** A connection has closed, or was admitted. */
  onLeft(): void;
}

/**
 * Reads the PROXY headers of accepted connections. Until then these count for
 * the listener, but not for a network.
 */
export class HeaderIntake {
  readonly #host: HeaderHost;
  readonly #settings: ProxyProtocolSettings;
  readonly #trusted: TrustedProxies;
  readonly #awaited = new Set<AwaitedHeader>();

  constructor(host: HeaderHost, settings: ProxyProtocolSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#trusted = new TrustedProxies(settings.trusted);
  }

  /**
   * Reads the header of `socket`, which was just accepted, if its peer is
   * trusted.
   */
  take(socket: Socket): void {
    if (!this.#trusted.has(socket)) {
      const error = new UntrustedProxyError("it is not a trusted proxy");
      return dropSocket(this.#host, socket, "proxyUntrusted", error);
    }
    this.#host.admission.enter(undefined);
    const awaited = new AwaitedHeader(
      this.#host,
      socket,
      this.#settings,
      () => void this.#awaited.delete(awaited),
    );
    this.#awaited.add(awaited);
    awaited.start();
  }

  /** Drops all connections whose header is incomplete. */
  close(): void {
    for (const awaited of this.#awaited) {
      awaited.refuse("closing");
    }
  }
}

/**
 * Drops `socket`. `error`, whose message is only a reason, is logged if given.
 */
function dropSocket(
  host: HeaderHost,
  socket: Socket,
  reason: DropReason,
  error?: Error,
): void {
  const reported = error &&
    withAction(error, `read the PROXY header of ${peerOf(socket)}`);
  if (reported !== undefined) host.warn(reported);
  host.drops.drop(socket, reason, reported);
}

/** One connection, until its header is read. */
class AwaitedHeader implements SocketEvents {
  readonly #host: HeaderHost;
  readonly #socket: Socket;
  readonly #settings: ProxyProtocolSettings;
  readonly #reader: ProxyHeaderReader;
  readonly #timeout: Timeout;
  readonly #onDone: () => void;
  #isDone = false;
  #readBuffer: Uint8Array | undefined = undefined;

  constructor(
    host: HeaderHost,
    socket: Socket,
    settings: ProxyProtocolSettings,
    onDone: () => void,
  ) {
    this.#host = host;
    this.#socket = socket;
    this.#settings = settings;
    this.#reader = new ProxyHeaderReader(settings.maxBytes);
    this.#timeout = new Timeout(() => this.#onTimeout());
    this.#onDone = onDone;
  }

  start(): void {
    this.#host.loop.arm(this.#timeout, this.#settings.timeoutMs);
    this.#socket.start(this);
  }

  refuse(reason: DropReason, error?: Error): void {
    if (this.#isDone) return;
    this.#end();
    dropSocket(this.#host, this.#socket, reason, error);
    this.#host.onLeft();
  }

  readBuffer(): Uint8Array {
    return this.#readBuffer ??= new Uint8Array(PROXY_READ_SIZE);
  }

  onData(buffer: Uint8Array, length: number): void {
    if (!this.#isDone) this.#take(buffer, length);
  }

  onWritable(): void {}

  onEnd(): void {
    this.refuse(
      "proxyHeaderMissing",
      new ProxyHeaderMissingError("it ended before its PROXY header was whole"),
    );
  }

  onClose(): void {
    this.onEnd();
  }

  #take(buffer: Uint8Array, length: number): void {
    let end: number | undefined;
    try {
      end = this.#reader.read(buffer, length);
    } catch (error) {
      const isMissing = error instanceof ProxyHeaderMissingError;
      return this.refuse(
        isMissing ? "proxyHeaderMissing" : "proxyHeaderInvalid",
        error as Error,
      );
    }
    const { header } = this.#reader;
    if (end === undefined || header === undefined) return;
    this.#end();
    const socket = new ProxiedSocket(
      this.#socket,
      header,
      buffer.subarray(end, length),
      (callback) => this.#host.loop.defer(callback),
    );
    this.#host.loop.onSocketEvent();
    this.#host.admit(socket);
    this.#host.onLeft();
    socket.endRead();
  }

  #onTimeout(): void {
    const { timeoutMs } = this.#settings;
    this.refuse(
      "proxyHeaderTimeout",
      new ProxyHeaderTimeoutError(
        `no whole PROXY header within ${timeoutMs} ms (timeoutMs)`,
      ),
    );
  }

  #end(): void {
    this.#isDone = true;
    this.#host.loop.disarm(this.#timeout);
    this.#host.admission.leave(undefined);
    this.#onDone();
  }
}
