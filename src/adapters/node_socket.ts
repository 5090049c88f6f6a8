import type { SocketAddress } from "../contract/address.ts";
import {
  BORROWED,
  type KeepAliveTimes,
  type SocketEvents,
  type SocketOptions,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { failureOf } from "./failure_kinds.ts";
import { attempt } from "./host_calls.ts";
import type { SocketHandle } from "./node_handles.ts";
import { loadNet, type NetSocket, type SocketClass } from "./node_net.ts";
import {
  errorAtEnd,
  isAtEnd,
  isSocketHandle,
  peerAddressOf,
  refusesReads,
  sharingSocket,
} from "./node_reads.ts";
import { type OptionSetters, setEach } from "./socket_options.ts";
import { errorOfWrite, writeDirectly, type Writer } from "./node_writes.ts";
import type { StreamedSocket } from "./tls/native_carrier.ts";
import {
  type AddressHint,
  isUnix,
  queriedAddress,
  reportedAddress,
} from "./host_addresses.ts";

/** Node ignores the times if probes are off. */
const OFF: KeepAliveTimes = { idleMs: 0, intervalMs: 0, count: 0 };

/** The key under which a socket of Node refers to its `NodeSocket`. */
const OWNER = Symbol("NodeSocket");

interface OwnedSocket extends NetSocket {
  [OWNER]: NodeSocket;
}

/** A socket of `node:net`. */
export class NodeSocket implements StreamedSocket, OptionSetters, Writer {
  /**
   * Read early: messages contain it, and a socket that was reset does not know
   * it any more.
   */
  readonly remoteAddress: SocketAddress;
  #localAddress: SocketAddress | undefined;
  readonly #native: OwnedSocket;
  /** Set if reads go into the shared buffer, and writes bypass the stream. */
  readonly #handle: SocketHandle | undefined;
  /** The address that was listened on or connected to. */
  readonly #hint: AddressHint;
  #events: SocketEvents | undefined;
  #failure: SocketFailure | undefined;
  #isBorrowing = false;
  #isShutDown = false;
  #isDestroyed = false;
  #isClosed = false;
  #isPaused = false;
  /**
   * EOF has arrived while reading was paused: Node emits "end" even then, if
   * all bytes were read.
   */
  #isEndHeld = false;
  /**
   * "close" has arrived before the held EOF was delivered. Bun emits it once
   * both FINs have passed, even if data is still to be processed.
   */
  #isCloseHeld = false;

  /**
   * For a connection from which nothing was read yet. `hint` completes its
   * addresses. May throw.
   */
  constructor(source: SocketHandle | NetSocket, hint: AddressHint) {
    const isHandle = isSocketHandle(source);
    const native = isHandle
      ? sharingSocket(
        loadNet().Socket as SocketClass<OwnedSocket>,
        source,
        NodeSocket.#onShared,
      )
      : source as OwnedSocket;
    native[OWNER] = this;
    native.on("error", NodeSocket.#onError);
    this.#native = native;
    this.#hint = hint;
    this.#handle = isHandle ? source : undefined;
    this.remoteAddress = isHandle
      ? queriedAddress(() => peerAddressOf(source), hint, "remote")
      : reportedAddress(native, hint, "remote");
  }

  get localAddress(): SocketAddress {
    return this.#localAddress ??= reportedAddress(
      this.#native,
      this.#hint,
      "local",
    );
  }

  get borrowsWrites(): boolean {
    return true;
  }

  // For TLS directly on the handle.

  get stream(): NetSocket | undefined {
    const handle = this.#handle;
    return handle !== undefined && refusesReads(handle)
      ? this.#native
      : undefined;
  }

  get isAtEnd(): boolean {
    return this.#handle !== undefined && isAtEnd(this.#handle);
  }

  get bytesWritten(): number {
    return this.#handle?.bytesWritten ?? 0;
  }

  onShutDown(): void {
    this.#isShutDown = true;
  }

  // The socket, as the core uses it.

  start(events: SocketEvents): void {
    const isFirst = this.#events === undefined;
    this.#events = events;
    if (!isFirst) return;
    const native = this.#native;
    if (this.#handle === undefined) native.on("data", NodeSocket.#onData);
    native.on("end", NodeSocket.#onEnd);
    native.on("close", NodeSocket.#onClose);
    this.#readOn();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#native.destroyed) return 0;
    const bytes = buffer.subarray(start, end);
    try {
      const handle = this.#handle;
      const isOut = handle && writeDirectly(handle, bytes, this);
      if (isOut ?? this.#writeToStream(bytes)) return end - start;
    } catch (error) {
      this.#abandon(error);
      return 0;
    }
    this.#isBorrowing = true;
    return BORROWED;
  }

  pause(): void {
    this.#isPaused = true;
    const handle = this.#handle;
    if (this.#native.destroyed || handle?.reading === false) return;
    try {
      if (handle === undefined) return this.#native.pause();
      handle.reading = false;
      handle.readStop();
    } catch (error) {
      this.#abandon(error);
    }
  }

  resume(): void {
    this.#isPaused = false;
    outsideAsyncContext(() => this.#readOn());
    if (this.#isEndHeld) inMicrotask(() => this.#deliverEnd());
  }

  shutdownWrite(): void {
    this.#isShutDown = true;
    try {
      outsideAsyncContext(() => this.#native.end());
    } catch (error) {
      this.#abandon(error);
    }
  }

  destroy(): void {
    this.#isDestroyed = true;
    if (this.#isCloseHeld) inMicrotask(() => this.#close());
    try {
      // libuv cannot reset after a shutdown, and Node then never emits "close";
      // Unix sockets have no resets.
      const cannotReset = this.#isShutDown || isUnix(this.#hint);
      outsideAsyncContext(() =>
        cannotReset ? this.#native.destroy() : this.#native.resetAndDestroy()
      );
    } catch (error) {
      this.#abandon(error);
    }
  }

  setOptions(options: SocketOptions): void {
    setEach(this, options);
  }

  noDelay(on: boolean): void {
    this.#native.setNoDelay(on);
  }

  keepAlive(times: KeepAliveTimes | false): void {
    const { idleMs, intervalMs, count } = times || OFF;
    this.#native.setKeepAlive(times !== false, idleMs, intervalMs, count);
  }

  // Listeners for events of Node. They are static, since closures for each
  // socket would take more memory than the socket itself; `this` is the socket
  // of Node.

  static #onShared(
    this: OwnedSocket,
    length: number,
    buffer: Uint8Array,
  ): void {
    this[OWNER].#events?.onData(buffer, length);
  }

  static #onData(this: OwnedSocket, chunk: Uint8Array): void {
    this[OWNER].#events?.onData(chunk, chunk.length);
  }

  static #onEnd(this: OwnedSocket): void {
    const socket = this[OWNER];
    const error = socket.errorAtEnd;
    if (error === undefined) socket.#receiveEnd();
    else socket.#abandon(error);
  }

  static #onError(this: OwnedSocket, error: Error): void {
    this[OWNER].#failure ??= failureOf(error);
  }

  static #onClose(this: OwnedSocket): void {
    this[OWNER].#close();
  }

  get errorAtEnd(): Error | undefined {
    return this.#handle && errorAtEnd(this.#handle);
  }

  #receiveEnd(): void {
    if (this.#isPaused) this.#isEndHeld = true;
    else this.#events?.onEnd();
  }

  /** A write that bypassed the stream has completed. */
  onWritten(status: number): void {
    if (this.#native.destroyed) return;
    if (status !== 0) this.#abandon(errorOfWrite(status));
    else this.#endBorrowing();
  }

  /**
   * Starts the handle directly: `resume` of Node would read in the next tick,
   * even if reading is paused again by then.
   */
  #readOn(): void {
    const handle = this.#handle;
    if (this.#native.destroyed || handle?.reading === true) return;
    try {
      if (handle === undefined) return void this.#native.resume();
      handle.reading = true;
      if (handle.readStart() !== 0) this.#native.destroy();
    } catch (error) {
      this.#abandon(error);
    }
  }

  /** True if `bytes` are out; otherwise they are borrowed. */
  #writeToStream(bytes: Uint8Array): boolean {
    const native = this.#native;
    let isOut = false;
    outsideAsyncContext(() =>
      native.write(bytes, (error) => {
        // One that was out at once may have been followed by others.
        if (!isOut && !error && !native.destroyed) this.#endBorrowing();
      })
    );
    return isOut = native.writableLength === 0;
  }

  #endBorrowing(): void {
    if (!this.#isBorrowing) return;
    this.#isBorrowing = false;
    this.#events?.onWritable();
  }

  /** Closes the socket after a call of the runtime threw `error`. */
  #abandon(error: unknown): void {
    this.#failure ??= failureOf(error);
    try {
      outsideAsyncContext(() => this.#native.destroy());
    } catch {
      inMicrotask(() => this.#close());
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    const isInGoodOrder = this.#isShutDown && !this.#isDestroyed &&
      this.#failure === undefined;
    if (isInGoodOrder && this.#isEndHeld) {
      this.#isCloseHeld = true;
      return;
    }
    this.#isClosed = true;
    this.#events?.onClose(this.#failure);
  }

  #deliverEnd(): void {
    if (this.#isPaused || !this.#isEndHeld || this.#isClosed) return;
    this.#isEndHeld = false;
    this.#events?.onEnd();
    if (this.#isCloseHeld) inMicrotask(() => this.#close());
  }
}

function inMicrotask(callback: () => void): void {
  outsideAsyncContext(queueMicrotask, callback);
}

/**
 * Makes a socket of `source`. If that throws, closes `source` and returns the
 * failure.
 */
export function socketOf(
  source: SocketHandle | NetSocket,
  hint: AddressHint,
): NodeSocket | SocketFailure {
  try {
    return new NodeSocket(source, hint);
  } catch (error) {
    attempt(() => isSocketHandle(source) ? source.close() : source.destroy());
    return failureOf(error);
  }
}
