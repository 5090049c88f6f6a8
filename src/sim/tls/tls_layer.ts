import type { SocketFailure } from "../../contract/failure.ts";
import type { Socket, SocketEvents } from "../../contract/socket.ts";
import type { Process } from "../process.ts";
import { SimSocket } from "../sim_socket.ts";
import { NoRecordError, RecordReader, type TlsRecord } from "./records.ts";
import { RecordWriter } from "./record_writer.ts";

/** What a {@linkcode TlsLayer} reports to: first the handshake, then the connection in TLS. */
export interface LayerOwner {
  onRecord(record: TlsRecord): void;
  /** What comes in is not TLS. */
  onNoRecord(error: Error): void;
  /** Everything that has come in so far was reported. */
  onRead(): void;
  /** More can be sent. */
  onSent(): void;
  /** The peer has ended the connection below TLS. */
  onLayerEnd(): void;
  /** The connection below is gone. */
  onLayerClose(failure?: SocketFailure): void;
}

const READ_SIZE = 16384;

/** The records of a connection, over a socket of any kind. */
export class TlsLayer implements SocketEvents {
  owner!: LayerOwner;
  readonly socket: Socket;
  readonly process: Process;
  readonly writer: RecordWriter;
  readonly #reader = new RecordReader();
  readonly #readBuffer = new Uint8Array(READ_SIZE);

  constructor(process: Process, socket: Socket) {
    this.process = process;
    this.socket = socket;
    this.writer = new RecordWriter(socket);
  }

  /** Begins to read; `received` was read before. */
  begin(owner: LayerOwner, received: Uint8Array | undefined): void {
    this.owner = owner;
    this.socket.setOptions({ noDelay: true });
    this.socket.start(this);
    this.socket.resume();
    if (received === undefined) return;
    this.#reader.append(received);
    this.process.schedule(() => this.#reportRecords());
  }

  /** Destroys the connection below; nothing more is reported. */
  abandon(): void {
    this.socket.destroy();
    this.#simulated?.abandon();
  }

  /** Adds a line to the trace, at the connection if that is known. */
  addToTrace(what: string): void {
    (this.#simulated ?? this.process).addToTrace(what);
  }

  /** The simulated socket at the bottom, if there is one. */
  get #simulated(): SimSocket | undefined {
    let { socket } = this;
    while (socket.under !== undefined) socket = socket.under;
    return socket instanceof SimSocket ? socket : undefined;
  }

  readBuffer(): Uint8Array {
    return this.#readBuffer;
  }

  onData(buffer: Uint8Array, length: number): void {
    this.#reader.append(buffer.subarray(0, length));
    this.#reportRecords();
  }

  onWritable(): void {
    this.writer.onWritable();
    this.owner.onSent();
  }

  onEnd(): void {
    this.owner.onLayerEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.owner.onLayerClose(failure);
  }

  /** Reports all complete records; the owner may change meanwhile. */
  #reportRecords(): void {
    for (;;) {
      let record: TlsRecord | undefined;
      try {
        record = this.#reader.next();
      } catch (error) {
        if (!(error instanceof NoRecordError)) throw error;
        return this.owner.onNoRecord(error);
      }
      if (record === undefined) return this.owner.onRead();
      this.owner.onRecord(record);
    }
  }
}
