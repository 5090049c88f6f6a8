import assert from "node:assert/strict";
import {
  type Adapter,
  type AdapterListenOptions as ListenOptions,
  type Address,
  BORROWED,
  type ConnectEvents,
  type Listener,
  type ListenerEvents,
  type PendingConnect,
  type ReactRuntime,
  type Socket,
  type SocketEvents,
  type SocketFailure,
  type TimerHandle,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { withRuntime } from "./support.ts";

/** A hash that changes with any byte: FNV-1a. */
export function hashOf(buffer: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ buffer[i], 0x01000193);
  }
  return hash >>> 0;
}

/** A socket of the adapter under test that counts its writes and watches over those that are borrowed. */
export class CountingSocket implements Socket, SocketEvents {
  /** How often `write` was called. */
  writeCount = 0;
  /** How many bytes were accepted. */
  bytesAccepted = 0;
  /** How often bytes were borrowed. */
  borrowedCount = 0;
  /** How often `shutdownWrite` was called. */
  shutdownCount = 0;
  /** What TCP_NODELAY was set to last. */
  noDelay: boolean | undefined;
  /** What keep-alive was set to last. */
  keepAlive: boolean | undefined;
  readonly #inner: Socket;
  readonly #adapter: CountingAdapter;
  #events: SocketEvents | undefined;
  /** What was given to be read into. */
  #target: Uint8Array | undefined;
  #borrowed:
    | { buffer: Uint8Array; start: number; end: number; hash: number }
    | undefined;

  constructor(inner: Socket, adapter: CountingAdapter) {
    this.#inner = inner;
    this.#adapter = adapter;
  }

  get localAddress(): Address {
    return this.#inner.localAddress;
  }

  get remoteAddress(): Address {
    return this.#inner.remoteAddress;
  }

  setNoDelay(on: boolean): void {
    this.noDelay = on;
    this.#inner.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.keepAlive = on;
    this.#inner.setKeepAlive(on);
  }

  start(events: SocketEvents): void {
    this.#events = events;
    this.#inner.start(this);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    this.writeCount++;
    if (this.#borrowed !== undefined) {
      this.#violated("write while bytes are borrowed");
    }
    if (end <= start) this.#violated("write of nothing");
    if (this.shutdownCount > 0) this.#violated("write after shutdownWrite");
    const taken = this.#inner.write(buffer, start, end);
    if (taken === BORROWED) {
      this.borrowedCount++;
      this.bytesAccepted += end - start;
      this.#borrowed = { buffer, start, end, hash: hashOf(buffer, start, end) };
    } else {
      this.bytesAccepted += taken;
    }
    return taken;
  }

  pause(): void {
    if (!this.#adapter.ignoresPauses) this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  shutdownWrite(): void {
    if (++this.shutdownCount > 1) this.#violated("a second shutdownWrite");
    if (this.#borrowed !== undefined) {
      this.#violated("shutdownWrite while bytes are borrowed");
    }
    this.#inner.shutdownWrite();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  readBuffer(): Uint8Array {
    if (this.#target !== undefined) this.#violated("two buffers for a read");
    return this.#target = (this.#events as SocketEvents).readBuffer();
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.#target !== undefined && buffer !== this.#target) {
      this.#violated("a read into another buffer than was given");
    }
    this.#target = undefined;
    this.#events?.onData(buffer, length);
  }

  onWritable(): void {
    if (this.#borrowed !== undefined) {
      const { buffer, start, end, hash } = this.#borrowed;
      this.#borrowed = undefined;
      if (hashOf(buffer, start, end) !== hash) {
        this.#violated("borrowed bytes were changed");
      }
    }
    this.#events?.onWritable();
  }

  onEnd(): void {
    this.#events?.onEnd();
  }

  onClose(failure?: SocketFailure): void {
    this.#borrowed = undefined;
    this.#events?.onClose(failure);
  }

  #violated(rule: string): void {
    this.#adapter.violations.push(rule);
  }
}

/** The adapter under test, with everything that is asked of it counted. */
export class CountingAdapter implements Adapter {
  readonly name: string;
  readonly borrowsWrites: boolean;
  readonly reusesPorts: boolean;
  /** What the core did that the contract forbids. */
  readonly violations: string[] = [];
  /** The timers that are armed. */
  readonly armedTimers: Set<TimerHandle> = new Set();
  /** How many timers were armed so far. */
  timerCount = 0;
  /** How many ends of turns were asked for so far. */
  turnCount = 0;
  /** How many connects were begun so far. */
  connectCount = 0;
  /** From now on connects stay under way for ever. */
  stallConnects = false;
  /** From now on sockets read on when they are to pause, against the contract. */
  ignoresPauses = false;
  readonly #inner: Adapter;

  constructor(inner: Adapter) {
    this.#inner = inner;
    this.name = inner.name;
    this.borrowsWrites = inner.borrowsWrites;
    this.reusesPorts = inner.reusesPorts;
  }

  wallNow(): number {
    return this.#inner.wallNow();
  }

  now(): number {
    return this.#inner.now();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    this.timerCount++;
    const timer = this.#inner.setTimer(() => {
      this.armedTimers.delete(timer);
      callback();
    }, delayMs);
    this.armedTimers.add(timer);
    return timer;
  }

  clearTimer(timer: TimerHandle): void {
    this.armedTimers.delete(timer);
    this.#inner.clearTimer(timer);
  }

  endOfTurn(callback: () => void): void {
    this.turnCount++;
    this.#inner.endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    this.#inner.afterPoll(callback);
  }

  listen(options: ListenOptions, events: ListenerEvents): Promise<Listener> {
    return this.#inner.listen(options, {
      onAccept: (socket) => events.onAccept(new CountingSocket(socket, this)),
      onAcceptError: (failure) => events.onAcceptError(failure),
    });
  }

  connect(address: Address, events: ConnectEvents): PendingConnect {
    this.connectCount++;
    if (this.stallConnects) return { cancel() {} };
    return this.#inner.connect(address, {
      onConnect: (socket) => events.onConnect(new CountingSocket(socket, this)),
      onConnectError: (failure) => events.onConnectError(failure),
    });
  }
}

/** Runs `body` with a runtime on a counting adapter, and checks that the contract was kept. */
export async function withCounting(
  environment: Environment,
  body: (
    runtime: ReactRuntime<string>,
    counting: CountingAdapter,
  ) => Promise<void>,
): Promise<void> {
  const counting = new CountingAdapter(environment.adapter);
  await withRuntime<string>(
    counting,
    {},
    (runtime) => body(runtime, counting),
  );
  assert.deepEqual(counting.violations, []);
  assert.equal(counting.armedTimers.size, 0, "no timer is left armed");
}
