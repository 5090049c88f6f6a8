/**
 * Sockets of `Bun.listen` and `Bun.connect`.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import { SocketFailure } from "../contract/failure.ts";
import type {
  KeepAliveTimes,
  SocketEvents,
  SocketOptions,
} from "../contract/socket.ts";
import { EMPTY } from "../util/empty.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { deliverRead } from "./bun_reads.ts";
import { failureOf } from "./failure_kinds.ts";
import { type AddressHint, reportedAddress } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import { type OptionSetters, setEach } from "./socket_options.ts";
import type { BunPlainSocket, BunUpgrade } from "./tls/bun_tls_types.ts";

/** The part of a socket of Bun that is used. */
interface NativeBunSocket {
  data: unknown;
  /** Addresses are undefined once the socket is closed. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /**
   * Returns how many bytes the kernel took, or -1 if the connection is gone.
   */
  write(buffer: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  /** Sends FIN. (`end` may drop bytes that the kernel took.) */
  shutdown(): void;
  /**
   * Closes, and calls `close` synchronously; bytes that the kernel took still
   * go out.
   */
  close(): void;
  /** Resets, and calls `close` synchronously. */
  terminate(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
}

interface UpgradableBunSocket {
  /**
   * Returns the socket below TLS and the TLS socket. From then on, options of
   * the original socket have no effect.
   */
  upgradeTLS(
    options: BunUpgrade,
  ): readonly [below: NativeBunSocket, secured: unknown];
}

/** A socket after `open`. */
interface OpenBunSocket extends NativeBunSocket {
  data: BunSocket;
}

/** A listener or a connect, waiting for a socket to open. */
export interface ConnectWaiter {
  /** What is known of the socket's addresses. */
  readonly hint: AddressHint;
  opened(connection: BunSocket): void;
}

/** Handlers for all sockets of Bun. */
export const socketHandlers = {
  binaryType: "uint8array",

  open(native: NativeBunSocket): void {
    const opener = native.data as ConnectWaiter;
    const connection = new BunSocket(native, opener.hint);
    native.data = connection;
    opener.opened(connection);
  },

  data({ data: connection }: OpenBunSocket, chunk: Uint8Array): void {
    if (connection.isDelivering) deliverRead(connection.events, chunk);
    else connection.hold(chunk);
  },

  drain({ data: connection }: OpenBunSocket): void {
    connection.events.onWritable();
  },

  end({ data: connection }: OpenBunSocket): void {
    connection.ended();
  },

  close({ data: connection }: OpenBunSocket, error?: Error): void {
    connection.closed(error);
  },
};

/** Receives events before `start`. */
const NOBODY: SocketEvents = {
  readBuffer: () => EMPTY,
  onData() {},
  onWritable() {},
  onEnd() {},
  onClose() {},
};

/** A socket of Bun. */
export class BunSocket implements BunPlainSocket, OptionSetters {
  events = NOBODY;
  /** False while reading is paused, and until what came then is delivered. */
  isDelivering = true;
  #isPaused = false;
  readonly #native: NativeBunSocket;
  /**
   * The native socket that takes options: another one after the upgrade to TLS.
   */
  #optioned: NativeBunSocket;
  /** The address that was listened on or connected to. */
  readonly #hint: AddressHint;
  /**
   * Read early: messages contain it, and a socket that was reset does not know
   * it any more.
   */
  readonly remoteAddress: SocketAddress;
  #localAddress: SocketAddress | undefined;
  /** Bun sets TCP_NODELAY on each socket. */
  #noDelay = true;
  #isClosed = false;
  #finReceived = false;
  #finSent = false;
  /** A write has failed because of a reset. */
  #isBroken = false;
  /** What Bun has read while reading was paused. */
  #held: Uint8Array[] | undefined = undefined;
  /** FIN came behind what is held, or while reading was paused. */
  #isEndHeld = false;
  /** Both FINs have passed, and something is held. */
  #isCloseHeld = false;

  constructor(native: NativeBunSocket, hint: AddressHint) {
    this.#native = this.#optioned = native;
    this.#hint = hint;
    this.remoteAddress = reportedAddress(native, hint, "remote");
  }

  get localAddress(): SocketAddress {
    return this.#localAddress ??= reportedAddress(
      this.#native,
      this.#hint,
      "local",
    );
  }

  get borrowsWrites(): boolean {
    return false;
  }

  start(events: SocketEvents): void {
    this.events = events;
  }

  upgrade(options: BunUpgrade): unknown {
    const native = this.#native as NativeBunSocket & UpgradableBunSocket;
    const upgraded = native.upgradeTLS(options);
    this.#optioned = upgraded[0];
    return upgraded;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    try {
      const taken = this.#native.write(buffer, start, end - start);
      if (taken >= 0) return taken;
      this.#isBroken = true;
      // The failed write has consumed the error of the kernel: if paused, Bun
      // would never report it.
      this.#native.resume();
    } catch (error) {
      this.#abandon(error);
    }
    return 0;
  }

  pause(): void {
    this.#isPaused = true;
    this.isDelivering = false;
    if (this.#isBroken) return;
    try {
      this.#native.pause();
    } catch (error) {
      this.#abandon(error);
    }
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#isHolding) {
      return outsideAsyncContext(queueMicrotask, () => this.#deliverHeld());
    }
    this.isDelivering = true;
    try {
      this.#native.resume();
    } catch (error) {
      this.#abandon(error);
    }
  }

  shutdownWrite(): void {
    this.#finSent = true;
    try {
      this.#native.shutdown();
    } catch (error) {
      return this.#abandon(error);
    }
    this.#closeIfDone();
  }

  destroy(): void {
    this.#terminate();
  }

  setOptions(options: SocketOptions): void {
    setEach(this, options);
  }

  noDelay(on: boolean): void {
    if (on === this.#noDelay) return;
    this.#noDelay = on;
    this.#optioned.setNoDelay(on);
  }

  /** Bun fixes the other times: a probe each second, ten times. */
  keepAlive(times: KeepAliveTimes | false): void {
    this.#optioned.setKeepAlive(times !== false, times ? times.idleMs : 0);
  }

  /**
   * Keeps what Bun has read of a paused socket: after `drain` it reads what has
   * come in, even if that paused, and after a reset everything there is.
   */
  hold(chunk: Uint8Array): void {
    (this.#held ??= []).push(chunk);
  }

  ended(): void {
    if (this.#isBroken) return; // this event means a reset
    if (!this.isDelivering) {
      this.#isEndHeld = true; // or it means a reset, which closes the socket
      return;
    }
    this.#finReceived = true;
    this.events.onEnd();
    this.#closeIfDone();
  }

  closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    const isClean = error === undefined && this.#finSent && !this.#isBroken;
    if (isClean && this.#isHolding) {
      this.#isCloseHeld = true;
      return;
    }
    this.#isClosed = true;
    if (error !== undefined) {
      this.events.onClose(failureOf(error));
    } else if (!isClean) {
      this.events.onClose(new SocketFailure("reset", "connection reset"));
    } else {
      // If the peer's FIN answers ours, Bun closes without calling `end`.
      if (!this.#finReceived) this.events.onEnd();
      this.events.onClose();
    }
  }

  get #isHolding(): boolean {
    return this.#held !== undefined || this.#isEndHeld;
  }

  /** Delivers what is held, and goes on with the socket. */
  #deliverHeld(): void {
    while (this.#held !== undefined) {
      if (this.#isPaused || this.#isClosed) return;
      const chunk = this.#held.shift();
      if (chunk === undefined) this.#held = undefined;
      else deliverRead(this.events, chunk);
    }
    if (this.#isPaused || this.#isClosed) return;
    const isEndHeld = this.#isEndHeld;
    this.#isEndHeld = false;
    if (this.#isCloseHeld) this.isDelivering = true;
    else this.resume();
    if (isEndHeld) this.ended();
    if (this.#isCloseHeld) this.closed(undefined);
  }

  /**
   * Closes once both FINs have passed: Bun on Windows and macOS does not notice
   * if ours was the last.
   */
  #closeIfDone(): void {
    if (!this.#finSent || !this.#finReceived) return;
    outsideAsyncContext(queueMicrotask, () => {
      if (!this.#isClosed) attempt(() => this.#native.close());
      this.closed(undefined);
    });
  }

  /** Closes the socket after a call of Bun threw `error`. */
  #abandon(error: unknown): void {
    this.#terminate(failureOf(error));
  }

  #terminate(failure?: SocketFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    attempt(() =>
      this.#finSent ? this.#native.close() : this.#native.terminate()
    );
    outsideAsyncContext(queueMicrotask, () => this.events.onClose(failure));
  }
}
