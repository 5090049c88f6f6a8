import type { SocketAddress } from "../contract/address.ts";
import type { FailureKind } from "../contract/failure.ts";
import type { SocketEvents } from "../contract/socket.ts";
import { socketFailure } from "./failures.ts";
import type { FaultKind } from "./faults.ts";
import type { Pipe, PipeReceiver, PipeSender } from "./pipe.ts";
import {
  type DisconnectMode,
  type Process,
  ProcessEvent,
  type Resource,
} from "./process.ts";
import { SimRandom } from "./random.ts";
import type { SocketEnd } from "./sim_socket.ts";
import { isUntouched, ReadMemory } from "./read_memory.ts";
import { WriteSide } from "./write_side.ts";

/** Where an end of a connection is. */
export interface EndLocation {
  readonly process: Process;
  readonly address: SocketAddress;
}

/** What a {@linkcode TcpEnd} needs of the connection that it is an end of. */
export interface ConnectionOfEnd {
  /** Resets it at both ends once the current event is over. */
  breakSoon(): void;
  /** One of its ends is gone. */
  onEndGone(): void;
}

/**
 * One end of a connection, as the system of its host keeps it.
 *
 * As an event, it is the event loop of the host coming to this socket: it reports
 * one thing at a time, and comes again if there is more.
 */
export class TcpEnd extends ProcessEvent
  implements PipeSender, PipeReceiver, Resource, SocketEnd {
  /** The number of the connection, with `c` if this end connected and `a` if it accepted. */
  readonly id: string;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** What this end sends. */
  out!: Pipe;
  /** What this end receives. */
  in!: Pipe;

  /** FIN was sent, or will follow what is queued. */
  isShutDown = false;
  isPaused = false;
  /** Its owner has closed it. */
  isDestroyed = false;
  /** Its owner was told that it is gone, or never knew of it. */
  isClosed = false;

  readonly #connection: ConnectionOfEnd;
  readonly #where: string;
  readonly #random: SimRandom;
  readonly #faults;
  readonly #readMemory: ReadMemory;
  readonly #writeSide: WriteSide;
  #events: SocketEvents | undefined = undefined;
  /** It is scheduled only for when writes find room again. */
  #isScheduledForRefusal = false;
  #hasReportedEnd = false;
  /** A callback of its owner is running. */
  #isReporting = false;
  #failure: FailureKind | undefined = undefined;
  /** The failure is not reported while reading is paused. */
  #isFailureWithheld = false;

  constructor(
    connection: ConnectionOfEnd,
    id: string,
    { process, address }: EndLocation,
    remote: SocketAddress,
  ) {
    super(process);
    const { kernel, host } = process;
    this.#connection = connection;
    this.id = id;
    this.local = address;
    this.remote = remote;
    this.#where = `${host.name} ${id}`;
    this.#random = new SimRandom(kernel.seedOf(id));
    this.#readMemory = new ReadMemory(host.writes !== "counts");
    const pointOf = (kind: FaultKind) =>
      kernel.plan.point({ kind, target: id, hosts: this.#where });
    this.#faults = {
      shortReads: pointOf("shortReads"),
      spuriousWritable: pointOf("spuriousWritable"),
      lostOnReset: pointOf("lostOnReset"),
      withheldResets: pointOf("withheldResets"),
    };
    this.#writeSide = new WriteSide(
      this,
      kernel.scheduler,
      host.writes,
      this.#random,
      {
        shortWrites: pointOf("shortWrites"),
        refusedWrites: pointOf("refusedWrites"),
      },
    );
  }

  /** The system has forgotten it. */
  get isGone(): boolean {
    return this.isDestroyed || this.isClosed || this.#failure !== undefined;
  }

  get isStarted(): boolean {
    return this.#events !== undefined;
  }

  /** Its owner may give it another receiver now. */
  get canBeHandedOn(): boolean {
    return this.isPaused || this.#isReporting;
  }

  get isBorrowing(): boolean {
    return this.#writeSide.isBorrowing;
  }

  /** Adds a line to the trace. */
  addToTrace(what: string, a?: number, b?: number): void {
    this.process.kernel.addToTrace(this.#where, what, a, b);
  }

  /** The owner of this end broke the contract of the adapter. */
  violated(rule: string): void {
    this.process.kernel.violated(this.#where, rule);
  }

  // Called by its owner.

  start(events: SocketEvents): void {
    this.#events = events;
    this.#scheduleIfReady();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.isGone) {
      this.#isFailureWithheld = false;
      this.#scheduleIfReady();
      return 0;
    }
    const taken = this.#writeSide.write(buffer, start, end);
    if (taken < end - start) this.#scheduleIfReady();
    return taken;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = this.#isFailureWithheld = false;
    this.#scheduleIfReady();
  }

  shutdownWrite(): void {
    this.isShutDown = true;
    if (this.isGone) return;
    this.addToTrace("fin");
    this.out.finish();
    this.#scheduleIfReady();
  }

  destroy(): void {
    if (this.isDestroyed || this.isClosed) return;
    const isDelivered = this.isShutDown && this.in.readable === 0;
    if (this.#failure === undefined && !isDelivered) {
      this.addToTrace("rst");
      this.out.abandon(false);
      this.out.sendReset();
    }
    this.isDestroyed = true;
    this.#connection.onEndGone();
    if (this.isStarted) this.#scheduleIfReady();
    else this.#close();
  }

  abandon(): void {
    this.#events = undefined;
    this.#writeSide.returnBorrowed();
    this.destroy();
    if (!this.isClosed) this.#close();
  }

  // Called by the network.

  fail(kind: FailureKind): void {
    if (this.isGone) return;
    this.addToTrace(kind);
    this.#failure = kind;
    this.out.abandon(true);
    this.#scheduleIfReady();
    this.#connection.onEndGone();
  }

  onReset(): void {
    if (this.isGone) return;
    if (this.#faults.lostOnReset.strikes()) this.in.dropUnread();
    this.#isFailureWithheld = this.isPaused &&
      !this.#writeSide.isOwedWritable && this.#faults.withheldResets.strikes();
    this.fail("reset");
  }

  onArrived(): void {
    if (!this.isDestroyed && this.#failure === undefined) {
      return this.#scheduleIfReady();
    }
    if (this.out.isEnding && this.in.isAtEnd) return;
    this.out.abandon(false);
    this.out.answerByReset();
  }

  onRoom(): void {
    this.#writeSide.onRoom();
    this.#scheduleIfReady();
  }

  breakConnection(): void {
    this.#connection.breakSoon();
  }

  release(disconnectModeOf: () => DisconnectMode): void {
    this.disconnect(disconnectModeOf());
  }

  /** Its process has died. A FIN follows what the system has taken, or a reset if unread bytes are left. */
  disconnect(mode: DisconnectMode): void {
    this.isDestroyed = this.isClosed = true;
    this.#writeSide.dropBorrowed();
    if (mode === "fin" && this.in.readable === 0) {
      this.out.finish();
    } else {
      this.out.abandon(mode === "silence");
      if (mode !== "silence") this.out.sendReset();
    }
    this.#connection.onEndGone();
  }

  // Called by its process.

  execute(): void {
    const events = this.#events;
    if (events === undefined || this.isClosed) return;
    this.#isReporting = true;
    try {
      this.#report(events);
    } finally {
      this.#isReporting = false;
    }
  }

  #report(events: SocketEvents): void {
    const canRead = this.#canRead;
    const canWrite = this.#canWrite;
    if (this.#mustClose(canRead)) return this.#reportClose(events);
    if (canRead && !(canWrite && this.#random.chance(0.5))) {
      this.#reportRead(events);
      if (this.#faults.spuriousWritable.strikes()) {
        this.#writeSide.isSpurious = true;
      }
    } else if (canWrite) {
      this.#reportWritable(events);
    }
    this.#scheduleIfReady();
  }

  /** Both ends have sent FIN. */
  get #isFinished(): boolean {
    return this.isShutDown && this.#hasReportedEnd;
  }

  get #canRead(): boolean {
    return !this.isPaused && !this.isDestroyed && !this.#hasReportedEnd &&
      (this.in.readable > 0 || this.in.isAtEnd);
  }

  get #canWrite(): boolean {
    return !this.isGone && this.#writeSide.isWritable(this.isShutDown);
  }

  #mustClose(canRead: boolean): boolean {
    if (this.isDestroyed) return true;
    if (this.#failure === undefined) return this.#isFinished;
    return !canRead && !this.#isFailureWithheld;
  }

  /** Schedules the next event, if there is something to report. */
  #scheduleIfReady(): void {
    if (this.isHeld || this.isClosed || this.#events === undefined) return;
    const { scheduler } = this.process.kernel;
    const canRead = this.#canRead;
    if (canRead || this.#canWrite || this.#mustClose(canRead)) {
      if (this.isArmed) {
        if (!this.#isScheduledForRefusal) return;
        scheduler.remove(this);
      }
      this.#isScheduledForRefusal = false;
      scheduler.after(this, this.process.turnDelay());
    } else if (this.#writeSide.refusesUntil > scheduler.now && !this.isArmed) {
      this.#isScheduledForRefusal = true;
      scheduler.push(this, this.#writeSide.refusesUntil);
    }
  }

  #reportRead(events: SocketEvents): void {
    const { readable } = this.in;
    if (readable === 0) {
      this.#hasReportedEnd = true;
      this.addToTrace("end");
      return events.onEnd();
    }
    const buffer = this.#readMemory.take(events);
    let limit = Math.min(readable, buffer.length);
    const { shortReads } = this.#faults;
    if (limit > 1 && shortReads.strikes()) {
      limit = shortReads.amount(1, limit - 1);
    }
    if (!isUntouched(buffer, limit)) {
      this.violated("the buffer of a read that is under way was changed");
    }
    const length = this.in.read(buffer, limit);
    this.addToTrace("data #", length);
    try {
      events.onData(buffer, length);
    } finally {
      const isReading = !this.isPaused && !this.isDestroyed;
      const next = this.#events as SocketEvents; // it may have been handed on
      this.#readMemory.afterRead(buffer, length, isReading, next);
    }
  }

  #reportWritable(events: SocketEvents): void {
    this.#writeSide.beforeWritable();
    this.addToTrace("writable");
    events.onWritable();
  }

  #reportClose(events: SocketEvents): void {
    const failure = this.isDestroyed ? undefined : this.#failure;
    this.#writeSide.returnBorrowed();
    this.addToTrace(failure === undefined ? "close" : `close: ${failure}`);
    this.#close();
    events.onClose(failure && socketFailure(failure));
  }

  #close(): void {
    this.isClosed = true;
    this.process.ends.delete(this);
    this.#connection.onEndGone();
  }
}
