/**
 * Carries TLS on Node directly over a socket of `node:net`: the native handle
 * decrypts what it reads, and writes its records, without passing through
 * JavaScript.
 *
 * Only TLS is then notified of EOF, and it reports a close_notify and a FIN
 * alike. To tell them apart, the carrier asks libuv to start reading at each
 * EOF: libuv stops by itself only at a FIN, and otherwise refuses, because the
 * handle is already reading.
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
import { CARRIER_READ_SIZE } from "../../tuning.ts";

/** A socket that may expose a `node:net` socket for TLS to use directly. */
export interface StreamedSocket extends Socket {
  /** Undefined if `isAtEnd` could not work on this runtime. */
  readonly stream: NetSocket | undefined;
  /**
   * True if the socket was reading, and has reached EOF. Ask once for each EOF
   * that TLS reports.
   */
  readonly isAtEnd: boolean;
  /**
   * The error behind an EOF that was really a failure, as far as the system
   * tells. Ask once, at EOF.
   */
  readonly errorAtEnd: Error | undefined;
  /** Bytes written so far, including those of TLS. */
  readonly bytesWritten: number;
  /** Called after TLS has shut the connection down by itself. */
  onShutDown(): void;
}

/**
 * The socket of `node:net` that `socket` is, or stands for; undefined if TLS
 * has to go through a {@linkcode StreamCarrier}.
 */
export function streamedSocketOf(socket: Socket): StreamedSocket | undefined {
  const streamed = (socket.under ?? socket) as Partial<StreamedSocket>;
  const isIt = streamed.onShutDown !== undefined &&
    streamed.stream !== undefined && hasTlsHandles();
  return isIt ? streamed as StreamedSocket : undefined;
}

/** The socket below TLS. Its only events are EOF and close. */
export class NativeCarrier implements TlsCarrier, SocketEvents {
  readonly stream: NetSocket;
  readonly plainAlert = undefined;
  readonly isFinished = false;
  readonly isInsideTls = true;
  /** Whatever TLS reports as written, the system already has. */
  readonly isDrained = true;
  readonly #socket: Socket;
  /** Bytes that were written before TLS began. */
  readonly #writtenBefore: number;
  readonly #streamed: StreamedSocket;
  readonly #owner: CarrierOwner;
  /** Starts TLS; undefined once it has started. */
  #createTls: (() => void) | undefined = undefined;
  #isShutDown = false;

  /** `streamed` is what {@linkcode streamedSocketOf} returned for `socket`. */
  constructor(socket: Socket, streamed: StreamedSocket, owner: CarrierOwner) {
    this.#socket = socket;
    this.#streamed = streamed;
    this.#writtenBefore = streamed.bytesWritten;
    this.#owner = owner;
    this.stream = streamed.stream as NetSocket;
  }

  beginTls(received: Uint8Array | undefined, createTls: () => void): void {
    this.#createTls = createTls;
    this.#socket.start(this);
    this.#socket.resume();
    if (received !== undefined) this.onData(received, received.length);
    // Otherwise bytes that were read before arrive first, through `onData`.
    else if (this.#socket.under === undefined) this.#begin();
  }

  #begin(): void {
    const createTls = this.#createTls;
    this.#createTls = undefined;
    // Otherwise an EOF during the handshake is never reported.
    this.stream.allowHalfOpen = false;
    createTls?.();
  }

  writeFirst(bytes: Uint8Array): void {
    if (this.#streamed.bytesWritten > this.#writtenBefore) return;
    this.#streamed.write(bytes, 0, bytes.length);
  }

  /** Sends FIN, unless TLS has shut the connection down already. */
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

  // Events of the socket. They come only until TLS takes over its handle.

  readBuffer(): Uint8Array {
    return new Uint8Array(CARRIER_READ_SIZE.smallest);
  }

  /** TLS reads the bytes in the stream before it reads from the handle. */
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
