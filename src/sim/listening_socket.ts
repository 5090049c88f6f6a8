import { formatAddress } from "../api/address.ts";
import type { ConnectAddress } from "../contract/address.ts";
import type { FailureKind, SocketFailure } from "../contract/failure.ts";
import { socketFailure } from "./failures.ts";
import {
  type DisconnectMode,
  type Process,
  ProcessEvent,
  type Resource,
} from "./process.ts";
import type { TcpEnd } from "./tcp_end.ts";

/** What a {@linkcode ListeningSocket} tells its owner. */
export interface ListeningSocketEvents {
  onAccept(end: TcpEnd): void;
  onAcceptError(failure: SocketFailure): void;
}

/** How an address is bound. */
export interface ListeningOptions {
  readonly backlog: number;
  readonly reusePort: boolean;
}

/** What a {@linkcode ListeningSocket} needs of its host. */
export interface ListeningHost {
  /** Whether the next accept fails, and how. */
  nextAcceptFailure(): FailureKind | undefined;
  /** Its address is free again. */
  unbind(socket: ListeningSocket): void;
}

/** A bound address and its backlog of connections. As an event, it accepts one of them. */
export class ListeningSocket extends ProcessEvent implements Resource {
  readonly address: ConnectAddress;
  readonly reusesPort: boolean;
  isClosed = false;

  readonly #host: ListeningHost;
  readonly #backlog: number;
  readonly #events: ListeningSocketEvents;
  readonly #queue: TcpEnd[] = [];
  readonly #handshakes = new Set<TcpEnd>();
  #isOpen = false;
  #hasFailed = false;

  constructor(
    host: ListeningHost,
    process: Process,
    address: ConnectAddress,
    { backlog, reusePort }: ListeningOptions,
    events: ListeningSocketEvents,
  ) {
    super(process);
    this.#host = host;
    this.address = address;
    this.#backlog = backlog;
    this.reusesPort = reusePort;
    this.#events = events;
  }

  /** True if the backlog has no room. */
  get isFull(): boolean {
    for (const end of this.#handshakes) {
      if (end.isGone) this.#handshakes.delete(end);
    }
    return this.#queue.length + this.#handshakes.size >= this.#backlog;
  }

  /** Starts accepting. */
  open(): void {
    this.#isOpen = true;
    this.#scheduleIfReady();
  }

  /** A connection is on its way. */
  expect(end: TcpEnd): void {
    this.#handshakes.add(end);
  }

  /** An expected connection has arrived. */
  onConnection(end: TcpEnd): void {
    if (!this.#handshakes.delete(end)) return;
    this.#queue.push(end);
    this.#scheduleIfReady();
  }

  /** Resumes accepting after a failure. */
  resume(): void {
    this.#hasFailed = false;
    this.#scheduleIfReady();
  }

  /** Stops accepting and drops the backlog; calls back when the address is free. */
  close(onFree: () => void): void {
    this.isClosed = true;
    this.#dropBacklog(() => "reset");
    this.process.addToTrace(`closes ${closedName(this.address)}`);
    this.process.schedule(() => {
      this.process.listeningSockets.delete(this);
      this.#host.unbind(this);
      onFree();
    });
  }

  release(disconnectModeOf: () => DisconnectMode): void {
    this.isClosed = true;
    this.#dropBacklog(disconnectModeOf);
    this.#host.unbind(this);
  }

  execute(): void {
    if (this.#isIdle) return;
    const failure = this.#host.nextAcceptFailure();
    if (failure !== undefined) return this.#fail(failure);
    const end = this.#queue.shift() as TcpEnd;
    end.addToTrace("accept");
    this.process.ends.add(end);
    this.#scheduleIfReady();
    this.#events.onAccept(end);
  }

  get #isIdle(): boolean {
    return !this.#isOpen || this.isClosed || this.#hasFailed ||
      this.#queue.length === 0;
  }

  #scheduleIfReady(): void {
    if (this.#isIdle || this.isHeld || this.isArmed) return;
    this.process.kernel.scheduler.after(this, this.process.turnDelay());
  }

  #fail(kind: FailureKind): void {
    this.#hasFailed = true;
    this.process.addToTrace(`accept failed: ${kind}`);
    if (kind === "transient") this.#queue.shift()?.destroy();
    this.#events.onAcceptError(socketFailure(kind));
  }

  /** Connections that were never accepted are reset, or left in silence. */
  #dropBacklog(disconnectModeOf: () => DisconnectMode): void {
    for (const end of [...this.#handshakes, ...this.#queue]) {
      end.disconnect(disconnectModeOf() === "silence" ? "silence" : "reset");
    }
    this.#handshakes.clear();
    this.#queue.length = 0;
  }
}

/** What is closed, for the trace. */
function closedName(address: ConnectAddress): string {
  return address.transport === "tcp"
    ? `port ${address.port}`
    : formatAddress(address);
}
