import { connect, type Socket } from "node:net";
import {
  type Address,
  type ConnectOptions,
  DefaultTcpListenerHandler,
  type DefaultTcpListenerOptions,
  type ListenerHandle,
  type Reactor,
  type ReactRuntime,
  type SocketAddress,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { type Context, eventually, signal, sink } from "./support.ts";
import { asTcp } from "../support/tcp.ts";

/** Listens with a reactor for each connection. Resolves to the address. */
export async function serve<UserCommand>(
  { anyPort }: Environment,
  runtime: ReactRuntime<UserCommand>,
  newReactor: (count: number) => Reactor<UserCommand>,
  options: DefaultTcpListenerOptions<undefined> = {},
): Promise<Address> {
  const id = await runtime.listen(
    anyPort,
    new DefaultTcpListenerHandler<UserCommand>(newReactor, options),
  );
  return id.address;
}

/** Listens for one connection, which is open, and drops another. */
export async function dropOne(
  { anyPort, connectPeer, dropped, eventually }: Environment,
  runtime: ReactRuntime,
): Promise<ListenerHandle> {
  const listener = await runtime.listen(
    anyPort,
    new DefaultTcpListenerHandler(() => sink()),
    { maxConnections: 1 },
  );
  await connectPeer(listener.address);
  await eventually(() => listener.stats().open === 1, "it is open");
  await dropped(listener.address);
  return listener;
}

/** A reactor whose calls are recorded. */
export interface WatchedReactor<UserCommand> {
  readonly reactor: Reactor<UserCommand>;
  /** The names of the handlers that were called, in order. */
  readonly calls: string[];
  /** Resolves to the context when it is connected. */
  readonly connected: Promise<Context<UserCommand>>;
  /** Resolves to the reason given to `onClose`. */
  readonly closed: Promise<Error | undefined>;
}

/** A reactor with `handlers`, by default a sink, that records its calls. */
export function watched<UserCommand = unknown>(
  handlers: Partial<Reactor<UserCommand>> = {},
): WatchedReactor<UserCommand> {
  const connected = signal<Context<UserCommand>>();
  const closed = signal<Error | undefined>();
  const calls: string[] = [];
  const wanted: Record<string, unknown> = {
    onConnected: undefined,
    onClose: undefined,
    ...sink<UserCommand>(handlers),
  };
  const reactor: Record<string, unknown> = {};
  for (const [name, handler] of Object.entries(wanted)) {
    reactor[name] = (...args: unknown[]) => {
      calls.push(name);
      if (name === "onConnected") {
        connected.resolve(args[0] as Context<UserCommand>);
      }
      if (name === "onClose") closed.resolve(args[0] as Error | undefined);
      return (handler as ((...args: unknown[]) => unknown) | undefined)
        ?.apply(handlers, args);
    };
  }
  return {
    reactor: reactor as unknown as Reactor<UserCommand>,
    calls,
    connected: connected.promise,
    closed: closed.promise,
  };
}

/** Both ends of a connection. */
export interface Pair<UserCommand> {
  readonly server: WatchedReactor<UserCommand>;
  readonly client: WatchedReactor<UserCommand>;
  readonly serverCtx: Context<UserCommand>;
  readonly clientCtx: Context<UserCommand>;
}

/** Opens a connection between two reactors of `runtime`. */
export async function openPair<UserCommand = unknown>(
  environment: Environment,
  runtime: ReactRuntime<UserCommand>,
  serverHandlers: Partial<Reactor<UserCommand>> = {},
  clientHandlers: Partial<Reactor<UserCommand>> = {},
  options: { server?: ConnectOptions; client?: ConnectOptions } = {},
): Promise<Pair<UserCommand>> {
  const server = watched(serverHandlers);
  const client = watched(clientHandlers);
  const address = await serve(
    environment,
    runtime,
    () => server.reactor,
    options.server,
  );
  await runtime.connect(address, client.reactor, options.client);
  return {
    server,
    client,
    serverCtx: await server.connected,
    clientCtx: await client.connected,
  };
}

/** `address` in the form that `node:net` expects. */
function targetOf(
  address: SocketAddress,
): { host: string; port: number } | { path: string } {
  if (address.transport === "unix") return { path: address.path };
  const { hostname, port } = asTcp(address);
  return { host: hostname, port };
}

/** A peer with a socket of node:net. */
export class RawPeer implements Peer {
  readonly chunks: Uint8Array[] = [];
  received = 0;
  readonly ended: Promise<void>;
  readonly closed: Promise<void>;
  protected readonly socket: Socket;
  /** Called when the other side has ended. */
  protected readonly hasEnded: () => void;

  /** `socket` is connecting. */
  protected constructor(socket: Socket) {
    this.socket = socket;
    const ended = signal();
    const closed = signal();
    this.hasEnded = ended.resolve;
    this.ended = ended.promise;
    this.closed = closed.promise;
    socket.on("data", (chunk: Uint8Array) => this.onData(chunk));
    socket.on("end", () => this.onEnd());
    socket.on("close", () => closed.resolve());
    socket.on("error", () => {}); // a close follows
  }

  protected onData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
  }

  protected onEnd(): void {
    this.hasEnded();
  }

  /**
   * Connects to `address`. Resolves when it is connected, even if it is closed
   * at once.
   */
  static async connect(address: SocketAddress): Promise<RawPeer> {
    const opened = signal();
    const socket = connect({ ...targetOf(address), allowHalfOpen: true });
    socket.once("connect", () => opened.resolve());
    const peer = new RawPeer(socket);
    await Promise.race([opened.promise, peer.closed]);
    return peer;
  }

  /**
   * Connects to `address`. Resolves when the server has dropped the connection.
   */
  static dropped(address: SocketAddress): Promise<void> {
    const dropped = signal();
    const socket = connect(targetOf(address));
    socket.on("data", () => dropped.reject(new Error("it is served")));
    socket.on("error", () => dropped.resolve());
    socket.on("close", () => dropped.resolve());
    return dropped.promise;
  }

  write(...bytes: number[]): void {
    this.send(Uint8Array.from(bytes));
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  end(): void {
    this.socket.end();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  has(count: number): Promise<void> {
    return eventually(() => this.received >= count, `${count} bytes are in`);
  }
}
