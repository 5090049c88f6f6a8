import type { SocketAddress } from "../contract/address.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type {
  Socket,
  SocketEvents,
  SocketOptions,
} from "../contract/socket.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import { sizeOf } from "../util/views.ts";
import type { Process } from "./process.ts";

/** What a {@linkcode SimSocket} is the socket of: one end of a connection, or of TLS over it. */
export interface SocketEnd {
  readonly process: Process;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly proxy?: ProxyInfo | undefined;
  readonly tls?: TlsInfo | undefined;
  readonly isStarted: boolean;
  /** Its owner may give it another receiver now. */
  readonly canBeHandedOn: boolean;
  readonly isBorrowing: boolean;
  /** FIN was sent, or will follow what is queued. */
  readonly isShutDown: boolean;
  /** Its owner has closed it. */
  readonly isDestroyed: boolean;
  addToTrace(what: string): void;
  violated(rule: string): void;
  start(events: SocketEvents): void;
  write(buffer: Uint8Array, start: number, end: number): number;
  pause(): void;
  resume(): void;
  shutdownWrite(): void;
  destroy(): void;
  /** Destroys it without any further event for its owner. */
  abandon(): void;
}

/** A socket that checks whether its owner keeps the contract. */
export class SimSocket implements Socket {
  readonly #end: SocketEnd;
  /** True inside `onAccept`, `onConnect` and `onSecure`. */
  #isNew = true;

  constructor(end: SocketEnd) {
    this.#end = end;
  }

  get localAddress(): SocketAddress {
    return this.#end.local;
  }

  get remoteAddress(): SocketAddress {
    return this.#end.remote;
  }

  get borrowsWrites(): boolean {
    return this.#end.process.host.writes !== "counts";
  }

  get proxy(): ProxyInfo | undefined {
    return this.#end.proxy;
  }

  get tls(): TlsInfo | undefined {
    return this.#end.tls;
  }

  setOptions(_options: SocketOptions): void {}

  start(events: SocketEvents): void {
    if (this.#isDead) return;
    if (!this.#end.isStarted && !this.#isNew) {
      return this.#end.violated(
        "start outside of onAccept, onConnect and onSecure",
      );
    }
    if (this.#end.isStarted && !this.#end.canBeHandedOn) {
      return this.#end.violated("start again, outside of an event and a pause");
    }
    this.#end.start(events);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const fault = this.#violationOfWrite(buffer, start, end);
    if (fault === undefined) return this.#end.write(buffer, start, end);
    if (!this.#isDead) this.#end.violated(fault);
    return 0;
  }

  pause(): void {
    this.#end.pause();
  }

  resume(): void {
    this.#end.resume();
  }

  shutdownWrite(): void {
    if (this.#isDead) return;
    if (this.#end.isShutDown) return this.#end.violated("shutdownWrite twice");
    if (this.#end.isBorrowing) {
      return this.#end.violated("shutdownWrite while bytes are borrowed");
    }
    this.#end.shutdownWrite();
  }

  destroy(): void {
    this.#end.destroy();
  }

  /** Destroys it, since nobody uses its end. */
  abandon(): void {
    this.#end.abandon();
  }

  /** Adds a line to the trace. */
  addToTrace(what: string): void {
    this.#end.addToTrace(what);
  }

  /** Passes the socket to `deliver`, which must start or destroy it. */
  handTo(deliver: (socket: SimSocket) => void): void {
    try {
      deliver(this);
    } finally {
      this.#isNew = false;
      if (!this.#end.isStarted && !this.#end.isDestroyed) {
        this.#end.violated("neither start nor destroy");
        this.#end.destroy();
      }
    }
  }

  get #isDead(): boolean {
    return this.#end.process.isDead;
  }

  #violationOfWrite(
    buffer: Uint8Array,
    start: number,
    end: number,
  ): string | undefined {
    const size = sizeOf(buffer);
    if (!(start >= 0 && start < end && end <= size)) {
      return `write of ${start} to ${end} of ${size} bytes`;
    }
    if (this.#end.isBorrowing) return "write while bytes are borrowed";
    if (this.#end.isShutDown) return "write after shutdownWrite";
    return this.#isDead ? "write in a dead process" : undefined;
  }
}
