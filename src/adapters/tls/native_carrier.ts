/**
 * What TLS is spoken over on Node where nothing lies between it and a socket of
 * `node:net`: what comes in is decrypted, and what is said is written, before
 * JavaScript hears of it.
 *
 * Then nobody but TLS is told of an end, and its own and that of the connection
 * are told alike. But libuv stops reading at the end of a connection only, and
 * refuses to begin what goes on: so it is asked to begin, when an end is told.
 *
 * @module
 */

import type { SocketFailure } from "../../contract/failure.ts";
import type { Socket, SocketEvents } from "../../contract/socket.ts";
import { failureOf } from "../failure_kinds.ts";
import type { NetSocket } from "../node_net.ts";
import { nativeRecordLayer } from "./native_record_layer.ts";
import { hasTlsHandles } from "./node_tls_handle.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";
import type { CarrierOwner } from "./carrier.ts";
import type { TlsCarrier } from "./tls_carrier.ts";

/** A socket that may have a stream of `node:net` which TLS can speak over. */
export interface StreamedSocket extends Socket {
  /** Undefined where it would not know whether it is at its end. */
  readonly stream: NetSocket | undefined;
  /** True if it was being read, and has ended. To be asked once for each end that TLS tells of. */
  readonly isAtEnd: boolean;
  /** What its end really was, if that was none, as far as it can be told. To be asked once, at its end. */
  readonly errorAtEnd: Error | undefined;
  /** How much was written, TLS included. */
  readonly bytesWritten: number;
  /** TLS shuts it down by itself. */
  onShutDown(): void;
}

/** The socket of `node:net` that `socket` is, or stands for; undefined where TLS has to speak over a stream that is made of it. */
export function streamedSocketOf(socket: Socket): StreamedSocket | undefined {
  const streamed = (socket.under ?? socket) as Partial<StreamedSocket>;
  const isIt = streamed.onShutDown !== undefined &&
    streamed.stream !== undefined && hasTlsHandles();
  return isIt ? streamed as StreamedSocket : undefined;
}

const FIRST_READ = 4096;

/** The socket below TLS, whose end and whose close are all that it tells. */
export class NativeCarrier implements TlsCarrier, SocketEvents {
  readonly stream: NetSocket;
  readonly isInsideTls = true;
  /** What TLS has said to be written the system has. */
  readonly isDrained = true;
  readonly #socket: Socket;
  /** How much of what was written is not of TLS. */
  readonly #writtenBefore: number;
  readonly #streamed: StreamedSocket;
  readonly #owner: CarrierOwner;
  /** Has TLS begin; undefined once it has. */
  #speak: (() => void) | undefined = undefined;
  #isShutDown = false;

  /** `streamed` is that of `socket`. */
  constructor(socket: Socket, streamed: StreamedSocket, owner: CarrierOwner) {
    this.#socket = socket;
    this.#streamed = streamed;
    this.#writtenBefore = streamed.bytesWritten;
    this.#owner = owner;
    this.stream = streamed.stream as NetSocket;
  }

  beginTls(received: Uint8Array | undefined, speak: () => void): void {
    this.#speak = speak;
    this.#socket.start(this);
    this.#socket.resume();
    if (received !== undefined) this.onData(received, received.length);
    // Else what it has read already comes first.
    else if (this.#socket.under === undefined) this.#begin();
  }

  #begin(): void {
    const speak = this.#speak;
    this.#speak = undefined;
    // Else an end in the middle of the handshake is told to nobody.
    this.stream.allowHalfOpen = false;
    speak?.();
  }

  writeFirst(bytes: Uint8Array): void {
    if (this.#streamed.bytesWritten > this.#writtenBefore) return;
    this.#streamed.write(bytes, 0, bytes.length);
  }

  /** The connection ends, unless it does already. */
  end(): void {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    this.#socket.shutdownWrite();
  }

  onTlsShutdown(): void {
    this.#isShutDown = true;
    this.#streamed.onShutDown();
  }

  onceDrained(callback: () => void): void {
    callback();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  abort(): void {
    this.#socket.destroy();
  }

  recordLayer(
    native: NativeTlsSocket,
    events: RecordLayerEvents,
  ): RecordLayer | undefined {
    return nativeRecordLayer(native, events, () => {
      if (!this.#streamed.isAtEnd) return;
      const error = this.#streamed.errorAtEnd;
      this.#owner.onCarrierEnd(error && failureOf(error));
    });
  }

  // What the socket tells. It reads for TLS as soon as that is there.

  readBuffer(): Uint8Array {
    return new Uint8Array(FIRST_READ);
  }

  /** TLS takes what is in the stream before it reads. */
  onData(buffer: Uint8Array, length: number): void {
    this.stream.unshift(buffer.slice(0, length));
    this.#begin();
  }

  onWritable(): void {}

  onEnd(): void {
    this.#owner.onCarrierEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.#owner.onCarrierClose(failure);
  }
}
