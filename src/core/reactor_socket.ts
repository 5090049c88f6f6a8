import { type KeepAliveOptions, keepAliveTimes } from "../api/keep_alive.ts";
import { checkOption } from "../api/option_rules.ts";
import { CONNECTION_OPTIONS } from "../api/options.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import type { SocketAddress } from "../contract/address.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type { Socket } from "../contract/socket.ts";
import type { TlsInfo } from "../contract/tls_info.ts";

/** A socket as its reactor sees it. */
export class ReactorSocket implements TcpSocket {
  #socket: Socket;
  /** What its user has set, if so. */
  #noDelay: boolean | undefined = undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** `socket` is in its place from now on. */
  moveTo(socket: Socket): void {
    this.#socket = socket;
    if (this.#noDelay !== undefined) socket.setNoDelay(this.#noDelay);
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
    this.#noDelay = on;
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(option: boolean | KeepAliveOptions): void {
    checkOption("keepAlive", option, CONNECTION_OPTIONS.rules.keepAlive);
    this.#socket.setKeepAlive(keepAliveTimes(option));
  }
}
