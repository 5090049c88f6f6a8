import type { SocketAddress } from "../contract/address.ts";
import {
  BORROWED,
  type KeepAliveTimes,
  type Socket,
  type SocketEvents,
  type SocketOptions,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { EMPTY } from "../util/empty.ts";
import { outsideAsyncContext, Signal } from "./async_context.ts";
import { type Reader, ReadRounds, traffic } from "./deno_fairness.ts";
import type { NativeDenoConn } from "./deno_host.ts";
import { failureOf } from "./failure_kinds.ts";
import { attempt } from "./host_calls.ts";
import { type AddressHint, queriedAddress } from "./host_addresses.ts";
import { type OptionSetters, setEach } from "./socket_options.ts";

const rounds = new ReadRounds();

/**
 * Sockets whose writes have completed. One microtask notifies all of them: the
 * promise of each write would do so in the asynchronous context of its writer.
 */
let written: DenoSocket[] = [];
const onWritten = new Signal(() => {
  const sockets = written;
  written = [];
  for (const socket of sockets) socket.onWritten();
});

/** A socket on Deno. */
export class DenoSocket implements Socket, OptionSetters, Reader {
  readonly #native: NativeDenoConn;
  /** The address that was listened on or connected to. */
  readonly #hint: AddressHint;
  #events: SocketEvents | undefined;
  #isClosed = false;

  /** The buffer of the current or the last read. */
  #buffer = EMPTY;
  /** True from the request for bytes until their delivery. */
  #isReading = false;
  #isPaused = false;
  /**
   * The result of a read that completed while paused: a length, or null for
   * FIN.
   */
  #held: number | null | undefined;
  #finReceived = false;

  #output = EMPTY;
  #finSent = false;
  /** Why a write failed; reported once nothing is left to read. */
  #failure: SocketFailure | undefined;

  constructor(native: NativeDenoConn, hint: AddressHint) {
    this.#native = native;
    this.#hint = hint;
    traffic.open++;
  }

  get localAddress(): SocketAddress {
    return queriedAddress(() => this.#native.localAddr, this.#hint, "local");
  }

  get remoteAddress(): SocketAddress {
    return queriedAddress(() => this.#native.remoteAddr, this.#hint, "remote");
  }

  setOptions(options: SocketOptions): void {
    if (!this.#isClosed) setEach(this, options);
  }

  noDelay(on: boolean): void {
    this.#native.setNoDelay?.(on);
  }

  /** Deno does not support the times. */
  keepAlive(times: KeepAliveTimes | false): void {
    this.#native.setKeepAlive?.(times !== false);
  }

  get borrowsWrites(): boolean {
    return true;
  }

  start(events: SocketEvents): void {
    this.#events = events;
    if (!this.#isPaused) this.#readNext();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#held === undefined) this.#readNext();
    else outsideAsyncContext(queueMicrotask, () => this.#deliverHeld());
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#isClosed || this.#failure !== undefined) return 0;
    this.#send(buffer.subarray(start, end));
    return BORROWED;
  }

  shutdownWrite(): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    try {
      outsideAsyncContext(() =>
        this.#native.closeWrite().then(
          () => this.#onShutdown(),
          this.#onWriteFailed,
        )
      );
    } catch (error) {
      this.#abandon(error);
    }
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#closeNative();
    outsideAsyncContext(queueMicrotask, () => this.#events?.onClose());
  }

  #readNext(): void {
    if (this.#isReading || this.#finReceived || this.#isClosed) return;
    this.#isReading = true;
    rounds.join(this);
  }

  read(): void {
    if (this.#isClosed) return;
    if (this.#isPaused) {
      this.#isReading = false;
      this.#closeIfFailed();
      return;
    }
    this.#buffer = this.#events!.readBuffer();
    try {
      this.#native.read(this.#buffer).then(this.#onRead, this.#onReadFailed);
    } catch (error) {
      this.#abandon(error);
    }
  }

  readonly #onRead = (length: number | null): void => {
    traffic.served++;
    if (this.#isClosed) return;
    if (!this.#isPaused) return this.#deliver(length);
    this.#held = length;
    this.#closeIfFailed();
  };

  readonly #onReadFailed = (error: unknown): void => {
    if (!this.#isClosed) this.#close(this.#failure ?? failureOf(error));
  };

  #deliverHeld(): void {
    const held = this.#held;
    if (this.#isPaused || this.#isClosed || held === undefined) return;
    this.#held = undefined;
    this.#deliver(held);
  }

  #deliver(length: number | null): void {
    this.#isReading = false;
    if (length === null) return this.#onFin();
    this.#events!.onData(this.#buffer, length);
    if (this.#isClosed) return;
    if (this.#isPaused) this.#closeIfFailed();
    else this.#readNext();
  }

  #onFin(): void {
    this.#finReceived = true;
    if (this.#closeIfFailed()) return;
    this.#events!.onEnd();
    if (this.#finSent && !this.#isClosed) this.#close();
  }

  #send(bytes: Uint8Array): void {
    this.#output = bytes;
    try {
      this.#native.write(bytes).then(this.#onTaken, this.#onWriteFailed);
    } catch (error) {
      this.#abandon(error);
    }
  }

  readonly #onTaken = (count: number): void => {
    traffic.served++;
    if (this.#isClosed) return;
    if (count < this.#output.length) {
      return this.#send(this.#output.subarray(count));
    }
    this.#output = EMPTY;
    this.#endWrite();
  };

  #endWrite(): void {
    if (written.push(this) === 1) onWritten.send();
  }

  /** The write has completed or failed. */
  onWritten(): void {
    if (this.#isClosed) return;
    if (this.#failure === undefined) return this.#events!.onWritable();
    // After a reset, reading continues up to the last data from the peer, and
    // then the socket closes.
    const isReadable = this.#failure.kind === "reset" && this.#isReading;
    if (!isReadable || this.#isPaused) this.#close(this.#failure);
  }

  #onShutdown(): void {
    this.#finSent = true;
    if (this.#finReceived && !this.#isClosed) this.#close();
  }

  readonly #onWriteFailed = (error: unknown): void => {
    if (this.#isClosed) return;
    this.#failure = failureOf(error);
    this.#endWrite();
  };

  /** Closes the socket after a call of Deno threw `error`. */
  #abandon(error: unknown): void {
    outsideAsyncContext(queueMicrotask, () => {
      if (!this.#isClosed) this.#close(failureOf(error));
    });
  }

  #closeIfFailed(): boolean {
    if (this.#failure === undefined) return false;
    this.#close(this.#failure);
    return true;
  }

  #close(failure?: SocketFailure): void {
    this.#closeNative();
    this.#events!.onClose(failure);
  }

  /**
   * Makes a pending read or write fail. Called once: the native `close` throws
   * if called again.
   */
  #closeNative(): void {
    this.#isClosed = true;
    traffic.open--;
    attempt(() => this.#native.close());
  }
}
