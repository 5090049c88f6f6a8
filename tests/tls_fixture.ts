import { Buffer } from "node:buffer";
import { connect as connectRaw, createServer } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type {
  DropReason,
  ListenerHandle,
  Reactor,
  ReactRuntime,
  TcpAddress,
  TlsHandshakeError,
  TlsListenOptions,
} from "../mod.ts";
import { ca } from "./support/certificates.ts";
import { asTcp } from "./support/tcp.ts";
import { ANY_PORT, echo } from "./conformance/support.ts";

/** A listener with TLS, and what it drops. */
export interface TlsServer {
  readonly handle: ListenerHandle;
  readonly address: TcpAddress;
  readonly drops: [reason: DropReason, error: TlsHandshakeError | undefined][];
}

/** Listens in TLS, with `newReactor` for each connection. */
export async function serveTls(
  runtime: ReactRuntime,
  tls: TlsListenOptions,
  newReactor: () => Reactor = echo,
  limits: object = {},
): Promise<TlsServer> {
  const drops: TlsServer["drops"] = [];
  const handle = await runtime.listen(
    ANY_PORT,
    {
      onNewConnection: () => ({ reactor: newReactor() }),
      onDrop: (reason, _address, _listener, error) =>
        void drops.push([reason, error as TlsHandshakeError | undefined]),
    },
    { ...limits, tls },
  );
  return { handle, address: asTcp(handle.address), drops };
}

/** A client of `node:tls`, to be looked at: shakes hands, or is refused. */
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

/** A plain connection, and what it gets. */
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

/** Stands between a client and a server, and can end their connection below TLS. */
export class Between {
  readonly address: TcpAddress;
  readonly #server;
  readonly #ends: { end(): void; destroy(): void }[] = [];

  private constructor(
    server: ReturnType<typeof createServer>,
    address: TcpAddress,
  ) {
    this.#server = server;
    this.address = address;
  }

  /** Says `header` to the server first, of itself, or together with what the client says. */
  static open(
    target: TcpAddress,
    header = "",
    isJoined = false,
  ): Promise<Between> {
    return new Promise((resolve) => {
      const server = createServer({ allowHalfOpen: true }, (near) => {
        const far = connectRaw({
          host: target.hostname,
          port: target.port,
          allowHalfOpen: true,
        });
        between.#ends.push(near, far);
        let owed = header;
        if (!isJoined && owed !== "") {
          far.write(owed);
          owed = "";
        }
        near.on("data", (bytes) => {
          far.write(Buffer.concat([Buffer.from(owed), bytes]));
          owed = "";
        });
        far.on("data", (bytes) => near.write(bytes));
        near.on("end", () => far.end());
        far.on("end", () => near.end());
        near.on("error", () => {});
        far.on("error", () => {});
      });
      let between: Between;
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number };
        const hostname = "127.0.0.1";
        between = new Between(server, { transport: "tcp", hostname, port });
        resolve(between);
      });
    });
  }

  /** Sends FIN both ways. */
  cut(): void {
    for (const end of this.#ends) end.end();
  }

  close(): void {
    for (const end of this.#ends) end.destroy();
    this.#server.close();
  }
}
