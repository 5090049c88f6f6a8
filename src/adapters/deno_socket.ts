import type { SocketAddress } from "../contract/address.ts";
import {
  BORROWED,
  type KeepAliveTimes,
  type Socket,
  type SocketEvents,
} from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { EMPTY } from "../util/empty.ts";
import { inNobodysContext, Signal } from "./async_context.ts";
import { type Reader, ReadRounds, traffic } from "./deno_fairness.ts";
import { failureOf } from "./failure_kinds.ts";
import { attempt } from "./host_calls.ts";
import { askAddress, type Asked, type HostAddress } from "./host_addresses.ts";

/** What is used of a `Deno.TcpConn`, or of a `Deno.UnixConn`, which has no options. */
export interface Conn {
  readonly localAddr: HostAddress;
  readonly remoteAddr: HostAddress;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(on: boolean): void;
  setKeepAlive?(on: boolean): void;
}

const rounds = new ReadRounds();

/** Those whose writes have ended. They are told all together: each by itself would hear it in the context of who wrote. */
let written: DenoSocket[] = [];
const onWritten = new Signal(() => {
  const sockets = written;
  written = [];
  for (const socket of sockets) socket.onWritten();
});

/** A socket on Deno. */
export class DenoSocket implements Socket, Reader {
  readonly #conn: Conn;
  /** What its listener was asked to listen on, or the connect to connect to. */
  readonly #asked: Asked;
  #events: SocketEvents | undefined;
  #closed = false;

  /** What is read into, or was. */
  #buffer = EMPTY;
  /** From asking for bytes until they are delivered. */
  #reading = false;
  #paused = false;
  /** What a read brought while paused: bytes in the buffer, or null for FIN. */
  #held: number | null | undefined;
  #peerEnded = false;

  #output = EMPTY;
  #weEnded = false;
  /** Why writing failed; reported when nothing is left to read. */
  #failure: SocketFailure | undefined;

  constructor(conn: Conn, asked: Asked) {
    this.#conn = conn;
    this.#asked = asked;
    traffic.open++;
  }

  get localAddress(): SocketAddress {
    return askAddress(() => this.#conn.localAddr, this.#asked, "local");
  }

  get remoteAddress(): SocketAddress {
    return askAddress(() => this.#conn.remoteAddr, this.#asked, "remote");
  }

  setNoDelay(on: boolean): void {
    if (!this.#closed) attempt(() => this.#conn.setNoDelay?.(on));
  }

  /** Deno takes no times. */
  setKeepAlive(times: KeepAliveTimes | undefined): void {
    const isOn = times !== undefined;
    if (!this.#closed) attempt(() => this.#conn.setKeepAlive?.(isOn));
  }

  get borrowsWrites(): boolean {
    return true;
  }

  start(events: SocketEvents): void {
    this.#events = events;
    if (!this.#paused) this.#readNext();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#held === undefined) this.#readNext();
    else inNobodysContext(queueMicrotask, this.#deliverHeld);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#closed || this.#failure !== undefined) return 0;
    this.#send(buffer.subarray(start, end));
    return BORROWED;
  }

  shutdownWrite(): void {
    if (this.#closed || this.#failure !== undefined) return;
    try {
      inNobodysContext(() =>
        this.#conn.closeWrite().then(this.#onShutdown, this.#onWriteFailed)
      );
    } catch (cause) {
      this.#abandon(cause);
    }
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closeConn();
    inNobodysContext(queueMicrotask, () => this.#events?.onClose());
  }

  #readNext(): void {
    if (this.#reading || this.#peerEnded || this.#closed) return;
    this.#reading = true;
    rounds.join(this);
  }

  read(): void {
    if (this.#closed) return;
    if (this.#paused) {
      this.#reading = false;
      this.#closeIfFailed();
      return;
    }
    this.#buffer = this.#events!.readBuffer();
    try {
      this.#conn.read(this.#buffer).then(this.#onRead, this.#onReadFailed);
    } catch (cause) {
      this.#abandon(cause);
    }
  }

  readonly #onRead = (length: number | null): void => {
    traffic.served++;
    if (this.#closed) return;
    if (!this.#paused) return this.#deliver(length);
    this.#held = length;
    this.#closeIfFailed();
  };

  readonly #onReadFailed = (cause: unknown): void => {
    if (!this.#closed) this.#close(this.#failure ?? failureOf(cause));
  };

  readonly #deliverHeld = (): void => {
    const held = this.#held;
    if (this.#paused || this.#closed || held === undefined) return;
    this.#held = undefined;
    this.#deliver(held);
  };

  #deliver(length: number | null): void {
    this.#reading = false;
    if (length === null) return this.#onFin();
    this.#events!.onData(this.#buffer, length);
    if (this.#closed) return;
    if (this.#paused) this.#closeIfFailed();
    else this.#readNext();
  }

  #onFin(): void {
    this.#peerEnded = true;
    if (this.#closeIfFailed()) return;
    this.#events!.onEnd();
    if (this.#weEnded && !this.#closed) this.#close();
  }

  #send(bytes: Uint8Array): void {
    this.#output = bytes;
    try {
      this.#conn.write(bytes).then(this.#onTaken, this.#onWriteFailed);
    } catch (cause) {
      this.#abandon(cause);
    }
  }

  readonly #onTaken = (count: number): void => {
    traffic.served++;
    if (this.#closed) return;
    if (count < this.#output.length) {
      return this.#send(this.#output.subarray(count));
    }
    this.#output = EMPTY;
    this.#endWrite();
  };

  #endWrite(): void {
    if (written.push(this) === 1) onWritten.send();
  }

  /** What it was given to write is out, or never will be. */
  onWritten(): void {
    if (this.#closed) return;
    if (this.#failure === undefined) return this.#events!.onWritable();
    // After a reset reading goes on, to what the peer sent before, and then closes.
    const isReadable = this.#failure.kind === "reset" && this.#reading;
    if (!isReadable || this.#paused) this.#close(this.#failure);
  }

  readonly #onShutdown = (): void => {
    this.#weEnded = true;
    if (this.#peerEnded && !this.#closed) this.#close();
  };

  readonly #onWriteFailed = (cause: unknown): void => {
    if (this.#closed) return;
    this.#failure = failureOf(cause);
    this.#endWrite();
  };

  /** A call of the host threw `cause`: nothing is to be expected of it any more. */
  #abandon(cause: unknown): void {
    inNobodysContext(queueMicrotask, () => {
      if (!this.#closed) this.#close(failureOf(cause));
    });
  }

  #closeIfFailed(): boolean {
    if (this.#failure === undefined) return false;
    this.#close(this.#failure);
    return true;
  }

  #close(failure?: SocketFailure): void {
    this.#closeConn();
    this.#events!.onClose(failure);
  }

  /** Once: it throws the second time. A pending read or write fails by it. */
  #closeConn(): void {
    this.#closed = true;
    traffic.open--;
    attempt(() => this.#conn.close());
  }
}
