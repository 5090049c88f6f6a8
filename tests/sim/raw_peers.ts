import {
  type Adapter,
  type Listener,
  SimNetwork,
  type SimNetworkOptions,
  type Socket,
  type SocketEvents,
  type SocketFailure,
} from "../../mod.ts";
import { tcp } from "../support/tcp.ts";

const READ_SIZE = 65536;

/** A user of a raw socket, who notes what it hears. */
export class RawSimPeer implements SocketEvents {
  socket!: Socket;
  /** `data 5`, `writable`, `end`, `close`, `close reset`, in order. */
  readonly heard: string[] = [];
  /** What came in. */
  readonly bytes: number[] = [];
  /** Called at every event. */
  onEvent: (event: string) => void = () => {};

  /** Takes the socket in `onAccept` or `onConnect`. */
  take(socket: Socket): void {
    this.socket = socket;
    socket.start(this);
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(READ_SIZE);
  }

  onData(buffer: Uint8Array, length: number): void {
    for (let i = 0; i < length; i++) this.bytes.push(buffer[i]);
    this.#hear(`data ${length}`);
  }

  onWritable(): void {
    this.#hear("writable");
  }

  onEnd(): void {
    this.#hear("end");
  }

  onClose(failure?: SocketFailure): void {
    this.#hear(failure === undefined ? "close" : `close ${failure.kind}`);
  }

  /** Writes bytes, which the socket must take at once or borrow. */
  write(...bytes: number[]): number {
    return this.socket.write(Uint8Array.from(bytes), 0, bytes.length);
  }

  #hear(event: string): void {
    this.heard.push(event);
    this.onEvent(event);
  }
}

/** A raw listener and those it has accepted. */
export interface RawListener {
  readonly listener: Listener;
  readonly accepted: RawSimPeer[];
  readonly failures: SocketFailure[];
}

/** Listens, and takes every connection. */
export async function listenRaw(
  adapter: Adapter,
  { hostname = "0.0.0.0", port = 80 }: { hostname?: string; port?: number } =
    {},
  options: { backlog?: number; reusePort?: boolean } = {},
): Promise<RawListener> {
  const accepted: RawSimPeer[] = [];
  const failures: SocketFailure[] = [];
  const listener = await adapter.listen({
    address: tcp(hostname, port),
    backlog: 100,
    reusePort: false,
    ...options,
  }, {
    onAccept(socket) {
      const peer = new RawSimPeer();
      peer.take(socket);
      accepted.push(peer);
    },
    onAcceptError: (failure) => void failures.push(failure),
  });
  return { listener, accepted, failures };
}

/** Connects; rejects with the failure. */
export function connectRaw(
  adapter: Adapter,
  hostname = "server",
  port = 80,
): Promise<RawSimPeer> {
  return new Promise((resolve, reject) => {
    const peer = new RawSimPeer();
    adapter.connect({ address: tcp(hostname, port) }, {
      onConnect(socket) {
        peer.take(socket);
        resolve(peer);
      },
      onConnectError: reject,
    });
  });
}

/** Two hosts with a connection between them. */
export interface RawPair extends RawListener {
  readonly network: SimNetwork;
  readonly client: RawSimPeer;
  readonly server: RawSimPeer;
}

/** Opens a connection from host `client` to host `server`: 10 ms each way, every write counted, if not said otherwise. */
export async function openRaw(
  options: SimNetworkOptions = {},
): Promise<RawPair> {
  const network = new SimNetwork({
    latencyMs: 10,
    jitterMs: 0,
    writes: "counts",
    ...options,
  });
  const listening = await listenRaw(network.host("server").adapter);
  const client = await connectRaw(network.host("client").adapter);
  await network.until(() => listening.accepted.length === 1);
  return { ...listening, network, client, server: listening.accepted[0] };
}
