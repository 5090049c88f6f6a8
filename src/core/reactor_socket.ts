import type { TcpSocket } from "../api/tcp_socket.ts";
import type { SocketAddress } from "../contract/address.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type { Socket } from "../contract/socket.ts";

/** Milliseconds of silence before the first keep-alive probe. */
const KEEP_ALIVE_DELAY_MS = 60_000;

/** Turns the keep-alive probes of `socket` on or off. */
export function setKeepAlive(socket: Socket, on: boolean): void {
  socket.setKeepAlive(on, KEEP_ALIVE_DELAY_MS);
}

/** A socket as its reactor sees it. */
export class ReactorSocket implements TcpSocket {
  readonly #socket: Socket;

  constructor(socket: Socket) {
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

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    setKeepAlive(this.#socket, on);
  }
}
