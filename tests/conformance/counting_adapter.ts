import assert from "node:assert/strict";
import {
  type Adapter,
  type AdapterConnectOptions,
  BORROWED,
  type Clock,
  type ConnectEvents,
  type PendingConnect,
  type ReactRuntime,
  type ResolveEvents,
  type Socket,
  type SocketFailure,
  type SocketOptions,
  type TimerHandle,
} from "../../mod.ts";
import { WrappedAdapter, WrappedSocket } from "../support/wrapped_adapter.ts";
import type { Environment } from "./environment.ts";
import { withRuntime } from "./support.ts";

/** FNV-1a, which changes with every byte. */
export function hashOf(buffer: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ buffer[i], 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A socket of the tested adapter that counts its writes, and checks that
 * borrowed bytes do not change.
 */
export class CountingSocket extends WrappedSocket {
  /** How often `write` was called. */
  writeCount = 0;
  /** How many bytes were accepted. */
  bytesAccepted = 0;
  /** How often bytes were borrowed. */
  borrowedCount = 0;
  /** How often `shutdownWrite` was called. */
  shutdownCount = 0;
  /** The last values of its options. */
  options: SocketOptions = {};
  readonly #adapter: CountingAdapter;
  /** The buffer that the core gave it to read into. */
  #target: Uint8Array | undefined;
  #borrowed:
    | { buffer: Uint8Array; start: number; end: number; hash: number }
    | undefined;

  constructor(inner: Socket, adapter: CountingAdapter) {
    super(inner);
    this.#adapter = adapter;
  }

  override setOptions(options: SocketOptions): void {
    this.options = { ...this.options, ...options };
    super.setOptions(options);
  }

  override write(buffer: Uint8Array, start: number, end: number): number {
    this.writeCount++;
    if (this.#borrowed !== undefined) {
      this.#violated("write while bytes are borrowed");
    }
    if (end <= start) this.#violated("write of nothing");
    if (this.shutdownCount > 0) this.#violated("write after shutdownWrite");
    const taken = super.write(buffer, start, end);
    if (taken === BORROWED) {
      if (!this.borrowsWrites) {
        this.#violated(
          "bytes are borrowed by a socket that says it borrows none",
        );
      }
      this.borrowedCount++;
      this.bytesAccepted += end - start;
      this.#borrowed = { buffer, start, end, hash: hashOf(buffer, start, end) };
    } else {
      this.bytesAccepted += taken;
    }
    return taken;
  }

  override pause(): void {
    if (!this.#adapter.ignoresPauses) super.pause();
  }

  override shutdownWrite(): void {
    if (++this.shutdownCount > 1) this.#violated("a second shutdownWrite");
    if (this.#borrowed !== undefined) {
      this.#violated("shutdownWrite while bytes are borrowed");
    }
    super.shutdownWrite();
  }

  override readBuffer(): Uint8Array {
    if (this.#target !== undefined) this.#violated("two buffers for a read");
    return this.#target = super.readBuffer();
  }

  override onData(buffer: Uint8Array, length: number): void {
    if (this.#target !== undefined && buffer !== this.#target) {
      this.#violated("a read into another buffer than was given");
    }
    this.#target = undefined;
    super.onData(buffer, length);
  }

  override onWritable(): void {
    if (this.#borrowed !== undefined) {
      const { buffer, start, end, hash } = this.#borrowed;
      this.#borrowed = undefined;
      if (hashOf(buffer, start, end) !== hash) {
        this.#violated("borrowed bytes were changed");
      }
    }
    super.onWritable();
  }

  override onClose(failure?: SocketFailure): void {
    this.#borrowed = undefined;
    super.onClose(failure);
  }

  #violated(rule: string): void {
    this.#adapter.violations.push(rule);
  }
}

/** The tested adapter, with all calls counted. */
export class CountingAdapter extends WrappedAdapter<CountingSocket> {
  override readonly clock: Clock;
  /** Breaches of the contract by the core. */
  readonly violations: string[] = [];
  /** The timers that are armed. */
  readonly armedTimers: Set<TimerHandle> = new Set();
  /** Number of timers armed so far. */
  timerCount = 0;
  /** Number of calls of `endOfTurn` so far. */
  turnCount = 0;
  /** Number of connects so far. */
  connectCount = 0;
  /** If true, connects never complete. */
  stallConnects = false;
  /** Hostnames whose connects never complete in any case. */
  readonly deaf: Set<string> = new Set();
  /** The addresses of names that are resolved here. */
  readonly names: Map<string, readonly string[]> = new Map();
  /** The names resolved so far. */
  readonly lookups: string[] = [];
  /** The hostnames that were connected to so far. */
  readonly connects: string[] = [];
  /** If true, sockets break the contract and keep reading while paused. */
  ignoresPauses = false;

  constructor(inner: Adapter) {
    super(inner);
    const { clock } = inner;
    this.clock = {
      now: () => clock.now(),
      wallNow: () => clock.wallNow(),
      setTimer: (callback, delayMs) => {
        this.timerCount++;
        const timer = clock.setTimer(() => {
          this.armedTimers.delete(timer);
          callback();
        }, delayMs);
        this.armedTimers.add(timer);
        return timer;
      },
      clearTimer: (timer) => {
        this.armedTimers.delete(timer);
        clock.clearTimer(timer);
      },
    };
  }

  protected override wrap(socket: Socket): CountingSocket {
    return new CountingSocket(socket, this);
  }

  override endOfTurn(callback: () => void): void {
    this.turnCount++;
    super.endOfTurn(callback);
  }

  override connect(
    options: AdapterConnectOptions,
    events: ConnectEvents,
  ): PendingConnect {
    const { address } = options;
    const hostname = address.transport === "tcp" ? address.hostname : "";
    this.connectCount++;
    this.connects.push(hostname);
    if (this.stallConnects || this.deaf.has(hostname)) return { cancel() {} };
    return super.connect(options, events);
  }

  override resolve(hostname: string, events: ResolveEvents): void {
    this.lookups.push(hostname);
    const found = this.names.get(hostname);
    if (found === undefined) return super.resolve(hostname, events);
    super.endOfTurn(() => events.onResolve(found));
  }
}

/**
 * Runs `body` with a runtime on a counting adapter, and checks that the
 * contract was kept.
 */
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
