import type { Adapter } from "../../contract/adapter.ts";
import type { Address } from "../../contract/address.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../../contract/listener.ts";
import type { Socket } from "../../contract/socket.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import { describeListener } from "../../api/address.ts";
import type { DropReason } from "../../api/drops.ts";
import { AcceptRetry, type AcceptRetryHost } from "../../core/accept_retry.ts";
import { peerOf } from "../../api/address.ts";
import { BufferPool } from "../../io/buffer_pool.ts";
import type { Port } from "../link/port.ts";
import { WorkerChannel } from "./worker_channel.ts";

/** What an {@linkcode Acceptor} needs of its owner. */
export interface AcceptorHost extends AcceptRetryHost {
  /** Accepting failed for good, and the acceptor closes. */
  onAcceptFailed(failure: SocketFailure): void;
  /** A connection was dropped before any worker served it. */
  onDrop(reason: DropReason): void;
}

/**
 * Listens in this thread, and gives the connections to workers. Rejects with a
 * {@linkcode SocketFailure}.
 */
export async function relayConnections(
  adapter: Adapter,
  options: AdapterListenOptions,
  host: AcceptorHost,
): Promise<Acceptor> {
  const acceptor = new Acceptor(adapter, host);
  acceptor.start(await adapter.listen(options, acceptor));
  return acceptor;
}

/**
 * Accepts connections, and gives each to the worker that has the fewest of them
 * open; among equals, workers take turns. If no worker takes it, the connection
 * is dropped.
 */
export class Acceptor implements ListenerEvents {
  readonly #adapter: Adapter;
  readonly #host: AcceptorHost;
  readonly #pool = new BufferPool();
  /** By runtime; the one that got the latest connection comes last. */
  readonly #channels = new Map<number, WorkerChannel>();
  #listener: Listener | undefined = undefined;
  #acceptedCount = 0;
  readonly #retry: AcceptRetry;
  #whenClosed: Promise<void> | undefined = undefined;

  /** For {@linkcode relayConnections}. */
  constructor(adapter: Adapter, host: AcceptorHost) {
    this.#adapter = adapter;
    this.#host = host;
    this.#retry = new AcceptRetry(
      host,
      () => this.#listener as Listener,
      (failure) => {
        this.close();
        host.onAcceptFailed(failure);
      },
    );
  }

  /** Where it listens; the port is the real one. */
  get address(): Address {
    return (this.#listener as Listener).address;
  }

  /** For {@linkcode relayConnections}. */
  start(listener: Listener): void {
    this.#listener = listener;
  }

  /** True if there is a worker to give connections to. */
  get hasPorts(): boolean {
    return this.#channels.size > 0;
  }

  /**
   * From now on gives connections to the runtime `runtimeId`, which has no port
   * yet. At the other end of `port` is a `relayedListener`. The acceptor owns
   * the port, and closes it when the worker takes no more connections and the
   * last one is gone.
   */
  addPort(runtimeId: number, port: Port): void {
    const channel = new WorkerChannel(
      port,
      this.#adapter,
      this.#pool,
      () => this.#host.onDrop("closing"),
    );
    if (this.#whenClosed !== undefined) channel.retire();
    this.#channels.set(runtimeId, channel);
  }

  /** The worker of `runtimeId` is gone: destroys its connections. */
  removePort(runtimeId: number): void {
    const channel = this.#channels.get(runtimeId);
    this.#channels.delete(runtimeId);
    channel?.retire();
    channel?.destroyAll();
  }

  /**
   * Stops accepting; connections live on until they end. Resolves when the
   * address can be listened on again. May be called again.
   */
  close(): Promise<void> {
    return this.#whenClosed ??= this.#close();
  }

  /** Destroys all connections. */
  destroyAll(): void {
    for (const channel of this.#channels.values()) channel.destroyAll();
  }

  onAccept(socket: Socket): void {
    this.#retry.onAccept();
    if (this.#whenClosed !== undefined) return this.#drop(socket, "closing");
    const channel = this.#takeChannel();
    if (channel === undefined) this.#dropUntaken(socket);
    else channel.open(++this.#acceptedCount, socket);
  }

  onAcceptError(failure: SocketFailure): void {
    if (this.#whenClosed === undefined) this.#retry.onAcceptError(failure);
  }

  #drop(socket: Socket, reason: DropReason): void {
    socket.destroy();
    this.#host.onDrop(reason);
  }

  #dropUntaken(socket: Socket): void {
    this.#host.peerLog.warn(() =>
      `${describeListener(this)} dropped a connection of ${
        peerOf(socket)
      }: no thread takes it`
    );
    this.#drop(socket, "noThread");
  }

  /** The channel for the next connection, if any; from now on it is the last one. */
  #takeChannel(): WorkerChannel | undefined {
    let found: [number, WorkerChannel] | undefined = undefined;
    for (const entry of this.#channels) {
      const [, channel] = entry;
      const isBetter = found === undefined ||
        channel.openCount < found[1].openCount;
      if (isBetter && !channel.isRetired) found = entry;
    }
    if (found === undefined) return undefined;
    const [runtimeId, channel] = found;
    this.#channels.delete(runtimeId);
    this.#channels.set(runtimeId, channel);
    return channel;
  }

  #close(): Promise<void> {
    this.#retry.stop();
    for (const channel of this.#channels.values()) channel.retire();
    return (this.#listener as Listener).close();
  }
}
