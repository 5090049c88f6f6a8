import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { connect as connectRaw, type Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Adapter, SocketAddress } from "../../mod.ts";
import { asTcp } from "../support/tcp.ts";
import { ca } from "../support/certificates.ts";
import { overTls } from "../support/tls_adapter.ts";
import type { Environment } from "./environment.ts";
import { RawPeer } from "./peers.ts";
import { realEnvironment } from "./real_environment.ts";
import { signal } from "./support.ts";

/**
 * The transport of a TLS peer: on Deno a stream, because there a paused socket
 * of node:tls continues to read.
 */
function slowable(raw: Socket): { raw: Socket; stream: Duplex } {
  raw.on("error", () => {}); // a close follows
  if (!("Deno" in globalThis)) return { raw, stream: raw };
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => {},
    write: (chunk, _encoding, done) => void raw.write(chunk, () => done()),
  });
  raw.on("data", (chunk) => stream.push(chunk));
  raw.on("end", () => stream.push(null));
  raw.on("close", () => stream.destroy());
  return { raw, stream };
}

/** A peer with a socket of node:tls. */
export class TlsPeer extends RawPeer {
  readonly #raw: Socket;

  private constructor(socket: TLSSocket, raw: Socket) {
    super(socket);
    this.#raw = raw;
    socket.on("finish", () => setImmediate(() => raw.end()));
  }

  override pause(): void {
    super.pause();
    if ("Deno" in globalThis) this.#raw.pause();
  }

  override resume(): void {
    super.resume();
    if ("Deno" in globalThis) this.#raw.resume();
  }

  override destroy(): void {
    super.destroy();
    this.#raw.destroy();
  }

  /**
   * Connects to `address`, including the handshake. Resolves when it is
   * connected, even if it is closed at once.
   */
  static override async connect(address: SocketAddress): Promise<TlsPeer> {
    const { hostname, port } = asTcp(address);
    const opened = signal();
    const under = slowable(connectRaw({
      host: hostname,
      port,
      allowHalfOpen: true,
    }));
    const socket: TLSSocket = connect({
      socket: under.stream,
      ca,
      servername: "localhost",
      allowHalfOpen: true,
    } as ConnectionOptions);
    socket.once("secureConnect", () => opened.resolve());
    const peer = new TlsPeer(socket, under.raw);
    await Promise.race([opened.promise, peer.closed]);
    return peer;
  }
}

/** The sockets of this machine with `adapter`, all of them using TLS. */
export async function tlsEnvironment(adapter: Adapter): Promise<Environment> {
  return {
    ...realEnvironment(adapter),
    adapter: await overTls(adapter),
    connectPeer: TlsPeer.connect,
  };
}
