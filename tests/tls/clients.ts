import { connect as connectRaw } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { TcpAddress } from "../../mod.ts";
import { ca } from "../support/certificates.ts";

/** Connects a `node:tls` client; rejects if the handshake fails. */
export function tlsClient(
  { hostname, port }: TcpAddress,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port,
      ca,
      servername: "localhost",
      ...options,
    });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** A plain connection, and what it receives. */
export class PlainClient {
  received: Uint8Array[] = [];
  readonly closed: Promise<void>;
  readonly #socket;

  constructor({ hostname, port }: TcpAddress) {
    const socket = connectRaw({ host: hostname, port });
    this.#socket = socket;
    socket.on("data", (bytes) => this.received.push(bytes));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
