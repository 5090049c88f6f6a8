import type { TcpAddress } from "../contract/address.ts";
import type { FailureKind, SocketFailure } from "../contract/failure.ts";
import { socketFailure } from "./failures.ts";
import type { Process } from "./process.ts";
import { ProcessEvent } from "./process_event.ts";
import type { Parting, TcpEnd } from "./tcp_end.ts";

/** What the owner of an {@linkcode Acceptor} hears. */
export interface AcceptorEvents {
  onAccept(end: TcpEnd): void;
  onAcceptError(failure: SocketFailure): void;
}

/** How a port is bound. */
export interface AcceptorOptions {
  readonly backlog: number;
  readonly reusePort: boolean;
}

/** A bound port, and the connections that wait there to be accepted. As an event it accepts one of them. */
export class Acceptor extends ProcessEvent {
  readonly address: TcpAddress;
  readonly reusesPort: boolean;
  isClosed = false;

  readonly #backlog: number;
  readonly #events: AcceptorEvents;
  readonly #queue: TcpEnd[] = [];
  readonly #handshakes = new Set<TcpEnd>();
  #isOpen = false;
  #hasFailed = false;

  constructor(
    process: Process,
    address: TcpAddress,
    { backlog, reusePort }: AcceptorOptions,
    events: AcceptorEvents,
  ) {
    super(process);
    this.address = address;
    this.#backlog = backlog;
    this.reusesPort = reusePort;
    this.#events = events;
  }

  /** True if no further connection can wait. */
  get isFull(): boolean {
    for (const end of this.#handshakes) {
      if (end.isGone) this.#handshakes.delete(end);
    }
    return this.#queue.length + this.#handshakes.size >= this.#backlog;
  }

  /** Begins to accept. */
  open(): void {
    this.#isOpen = true;
    this.#comeBack();
  }

  /** A connection is on its way. */
  expect(end: TcpEnd): void {
    this.#handshakes.add(end);
  }

  /** A connection that was expected has come. */
  onConnection(end: TcpEnd): void {
    if (!this.#handshakes.delete(end)) return;
    this.#queue.push(end);
    this.#comeBack();
  }

  /** Goes on after a failure. */
  resume(): void {
    this.#hasFailed = false;
    this.#comeBack();
  }

  /** Accepts nothing more; those who wait are turned away. Calls back when the address is free. */
  close(onFree: () => void): void {
    this.isClosed = true;
    this.#turnAway(() => "reset");
    this.process.note(`closes port ${this.address.port}`);
    this.process.soon(() => {
      this.process.acceptors.delete(this);
      this.process.host.unbind(this);
      onFree();
    });
  }

  /** Its process has died. */
  release(partingOf: () => Parting): void {
    this.isClosed = true;
    this.#turnAway(partingOf);
    this.process.host.unbind(this);
  }

  happen(): void {
    if (this.#isStill) return;
    const failure = this.process.host.nextAcceptFailure();
    if (failure !== undefined) return this.#fail(failure);
    const end = this.#queue.shift() as TcpEnd;
    end.note("accept");
    this.process.ends.add(end);
    this.#comeBack();
    this.#events.onAccept(end);
  }

  get #isStill(): boolean {
    return !this.#isOpen || this.isClosed || this.#hasFailed ||
      this.#queue.length === 0;
  }

  #comeBack(): void {
    if (this.#isStill || this.isHeld || this.isArmed) return;
    this.process.world.schedule.after(this, this.process.turn());
  }

  #fail(kind: FailureKind): void {
    this.#hasFailed = true;
    this.process.note(`accept failed: ${kind}`);
    if (kind === "transient") this.#queue.shift()?.destroy();
    this.#events.onAcceptError(socketFailure(kind));
  }

  /** The system resets those whom nobody has accepted, if it says anything. */
  #turnAway(partingOf: () => Parting): void {
    for (const end of [...this.#handshakes, ...this.#queue]) {
      end.vanish(partingOf() === "silence" ? "silence" : "reset");
    }
    this.#handshakes.clear();
    this.#queue.length = 0;
  }
}
