/**
 * The sockets of a simulated host.
 *
 * @module
 */

import type { ListeningSocket } from "../sim/listening_socket.ts";
import { socketFailure } from "../sim/failures.ts";
import { Handshake } from "../sim/handshake.ts";
import type { Host } from "../sim/host.ts";
import type { Process, ProcessTimer } from "../sim/process.ts";
import type { TcpEnd } from "../sim/tcp_end.ts";
import { sizeOf } from "../util/views.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Address, SocketAddress } from "../contract/address.ts";
import type {
  AdapterConnectOptions,
  ConnectEvents,
  PendingConnect,
} from "../contract/connect.ts";
import type {
  AdapterListenOptions,
  Listener,
  ListenerEvents,
} from "../contract/listener.ts";
import type { ProcessSignals } from "../contract/signals.ts";
import type {
  KeepAliveTimes,
  Socket,
  SocketEvents,
} from "../contract/socket.ts";
import type { ResolveEvents } from "../contract/resolve.ts";
import {
  type Clock,
  LONGEST_DELAY_MS,
  type TimerHandle,
} from "../contract/clock.ts";

/** A socket that checks whether its owner keeps the contract. */
class SimSocket implements Socket {
  readonly #end: TcpEnd;
  /** True inside `onAccept` and `onConnect`. */
  #isNew = true;

  constructor(end: TcpEnd) {
    this.#end = end;
  }

  get localAddress(): SocketAddress {
    return this.#end.local;
  }

  get remoteAddress(): SocketAddress {
    return this.#end.remote;
  }

  get borrowsWrites(): boolean {
    return this.#end.process.host.writes !== "counts";
  }

  setNoDelay(_on: boolean): void {}

  setKeepAlive(_times: KeepAliveTimes | undefined): void {}

  start(events: SocketEvents): void {
    if (this.#isDead) return;
    if (!this.#end.isStarted && !this.#isNew) {
      return this.#end.violated("start outside of onAccept and onConnect");
    }
    if (this.#end.isStarted && !this.#end.canBeHandedOn) {
      return this.#end.violated("start again, outside of an event and a pause");
    }
    this.#end.start(events);
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    const fault = this.#violationOfWrite(buffer, start, end);
    if (fault === undefined) return this.#end.write(buffer, start, end);
    if (!this.#isDead) this.#end.violated(fault);
    return 0;
  }

  pause(): void {
    this.#end.pause();
  }

  resume(): void {
    this.#end.resume();
  }

  shutdownWrite(): void {
    if (this.#isDead) return;
    if (this.#end.isShutDown) return this.#end.violated("shutdownWrite twice");
    if (this.#end.isBorrowing) {
      return this.#end.violated("shutdownWrite while bytes are borrowed");
    }
    this.#end.shutdownWrite();
  }

  destroy(): void {
    this.#end.destroy();
  }

  /** Passes it to `deliver`, which must start or destroy it. */
  handTo(deliver: (socket: SimSocket) => void): void {
    try {
      deliver(this);
    } finally {
      this.#isNew = false;
      if (!this.#end.isStarted && !this.#end.isDestroyed) {
        this.#end.violated("neither start nor destroy");
        this.#end.destroy();
      }
    }
  }

  get #isDead(): boolean {
    return this.#end.process.isDead;
  }

  #violationOfWrite(
    buffer: Uint8Array,
    start: number,
    end: number,
  ): string | undefined {
    const size = sizeOf(buffer);
    if (!(start >= 0 && start < end && end <= size)) {
      return `write of ${start} to ${end} of ${size} bytes`;
    }
    if (this.#end.isBorrowing) return "write while bytes are borrowed";
    if (this.#end.isShutDown) return "write after shutdownWrite";
    return this.#isDead ? "write in a dead process" : undefined;
  }
}

class SimListener implements Listener {
  readonly #socket: ListeningSocket;

  constructor(socket: ListeningSocket) {
    this.#socket = socket;
  }

  get address(): Address {
    return this.#socket.address;
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): Promise<void> {
    const { process } = this.#socket;
    return new Promise((resolve) => {
      if (process.isDead) return;
      if (!this.#socket.isClosed) return this.#socket.close(resolve);
      process.kernel.violated(process.host.name, "a listener closed twice");
    });
  }
}

/** The clock of a process; no timer of a process that is dead fires. */
class SimClock implements Clock {
  readonly #host: Host;
  readonly #process: Process;

  constructor(host: Host, process: Process) {
    this.#host = host;
    this.#process = process;
  }

  now(): number {
    return this.#process.kernel.scheduler.now / 1000;
  }

  wallNow(): number {
    return this.#host.wallNow();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    const process = this.#process;
    if (process.isDead) return undefined;
    if (!(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS)) {
      process.kernel.violated(process.host.name, `a timer of ${delayMs} ms`);
      return undefined;
    }
    return process.setTimer(callback, Math.ceil(delayMs * 1000));
  }

  clearTimer(timer: TimerHandle): void {
    if (timer !== undefined) this.#process.clearTimer(timer as ProcessTimer);
  }
}

/** The adapter of one process on a simulated host, from its start to a kill or crash. */
export class SimAdapter implements Adapter {
  readonly name = "sim";
  readonly transports = ["tcp", "unix"] as const;
  readonly unixPaths = ["file", "abstract"] as const;
  readonly reusesPorts = true;
  readonly clock: Clock;
  readonly #host: Host;
  readonly #process: Process;

  constructor(host: Host, process: Process) {
    this.#host = host;
    this.#process = process;
    this.clock = new SimClock(host, process);
  }

  get signals(): ProcessSignals {
    return this.#process.signals;
  }

  endOfTurn(callback: () => void): void {
    if (!this.#process.isDead) this.#process.endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    if (!this.#process.isDead) this.#process.afterPoll(callback);
  }

  random(): number {
    return this.#host.chance();
  }

  resolve(hostname: string, events: ResolveEvents): void {
    if (this.#process.isDead) return;
    const { failure, hostnames, delay } = this.#host.lookUp(hostname);
    this.#process.schedule(() => {
      if (failure === undefined) events.onResolve(hostnames);
      else events.onResolveError(socketFailure(failure));
    }, delay);
  }

  listen(
    { address, ...options }: AdapterListenOptions,
    events: ListenerEvents,
  ): Promise<Listener> {
    const process = this.#process;
    return new Promise((resolve, reject) => {
      if (process.isDead) return;
      try {
        const socket = this.#host.listen(process, address, options, {
          onAccept: (end) =>
            new SimSocket(end).handTo((socket) => events.onAccept(socket)),
          onAcceptError: (failure) => events.onAcceptError(failure),
        });
        process.schedule(() => {
          resolve(new SimListener(socket));
          socket.open();
        });
      } catch (failure) {
        process.schedule(() => reject(failure));
      }
    });
  }

  connect(
    { address }: AdapterConnectOptions,
    events: ConnectEvents,
  ): PendingConnect {
    if (this.#process.isDead) return { cancel() {} };
    const handshake = new Handshake(
      this.#host,
      this.#process,
      address,
      {
        onConnect: (end) =>
          new SimSocket(end).handTo((socket) => events.onConnect(socket)),
        onConnectError: (failure) => events.onConnectError(failure),
      },
    );
    handshake.begin();
    return handshake;
  }
}
