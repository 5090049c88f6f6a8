import type { Adapter } from "../../contract/adapter.ts";
import type { Socket } from "../../contract/socket.ts";
import type { BufferPool } from "../../io/buffer_pool.ts";
import type { Port } from "../link/port.ts";
import {
  type MessageToAcceptor,
  type MessageToWorker,
  RelayKind,
} from "./protocol.ts";
import {
  RelayedConnection,
  type RelayedConnectionHost,
} from "./relayed_connection.ts";

/** The channel to one worker: its port, which is closed when nothing more will come, and the connections that the worker serves. */
export class WorkerChannel implements RelayedConnectionHost {
  readonly pool: BufferPool;
  readonly #port: Port;
  readonly #adapter: Adapter;
  readonly #connections = new Map<number, RelayedConnection>();
  readonly #onRefused: () => void;
  #isRetired = false;
  /** The connections whose bytes are written, not yet reported to the worker. */
  #written: number[] = [];

  /** `onRefused` is called when the worker has dropped a connection, since it was closing. */
  constructor(
    port: Port,
    adapter: Adapter,
    pool: BufferPool,
    onRefused: () => void,
  ) {
    this.#onRefused = onRefused;
    this.#port = port;
    this.#adapter = adapter;
    this.pool = pool;
    port.on("message", (message) => this.#receive(message as never));
  }

  /** True once the worker takes no more connections. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** How many of its connections are open. */
  get openCount(): number {
    return this.#connections.size;
  }

  /** Gives the worker `socket`, which was just accepted, under a new `id`. */
  open(id: number, socket: Socket): void {
    this.#connections.set(id, new RelayedConnection(id, socket, this));
  }

  /** Gives the worker no more connections; those that it has live on. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.post([RelayKind.Retire, 0]);
    this.#closeIfDone();
  }

  destroyAll(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  post(message: MessageToWorker, transferList?: readonly ArrayBuffer[]): void {
    if (message[0] !== RelayKind.Data) this.#reportWritten(); // it was before
    this.#port.postMessage(message, transferList);
  }

  /** Sent for all connections at once, at the end of the turn. */
  onWritten(id: number): void {
    if (this.#written.push(id) === 1) {
      this.#adapter.endOfTurn(() => this.#reportWritten());
    }
  }

  remove(id: number): void {
    this.#connections.delete(id);
    this.#closeIfDone();
  }

  #receive(message: MessageToAcceptor): void {
    switch (message[0]) {
      case RelayKind.Retire:
        return this.retire();
      case RelayKind.Refuse:
        this.#connections.get(message[1])?.destroy();
        return this.#onRefused();
      case RelayKind.Poll:
        return this.#adapter.afterPoll(() => this.post([RelayKind.Polled, 0]));
      default:
        this.#connections.get(message[1])?.receive(message);
    }
  }

  #reportWritten(): void {
    if (this.#written.length === 0) return;
    const written = this.#written;
    this.#written = [];
    this.#port.postMessage([RelayKind.Written, 0, written]);
  }

  /** Closes the port once nothing more will come. Messages posted before are still delivered; then the worker's end closes, too. */
  #closeIfDone(): void {
    if (this.#isRetired && this.#connections.size === 0) this.#port.close();
  }
}
