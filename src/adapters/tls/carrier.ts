import {
  BORROWED,
  type Socket,
  type SocketEvents,
} from "../../contract/socket.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import { EMPTY } from "../../util/empty.ts";
import { concatBytes } from "../../util/concat_bytes.ts";
import {
  type DuplexStream,
  loadTls,
  type NodeStream,
} from "./node_tls_types.ts";
import { CARRIER_READ_SIZE, CARRIER_READS_TO_SHRINK } from "../../tuning.ts";

/** The callbacks of a {@linkcode Carrier}. */
export interface CarrierOwner {
  /**
   * The peer has sent FIN below TLS, or reset the connection, as `failure`
   * says. All data read before was passed on.
   */
  onCarrierEnd(failure?: SocketFailure): void;
  /** The connection is closed. */
  onCarrierClose(failure?: SocketFailure): void;
  /**
   * The protocol above has destroyed the stream. Omitted by owners that ignore
   * this.
   */
  onStreamDestroyed?(): void;
}

/**
 * A stream over any socket, for `node:tls` to speak over.
 *
 * TLS then behaves the same over every kind of socket, and an end of the
 * connection below TLS is visible; `node:tls` alone would report it like a
 * close_notify. WebSockets use a carrier as well.
 */
export class Carrier implements SocketEvents {
  /** For `node:tls`, or another protocol on top. */
  readonly stream: DuplexStream;
  /** Bytes read so far. */
  bytesRead = 0;
  readonly #socket: Socket;
  readonly #owner: CarrierOwner;
  readonly #destroy: () => DuplexStream;
  /** True if the stream may retain what is pushed into it. */
  readonly #isKept: boolean;
  #readSize: number = CARRIER_READ_SIZE.smallest;
  #shortReads = 0;
  #readBuffer = EMPTY;
  #isPaused = false;
  /**
   * The bytes being written, those before `#outStart` already out; undefined if
   * there are none.
   */
  #out: Uint8Array | undefined = undefined;
  #outStart = 0;
  #onTaken: () => void = () => {};
  #hasWritten = false;
  #isEnding = false;
  #isShutDown = false;
  #isClosed = false;
  #onDrained: (() => void) | undefined = undefined;

  /**
   * Reads nothing before {@linkcode begin}. A `Direct` stream does not retain
   * what is pushed into it, so the carrier reuses its read buffer.
   */
  constructor(
    socket: Socket,
    owner: CarrierOwner,
    Direct?: NodeStream["Duplex"],
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#isKept = Direct === undefined;
    this.stream = new (Direct ?? loadTls().stream.Duplex)({
      allowHalfOpen: true,
      autoDestroy: false,
      read: () => this.#readOn(),
      write: (chunk, _encoding, done) => this.#write(chunk, done),
      writev: (chunks, done) =>
        this.#write(concatBytes(...chunks.map(({ chunk }) => chunk)), done),
    });
    this.stream.on("error", () => {});
    // TLS destroys the stream when it is done, but its last records may still
    // be queued here: the stream is destroyed with the connection.
    this.#destroy = this.stream.destroy;
    this.stream.destroy = () => {
      owner.onStreamDestroyed?.();
      return this.stream;
    };
  }

  /** Passes on `received`, which was read before, and starts reading. */
  begin(received: Uint8Array | undefined): void {
    if (received !== undefined) this.#pass(received);
    this.#socket.start(this);
    this.#socket.resume();
  }

  /** Writes `bytes`, unless something was written before. */
  writeFirst(bytes: Uint8Array): void {
    if (!this.#hasWritten) this.#write(bytes, () => {});
  }

  /** Sends FIN after all written bytes. */
  end(): void {
    this.#isEnding = true;
    this.#endIfWritten();
  }

  /** True if all written bytes are out. */
  get isDrained(): boolean {
    return this.#out === undefined;
  }

  /** Calls back once all written bytes are out, or the connection is closed. */
  onceDrained(callback: () => void): void {
    if (this.#out === undefined) callback();
    else this.#onDrained = callback;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  readBuffer(): Uint8Array {
    const isThere = !this.#isKept && this.#readBuffer.length === this.#readSize;
    return isThere
      ? this.#readBuffer
      : this.#readBuffer = new Uint8Array(this.#readSize);
  }

  onData(buffer: Uint8Array, length: number): void {
    this.bytesRead += length;
    const isOwn = buffer === this.#readBuffer;
    if (isOwn) this.#fitReads(length);
    const bytes = buffer.subarray(0, length);
    this.#pass(isOwn || !this.#isKept ? bytes : bytes.slice());
  }

  onWritable(): void {
    if (this.#out === undefined) return;
    if (this.#outStart === this.#out.length) this.#endWrite();
    else this.#writeOn();
  }

  onEnd(): void {
    this.#owner.onCarrierEnd();
    this.stream.push(null);
  }

  onClose(failure?: SocketFailure): void {
    this.#isClosed = true;
    this.#drained();
    this.#owner.onCarrierClose(failure);
    this.#destroy.call(this.stream);
  }

  #fitReads(length: number): void {
    this.#shortReads = 4 * length < this.#readSize ? this.#shortReads + 1 : 0;
    if (length === this.#readSize) {
      this.#readSize = Math.min(4 * this.#readSize, CARRIER_READ_SIZE.largest);
    } else if (this.#shortReads === CARRIER_READS_TO_SHRINK) {
      this.#readSize = Math.max(this.#readSize / 4, CARRIER_READ_SIZE.smallest);
      this.#shortReads = 0;
    }
  }

  #pass(bytes: Uint8Array): void {
    if (!this.stream.push(bytes) && !this.#isPaused) this.#socket.pause();
  }

  #readOn(): void {
    if (!this.#isPaused && !this.#isClosed) this.#socket.resume();
  }

  #write(bytes: Uint8Array, onTaken: () => void): void {
    if (this.#isClosed) return;
    this.#hasWritten = true;
    this.#out = bytes;
    this.#outStart = 0;
    this.#onTaken = onTaken;
    this.#writeOn();
  }

  #writeOn(): void {
    const out = this.#out as Uint8Array;
    const taken = this.#socket.write(out, this.#outStart, out.length);
    if (taken === BORROWED) {
      this.#outStart = out.length;
      return;
    }
    this.#outStart += taken;
    if (this.#outStart === out.length) this.#endWrite();
  }

  #endWrite(): void {
    this.#out = undefined;
    this.#onTaken();
    // The callback may have written more.
    if (this.#out !== undefined) return;
    this.#drained();
    this.#endIfWritten();
  }

  #drained(): void {
    const callback = this.#onDrained;
    this.#onDrained = undefined;
    callback?.();
  }

  #endIfWritten(): void {
    if (!this.#isEnding || this.#isShutDown || this.#isClosed) return;
    if (this.#out !== undefined) return;
    this.#isShutDown = true;
    this.#socket.shutdownWrite();
  }
}
