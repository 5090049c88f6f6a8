import type { SocketAddress } from "../contract/address.ts";
import {
  BORROWED,
  type KeepAliveTimes,
  type SocketEvents,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { inNobodysContext } from "./async_context.ts";
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
import { errorOfWrite, writeDirectly, type Writer } from "./node_writes.ts";
import type { StreamedSocket } from "./tls/native_carrier.ts";
import {
  askAddress,
  type Asked,
  isUnix,
  toldAddress,
} from "./host_addresses.ts";

/** Nothing is looked at where there are no probes. */
const OFF: KeepAliveTimes = { idleMs: 0, intervalMs: 0, count: 0 };

/** Of a socket of Node: ours. */
const OWNER = Symbol("NodeSocket");

interface OwnedSocket extends NetSocket {
  [OWNER]: NodeSocket;
}

/** A socket of `node:net`. */
export class NodeSocket implements StreamedSocket, Writer {
  /** Read at once: messages name it, and a socket that was reset has forgotten it. */
  readonly remoteAddress: SocketAddress;
  #localAddress: SocketAddress | undefined;
  readonly #native: OwnedSocket;
  /** Where it reads into the buffer that all share, and is written to without the stream. */
  readonly #handle: SocketHandle | undefined;
  /** What its listener was asked to listen on, or the connect to connect to. */
  readonly #asked: Asked;
  #events: SocketEvents | undefined;
  #failure: SocketFailure | undefined;
  #isBorrowing = false;
  #isShutDown = false;
  #isDestroyed = false;
  #isClosed = false;
  #isPaused = false;
  /** Node tells of the end even while it is paused, if all bytes were read. */
  #isEndHeld = false;
  /** Bun closes when both FINs have passed, though its end was held: so is its close, since what was read before is still to be dealt with. */
  #isCloseHeld = false;

  /** Of a connection on which nothing was read; its address was found by what was `asked` for. May throw. */
  constructor(source: SocketHandle | NetSocket, asked: Asked) {
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
    this.#asked = asked;
    this.#handle = isHandle ? source : undefined;
    this.remoteAddress = isHandle
      ? askAddress(() => peerAddressOf(source), asked, "remote")
      : toldAddress(native, asked, "remote");
  }

  get localAddress(): SocketAddress {
    return this.#localAddress ??= toldAddress(
      this.#native,
      this.#asked,
      "local",
    );
  }

  get borrowsWrites(): boolean {
    return true;
  }

  // What TLS needs to know that speaks over its stream.

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

  // What the core asks of it.

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
    inNobodysContext(() => this.#readOn());
    if (this.#isEndHeld) soon(() => this.#deliverEnd());
  }

  shutdownWrite(): void {
    this.#isShutDown = true;
    try {
      inNobodysContext(() => this.#native.end());
    } catch (error) {
      this.#abandon(error);
    }
  }

  destroy(): void {
    this.#isDestroyed = true;
    if (this.#isCloseHeld) soon(() => this.#close());
    try {
      // libuv refuses to reset after a shutdown, and Node then never tells of the end; and Unix sockets have no resets.
      const cannotReset = this.#isShutDown || isUnix(this.#asked);
      inNobodysContext(() =>
        cannotReset ? this.#native.destroy() : this.#native.resetAndDestroy()
      );
    } catch (error) {
      this.#abandon(error);
    }
  }

  setNoDelay(on: boolean): void {
    attempt(() => this.#native.setNoDelay(on));
  }

  setKeepAlive(times: KeepAliveTimes | undefined): void {
    const { idleMs, intervalMs, count } = times ?? OFF;
    const isOn = times !== undefined;
    attempt(() => this.#native.setKeepAlive(isOn, idleMs, intervalMs, count));
  }

  // What Node tells. Functions of each socket would take more memory than it does itself, so these are all sockets': they are called as methods of that of Node.

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
    if (error === undefined) socket.#tellEnd();
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

  #tellEnd(): void {
    if (this.#isPaused) this.#isEndHeld = true;
    else this.#events?.onEnd();
  }

  /** A write that was under way is done, without the stream. */
  onWritten(status: number): void {
    if (this.#native.destroyed) return;
    if (status !== 0) this.#abandon(errorOfWrite(status));
    else this.#endBorrowing();
  }

  /** Not by `resume` of Node, which has it read in the next tick even if it is paused by then. */
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

  /** True if `bytes` are out. */
  #writeToStream(bytes: Uint8Array): boolean {
    const native = this.#native;
    inNobodysContext(() =>
      native.write(bytes, (error) => {
        if (!error && !native.destroyed) this.#endBorrowing();
      })
    );
    return native.writableLength === 0;
  }

  #endBorrowing(): void {
    if (!this.#isBorrowing || this.#native.writableLength !== 0) return;
    this.#isBorrowing = false;
    this.#events?.onWritable();
  }

  /** A call of the host threw `error`: nothing is to be expected of it any more. */
  #abandon(error: unknown): void {
    this.#failure ??= failureOf(error);
    try {
      inNobodysContext(() => this.#native.destroy());
    } catch {
      soon(() => this.#close());
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
    if (this.#isCloseHeld) soon(() => this.#close());
  }
}

function soon(callback: () => void): void {
  inNobodysContext(queueMicrotask, callback);
}

/** The socket of `source`; closes that, and returns what was thrown, if none can be made of it. */
export function socketOf(
  source: SocketHandle | NetSocket,
  asked: Asked,
): NodeSocket | SocketFailure {
  try {
    return new NodeSocket(source, asked);
  } catch (error) {
    attempt(() => isSocketHandle(source) ? source.close() : source.destroy());
    return failureOf(error);
  }
}
