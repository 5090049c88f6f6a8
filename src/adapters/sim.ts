/**
 * The adapter of a simulated host.
 *
 * @module
 */

import type { ListeningSocket } from "../sim/listening_socket.ts";
import { socketFailure } from "../sim/failures.ts";
import { TcpHandshake } from "../sim/tcp_handshake.ts";
import type { Host } from "../sim/host.ts";
import type { Process, ProcessTimer } from "../sim/process.ts";
import { simTls } from "../sim/tls/sim_tls.ts";
import { SimSocket } from "../sim/sim_socket.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { ConnectAddress } from "../contract/address.ts";
import type { DiagnosticsChannel } from "../contract/diagnostics.ts";
import { hostChannel } from "./diagnostics.ts";
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
import type { ResolveEvents } from "../contract/resolve.ts";
import type { Tls } from "../contract/tls.ts";
import {
  type Clock,
  LONGEST_DELAY_MS,
  type TimerHandle,
} from "../contract/clock.ts";

class SimListener implements Listener {
  readonly #socket: ListeningSocket;

  constructor(socket: ListeningSocket) {
    this.#socket = socket;
  }

  get address(): ConnectAddress {
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

/** The clock of a simulated process. Timers of a dead process never fire. */
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

/**
 * The adapter of one simulated process, from its start until it is killed or
 * its host crashes.
 */
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

  /** Observers are outside of the simulation. */
  diagnostics(name: string): DiagnosticsChannel {
    return hostChannel(name);
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

  loadTls(): Tls {
    return simTls(this.#host, this.#process);
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
        const at = address as ConnectAddress; // the core passes no others
        const socket = this.#host.listen(process, at, options, {
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
    const handshake = new TcpHandshake(
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
