import {
  type Adapter,
  type AdapterListenOptions,
  BORROWED,
  type Listener,
  type ListenerEvents,
  type Socket,
  type SocketFailure,
} from "../../mod.ts";
import { WrappedAdapter, WrappedSocket } from "../support/wrapped_adapter.ts";
import type { Stream } from "./stream.ts";

/** The end that a {@linkcode TapSocket} belongs to, which checks what passes. */
export interface TapOwner {
  /** What is to be written. */
  readonly out: Stream;
  /** What is to be read. */
  readonly in: Stream;
  /** It has paused reading, and nothing can have ended that. */
  readonly rests: boolean;
  /** Bytes, or a FIN, have arrived, and the core has handled them. */
  onRead(): void;
  /** A promise was broken. */
  broke(what: string): void;
}

/** A socket that records what passes through it. */
export class TapSocket extends WrappedSocket {
  owner: TapOwner | undefined = undefined;
  /** What has passed in both directions. */
  isShutDown = false;
  isDestroyed = false;
  heardEnd = false;
  failure: SocketFailure | undefined = undefined;
  /** When bytes were last sent, or when it was opened. */
  lastSent: number;

  readonly #now: () => number;
  #borrowedCount = 0;
  #lastProgress: number;
  #longestIdle = 0;
  #isPaused = false;

  constructor(socket: Socket, now: () => number) {
    super(socket);
    this.#now = now;
    this.#lastProgress = this.lastSent = now();
  }

  /** The longest time, in milliseconds, until its FIN in which no byte passed although its user had not paused it. */
  get longestIdle(): number {
    const isCounted = !this.isShutDown && !this.#isPaused;
    const idle = isCounted ? this.#now() - this.#lastProgress : 0;
    return Math.max(this.#longestIdle, idle);
  }

  /** Its user asks for a pause. */
  onPause(): void {
    if (this.#isPaused) return;
    this.#progress();
    this.#isPaused = true;
  }

  /** Its user goes on reading. */
  onResume(): void {
    if (!this.#isPaused) return;
    this.#progress();
    this.#isPaused = false;
  }

  // What the core asks of it.

  override write(buffer: Uint8Array, start: number, end: number): number {
    const count = super.write(buffer, start, end);
    const taken = count === BORROWED ? end - start : count;
    if (taken === 0) return count;
    if (this.owner?.out.handed.matches(buffer, start, start + taken) !== true) {
      this.owner?.broke("wrong bytes were handed to the network");
    } else if (count === BORROWED) {
      this.#borrowedCount = taken;
    } else {
      this.#sent(taken);
    }
    return count;
  }

  override shutdownWrite(): void {
    const { out } = this.owner as TapOwner;
    if (out.handed.position !== out.accepted) {
      this.owner?.broke(`FIN comes before the end of what is sent: ${out}`);
    }
    this.#progress();
    this.isShutDown = true;
    super.shutdownWrite();
  }

  override destroy(): void {
    this.isDestroyed = true;
    super.destroy();
  }

  // What the network tells.

  override onData(buffer: Uint8Array, length: number): void {
    const { in: { arrived }, rests } = this.owner as TapOwner;
    if (rests) this.owner?.broke("bytes were read in a pause");
    this.#progress();
    if (arrived.matches(buffer, 0, length)) arrived.advance(length);
    else this.owner?.broke("wrong bytes came over the network");
    super.onData(buffer, length);
    this.owner?.onRead();
  }

  override onWritable(): void {
    if (this.#borrowedCount > 0) this.#sent(this.#borrowedCount);
    this.#borrowedCount = 0;
    super.onWritable();
  }

  override onEnd(): void {
    const stream = (this.owner as TapOwner).in;
    this.heardEnd = true;
    if (stream.arrived.position !== stream.accepted) {
      this.owner?.broke(`FIN came before the end of what was sent: ${stream}`);
    }
    super.onEnd();
    this.owner?.onRead();
  }

  override onClose(failure?: SocketFailure): void {
    this.failure = failure;
    super.onClose(failure);
  }

  #sent(count: number): void {
    this.owner?.out.handed.advance(count);
    this.#progress();
    this.lastSent = this.#lastProgress;
  }

  /** Time without bytes begins anew. */
  #progress(): void {
    this.#longestIdle = this.longestIdle;
    this.#lastProgress = this.#now();
  }
}

/** Told before the core of every connection that comes in, or is lost on the doorstep. */
export interface AcceptWatcher {
  onAccept(socket: TapSocket): void;
  onMissed(): void;
}

/** The adapter of a host, with a tap on each of its sockets. */
export class TapAdapter extends WrappedAdapter<TapSocket> {
  readonly #watcher: AcceptWatcher;

  constructor(adapter: Adapter, watcher: AcceptWatcher) {
    super(adapter);
    this.#watcher = watcher;
  }

  protected override wrap(socket: Socket): TapSocket {
    return new TapSocket(socket, () => this.clock.now());
  }

  override listen(
    options: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener> {
    return this.inner.listen(options, {
      onAccept: (socket) => {
        const tap = this.wrapped(socket);
        this.#watcher.onAccept(tap);
        events.onAccept(tap);
      },
      onAcceptError: (failure) => {
        if (failure.kind === "transient") this.#watcher.onMissed();
        events.onAcceptError(failure);
      },
    });
  }
}
