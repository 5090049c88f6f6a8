import type { SocketAddress } from "../../contract/address.ts";
import type { ProxyInfo } from "../../contract/proxy.ts";
import type {
  Socket,
  SocketEvents,
  SocketOptions,
} from "../../contract/socket.ts";
import type { TlsInfo } from "../../contract/tls_info.ts";

/** The message of a truncation: FIN without close_notify. */
export const TRUNCATED =
  "the peer ended the connection without the close_notify of TLS";

/** The part of a TLS socket that it shares with the socket below. */
export abstract class SecuredSocket implements Socket {
  /** Read early: the socket below forgets it when it closes. */
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  protected readonly plain: Socket;
  protected info: TlsInfo | undefined = undefined;

  constructor(plain: Socket) {
    this.plain = plain;
    this.localAddress = plain.localAddress;
    this.remoteAddress = plain.remoteAddress;
    // With Nagle's algorithm, the last flight of the handshake would wait for
    // an acknowledgement.
    plain.setOptions({ noDelay: true });
  }

  abstract readonly borrowsWrites: boolean;
  abstract start(events: SocketEvents): void;
  abstract write(buffer: Uint8Array, start: number, end: number): number;
  abstract pause(): void;
  abstract resume(): void;
  abstract shutdownWrite(): void;
  abstract destroy(): void;

  get proxy(): ProxyInfo | undefined {
    return this.plain.proxy;
  }

  get tls(): TlsInfo | undefined {
    return this.info;
  }

  setOptions(options: SocketOptions): void {
    this.plain.setOptions(options);
  }
}
