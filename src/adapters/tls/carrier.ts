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

/** Who hears of what a {@linkcode Carrier} carries. */
export interface CarrierOwner {
  /** The peer has ended the connection below TLS, or has reset it, as `failure` says; what was read before was passed on. */
  onCarrierEnd(failure?: SocketFailure): void;
  /** The connection is gone. */
  onCarrierClose(failure?: SocketFailure): void;
  /** Whoever speaks over the stream has destroyed it; left out where that means nothing. */
  onStreamDestroyed?(): void;
}

/** Reads go into so much at first, four times as much while they fill it, and never more than that. */
const FIRST_READ = 4096;
const LONGEST_READ = 2 * 65536;

/** So many that fill less than a quarter have them go into less again: the rest of a message may be short. */
const SHORT_READS = 8;

/**
 * The stream that `node:tls` is to speak over, made of any socket: so TLS is the
 * same over sockets of every kind, and it is known when the connection ends
 * below it, which `node:tls` takes for an end of what is said in TLS. WebSockets
 * speak over one as well.
 */
export class Carrier implements SocketEvents {
  /** For `node:tls`, or whatever else speaks over one. */
  readonly stream: DuplexStream;
  /** How many bytes have come in. */
  bytesRead = 0;
  readonly #socket: Socket;
  readonly #owner: CarrierOwner;
  readonly #destroy: () => DuplexStream;
  /** What is pushed into the stream may be kept there. */
  readonly #isKept: boolean;
  #readSize = FIRST_READ;
  #shortReads = 0;
  #readBuffer = EMPTY;
  #isPaused = false;
  /** What is being written, from `#outStart` on; undefined if nothing is. */
  #out: Uint8Array | undefined = undefined;
  #outStart = 0;
  #onTaken: () => void = () => {};
  #hasWritten = false;
  #isEnding = false;
  #isShutDown = false;
  #isClosed = false;
  #onDrained: (() => void) | undefined = undefined;

  /** Nothing is read before {@linkcode begin}. A `Direct` stream keeps nothing that is pushed into it. */
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
    // TLS that is done destroys it, and what it has said last may wait in there.
    this.#destroy = this.stream.destroy;
    this.stream.destroy = () => {
      owner.onStreamDestroyed?.();
      return this.stream;
    };
  }

  /** Passes `received` on, which was read already, and goes on reading. */
  begin(received: Uint8Array | undefined): void {
    if (received !== undefined) this.#pass(received);
    this.#socket.start(this);
    this.#socket.resume();
  }

  /** Writes `bytes` if nothing was written yet. */
  writeFirst(bytes: Uint8Array): void {
    if (!this.#hasWritten) this.#write(bytes, () => {});
  }

  /** The connection below ends, as soon as what was written is out. */
  end(): void {
    this.#isEnding = true;
    this.#endIfWritten();
  }

  /** True if all that was written is out. */
  get isDrained(): boolean {
    return this.#out === undefined;
  }

  /** Calls back when all that was written is out, or the connection is gone. */
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
      this.#readSize = Math.min(4 * this.#readSize, LONGEST_READ);
    } else if (this.#shortReads === SHORT_READS) {
      this.#readSize = Math.max(this.#readSize / 4, FIRST_READ);
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
    // It may have been given more to write meanwhile.
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
