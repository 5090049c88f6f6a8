/**
 * The sockets of Bun, as `Bun.listen` and `Bun.connect` give them.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import { SocketFailure } from "../contract/failure.ts";
import type { KeepAliveTimes, SocketEvents } from "../contract/socket.ts";
import { EMPTY } from "../util/empty.ts";
import { inNobodysContext } from "./async_context.ts";
import { tellRead } from "./bun_reads.ts";
import { failureOf } from "./failure_kinds.ts";
import { type Asked, toldAddress } from "./host_addresses.ts";
import { attempt } from "./host_calls.ts";
import type { BunPlainSocket, BunUpgrade } from "./tls/bun_tls_types.ts";

/** What is used of a socket of Bun. */
interface NativeBunSocket {
  data: unknown;
  /** The addresses are undefined once the socket is closed. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** Returns how much the kernel took, or -1 if the connection is gone. */
  write(buffer: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  /** Sends FIN. (`end` may discard bytes that the kernel took.) */
  shutdown(): void;
  /** Closes, and calls `close` from inside; what the kernel took still goes out. */
  close(): void;
  /** Resets, and calls `close` from inside. */
  terminate(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
}

interface UpgradableBunSocket {
  /** Returns what is below TLS from then on, and what speaks it; it takes no options itself any more. */
  upgradeTLS(
    options: BunUpgrade,
  ): readonly [below: NativeBunSocket, secured: unknown];
}

/** One that has opened. */
interface OpenBunSocket extends NativeBunSocket {
  data: BunSocket;
}

/** Whoever waits for a connection. */
export interface ConnectWaiter {
  /** What is known of the sockets that it waits for. */
  readonly asked: Asked;
  opened(connection: BunSocket): void;
}

/** What Bun calls for every socket: one set for all of them. */
export const socketHandlers = {
  binaryType: "uint8array",

  open(native: NativeBunSocket): void {
    const opener = native.data as ConnectWaiter;
    const connection = new BunSocket(native, opener.asked);
    native.data = connection;
    opener.opened(connection);
  },

  data({ data: connection }: OpenBunSocket, chunk: Uint8Array): void {
    // A reset makes Bun read a paused socket, too; those bytes are lost with the connection.
    if (!connection.isPaused) tellRead(connection.events, chunk);
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

/** Receives the events of a socket that is not started. */
const NOBODY: SocketEvents = {
  readBuffer: () => EMPTY,
  onData() {},
  onWritable() {},
  onEnd() {},
  onClose() {},
};

/** A socket of Bun. */
export class BunSocket implements BunPlainSocket {
  events = NOBODY;
  isPaused = false;
  readonly #native: NativeBunSocket;
  /** What takes its options: not that any more once TLS is spoken over it. */
  #optioned: NativeBunSocket;
  /** What its listener was asked to listen on, or the connect to connect to. */
  readonly #asked: Asked;
  /** Read at once: messages name it, and a socket that was reset has forgotten it. */
  readonly remoteAddress: SocketAddress;
  #localAddress: SocketAddress | undefined;
  /** Bun sets it on every socket. */
  #noDelay = true;
  #isClosed = false;
  #finReceived = false;
  #finSent = false;
  /** A write has met a reset. */
  #isBroken = false;

  constructor(native: NativeBunSocket, asked: Asked) {
    this.#native = this.#optioned = native;
    this.#asked = asked;
    this.remoteAddress = toldAddress(native, asked, "remote");
  }

  get localAddress(): SocketAddress {
    return this.#localAddress ??= toldAddress(
      this.#native,
      this.#asked,
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
      // The write took the error out of the kernel: a paused socket would never hear of it.
      this.#native.resume();
    } catch (error) {
      this.#abandon(error);
    }
    return 0;
  }

  pause(): void {
    this.isPaused = true;
    if (this.#isBroken) return;
    try {
      this.#native.pause();
    } catch (error) {
      this.#abandon(error);
    }
  }

  resume(): void {
    this.isPaused = false;
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

  setNoDelay(on: boolean): void {
    if (on === this.#noDelay) return;
    this.#noDelay = on;
    attempt(() => this.#optioned.setNoDelay(on));
  }

  /** Bun has it probe every second, ten times. */
  setKeepAlive(times: KeepAliveTimes | undefined): void {
    const isOn = times !== undefined;
    attempt(() => this.#optioned.setKeepAlive(isOn, times?.idleMs ?? 0));
  }

  ended(): void {
    // Where the error was taken by a write, or reading is paused, the end is a reset.
    if (this.#isBroken || this.isPaused) return;
    this.#finReceived = true;
    this.events.onEnd();
    this.#closeIfDone();
  }

  closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error !== undefined) {
      this.events.onClose(failureOf(error));
    } else if (this.#isBroken || !this.#finSent) {
      this.events.onClose(new SocketFailure("reset", "connection reset"));
    } else {
      // A FIN that answers ours closes without `end`.
      if (!this.#finReceived) this.events.onEnd();
      this.events.onClose();
    }
  }

  /** Both FINs have passed, which Bun on Windows and macOS does not notice if ours was the last. */
  #closeIfDone(): void {
    if (!this.#finSent || !this.#finReceived) return;
    inNobodysContext(queueMicrotask, () => {
      if (!this.#isClosed) attempt(() => this.#native.close());
      this.closed(undefined);
    });
  }

  /** A call of the host threw `error`: nothing is to be expected of it any more. */
  #abandon(error: unknown): void {
    this.#terminate(failureOf(error));
  }

  #terminate(failure?: SocketFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    attempt(() =>
      this.#finSent ? this.#native.close() : this.#native.terminate()
    );
    inNobodysContext(queueMicrotask, () => this.events.onClose(failure));
  }
}
