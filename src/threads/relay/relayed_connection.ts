import type { Socket, SocketEvents } from "../../contract/socket.ts";
import { SocketFailure } from "../../contract/failure.ts";
import type { BufferPool } from "../../io/buffer_pool.ts";
import {
  OutboundBuffer,
  type OutboundHost,
  type OutboundSettings,
} from "../../io/outbound_buffer.ts";
import { ReadBuffer } from "../../io/read_buffer.ts";
import {
  bytesToTransfer,
  costOf,
  type MessageToAcceptor,
  type MessageToWorker,
  RelayKind,
} from "./protocol.ts";
import { RELAY_WINDOW } from "../../tuning.ts";

/** What a {@linkcode RelayedConnection} asks of the channel to its worker. */
export interface RelayedConnectionHost {
  readonly pool: BufferPool;
  post(message: MessageToWorker, transferList?: readonly ArrayBuffer[]): void;
  /** All that the worker has sent for the connection is written. */
  onWritten(id: number): void;
  /** The connection is gone. */
  remove(id: number): void;
}

/** A worker sends one write at a time. */
const SENDER_SETTINGS: OutboundSettings = {
  maxSendQueue: Infinity,
  sendQueueOverflow: "reject",
  sendHighWaterMark: RELAY_WINDOW,
};

/** Every send is flushed at once and has no completion. */
const SENDER_HOST: OutboundHost = {
  onSendPending() {},
  onHighWaterMark() {},
  onSendFailed() {},
  onCompletionThrew() {},
  defer() {},
};

/** The acceptor's end of a connection: passes on what its socket reports and what its worker asks. */
export class RelayedConnection implements SocketEvents {
  readonly #id: number;
  readonly #socket: Socket;
  readonly #host: RelayedConnectionHost;
  readonly #sender: OutboundBuffer;
  /** Made when a socket first asks for it. */
  #readBuffer: ReadBuffer | undefined = undefined;
  /** How much of the window is used by bytes on their way to the worker, or held there. */
  #inFlight = 0;
  /** The worker waits until its bytes are written. */
  #isWriting = false;
  #isEnding = false;
  #finSent = false;
  #peerEnded = false;

  /** Starts `socket`, which was just accepted. */
  constructor(id: number, socket: Socket, host: RelayedConnectionHost) {
    this.#id = id;
    this.#socket = socket;
    this.#host = host;
    this.#sender = new OutboundBuffer(
      socket,
      host.pool,
      SENDER_SETTINGS,
      SENDER_HOST,
    );
    host.post([RelayKind.Open, id, socket.localAddress, socket.remoteAddress]);
    socket.start(this);
  }

  /** Does what the worker asks. */
  receive(message: MessageToAcceptor): void {
    switch (message[0]) {
      case RelayKind.Data:
        this.#isWriting = true;
        this.#sender.sendOrQueue(new Uint8Array(message[2]));
        this.#sender.flush();
        return this.#afterWrite();
      case RelayKind.Credit:
        return this.#takeCredit(message[2]);
      case RelayKind.End:
        this.#isEnding = true;
        return this.#afterWrite();
      case RelayKind.Destroy:
        return this.destroy();
      case RelayKind.Options:
        return this.#socket.setOptions(message[2]);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readBuffer(): Uint8Array {
    return (this.#readBuffer ??= new ReadBuffer(this.#host.pool)).bytes;
  }

  onData(buffer: Uint8Array, length: number): void {
    this.#readBuffer?.fit(length);
    const bytes = bytesToTransfer(buffer, 0, length);
    this.#inFlight += costOf(bytes);
    if (this.#inFlight >= RELAY_WINDOW) this.#socket.pause();
    this.#host.post([RelayKind.Data, this.#id, bytes], [bytes]);
  }

  onWritable(): void {
    this.#sender.onWritable();
    this.#sender.flush();
    this.#afterWrite();
  }

  onEnd(): void {
    this.#peerEnded = true;
    this.#host.post([RelayKind.End, this.#id]);
  }

  onClose(failure = this.#failure): void {
    this.#host.post(
      failure === undefined
        ? [RelayKind.Closed, this.#id]
        : [RelayKind.Closed, this.#id, failure.kind, failure.message],
    );
    this.#host.remove(this.#id);
  }

  /** The failure if the socket reports none: somebody destroyed it, unless both ends sent FIN. */
  get #failure(): SocketFailure | undefined {
    return this.#finSent && this.#peerEnded
      ? undefined
      : new SocketFailure("reset", "the relay destroyed it");
  }

  #takeCredit(count: number): void {
    const wasFull = this.#inFlight >= RELAY_WINDOW;
    this.#inFlight -= count;
    if (wasFull && this.#inFlight < RELAY_WINDOW) this.#socket.resume();
  }

  #afterWrite(): void {
    if (this.#sender.bytesQueued > 0) return;
    if (this.#isWriting) {
      this.#isWriting = false;
      this.#host.onWritten(this.#id);
    }
    if (!this.#isEnding || this.#finSent) return;
    this.#finSent = true;
    this.#socket.shutdownWrite();
  }
}
