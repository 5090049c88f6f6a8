import {
  type Adapter,
  type Address,
  BORROWED,
  type ConnectAddress,
  type Socket,
  type SocketEvents,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { signal } from "./support.ts";

const READ_SIZE = 65536;

/** A peer on a simulated host. */
export class SimPeer implements Peer, SocketEvents {
  readonly chunks: Uint8Array[] = [];
  received = 0;
  readonly ended: Promise<void>;
  readonly closed: Promise<void>;

  readonly #eventually: Environment["eventually"];
  readonly #endedSignal = signal();
  readonly #closedSignal = signal();
  #socket: Socket | undefined = undefined;
  /** The chunks still to send, of which the first bytes are sent. */
  readonly #toSend: Uint8Array[] = [];
  #position = 0;
  #isBorrowed = false;
  #isEnding = false;
  #isShutDown = false;

  protected constructor(eventually: Environment["eventually"]) {
    this.#eventually = eventually;
    this.ended = this.#endedSignal.promise;
    this.closed = this.#closedSignal.promise;
  }

  /**
   * Connects to `address`. Resolves when it is connected, even if it is closed
   * at once.
   */
  static connect(
    adapter: Adapter,
    address: Address,
    eventually: Environment["eventually"],
  ): Promise<SimPeer> {
    const peer = new SimPeer(eventually);
    return peer.open(adapter, address).then(() => peer);
  }

  /**
   * Connects to `address`. Resolves when it is connected, even if it is closed
   * at once.
   */
  protected open(adapter: Adapter, address: Address): Promise<void> {
    return new Promise((resolve) => {
      adapter.connect({ address: address as ConnectAddress }, {
        onConnect: (socket) => {
          this.#socket = socket;
          socket.start(this);
          resolve();
        },
        onConnectError: () => {
          this.onClose();
          resolve();
        },
      });
    });
  }

  write(...bytes: number[]): void {
    this.send(Uint8Array.from(bytes));
  }

  send(bytes: Uint8Array): void {
    this.#toSend.push(bytes);
    this.#flush();
  }

  end(): void {
    this.#isEnding = true;
    this.#flush();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  has(count: number): Promise<void> {
    return this.#eventually(
      () => this.received >= count,
      `${count} bytes are in`,
    );
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(READ_SIZE);
  }

  onData(buffer: Uint8Array, length: number): void {
    this.chunks.push(buffer.slice(0, length));
    this.received += length;
  }

  onWritable(): void {
    if (this.#isBorrowed) {
      this.#isBorrowed = false;
      this.#sendNext();
    }
    this.#flush();
  }

  onEnd(): void {
    this.#endedSignal.resolve();
  }

  onClose(): void {
    this.#socket = undefined;
    this.#closedSignal.resolve();
  }

  #flush(): void {
    while (!this.#isBorrowed && this.#toSend.length > 0) {
      const [bytes] = this.#toSend;
      const taken = this.#socket?.write(bytes, this.#position, bytes.length) ??
        0;
      this.#isBorrowed = taken === BORROWED;
      if (this.#isBorrowed) return;
      this.#position += taken;
      if (this.#position < bytes.length) return;
      this.#sendNext();
    }
    if (!this.#isEnding || this.#isBorrowed || this.#isShutDown) return;
    this.#isShutDown = true;
    this.#socket?.shutdownWrite();
  }

  #sendNext(): void {
    this.#toSend.shift();
    this.#position = 0;
  }
}
