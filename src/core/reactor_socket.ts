import {
  type KeepAliveOptions,
  keepAliveTimes,
} from "../api/options/keep_alive.ts";
import { checkOption } from "../api/options/rules.ts";
import { CONNECTION_OPTIONS } from "../api/options/connection.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import type { SocketAddress } from "../contract/address.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type { Socket, SocketOptions } from "../contract/socket.ts";
import type { TlsInfo } from "../contract/tls_info.ts";

/** A socket as its reactor sees it, and before that its listener's handler. */
export class ReactorSocket implements TcpSocket {
  #socket: Socket;
  #chosen: SocketOptions | undefined = undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** What the user has set, if anything. */
  get chosen(): SocketOptions | undefined {
    return this.#chosen;
  }

  /** Represents `socket` from now on. */
  moveTo(socket: Socket): void {
    this.#socket = socket;
  }

  get localAddress(): SocketAddress {
    return this.#socket.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.#socket.remoteAddress;
  }

  get proxy(): ProxyInfo | undefined {
    return this.#socket.proxy;
  }

  get tls(): TlsInfo | undefined {
    return this.#socket.tls;
  }

  get upgraded(): object | undefined {
    return this.#socket.upgraded;
  }

  setNoDelay(on: boolean): void {
    checkOption("noDelay", on, CONNECTION_OPTIONS.rules.noDelay);
    this.#choose({ noDelay: on });
  }

  setKeepAlive(option: boolean | KeepAliveOptions): void {
    checkOption("keepAlive", option, CONNECTION_OPTIONS.rules.keepAlive);
    this.#choose({ keepAlive: keepAliveTimes(option) ?? false });
  }

  #choose(options: SocketOptions): void {
    this.#chosen = { ...this.#chosen, ...options };
    this.#socket.setOptions(options);
  }
}
