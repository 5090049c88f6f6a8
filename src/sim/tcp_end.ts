import type { TcpAddress } from "../contract/address.ts";
import { BORROWED, type SocketEvents } from "../contract/socket.ts";
import type { FailureKind } from "../contract/failure.ts";
import { Borrow } from "./borrow.ts";
import type { Connection, Place } from "./connection.ts";
import { socketFailure } from "./failures.ts";
import type { FaultKind } from "./faults.ts";
import type { Pipe } from "./pipe.ts";
import { ProcessEvent } from "./process_event.ts";
import { SimRandom } from "./random.ts";

const LONGEST_REFUSAL = 5000;
const GARBAGE = 0xa5;
const READ_SIZE = 65536;

/** What the peer of a process that ends hears: FIN, a reset, or nothing before it sends. */
export type Parting = "fin" | "reset" | "silence";

/** What is read goes here for the time of an event. */
let scratch = new Uint8Array(READ_SIZE).fill(GARBAGE);

/**
 * One end of a connection, as the system of its host keeps it.
 *
 * As an event it is the host's loop coming to the socket: one thing is told at a
 * time, and then it comes again if there is more.
 */
export class TcpEnd extends ProcessEvent {
  readonly connection: Connection;
  /** The number of the connection, with `c` if this end connected and `a` if it accepted. */
  readonly id: string;
  readonly local: TcpAddress;
  readonly remote: TcpAddress;
  /** What this end sends. */
  out!: Pipe;
  /** What this end receives. */
  in!: Pipe;

  /** FIN is sent, or waits behind what is. */
  isShutDown = false;
  isPaused = false;
  /** Its owner has closed it. */
  isDestroyed = false;
  /** Its owner was told that it is gone, or never knew of it. */
  isClosed = false;

  readonly #where: string;
  readonly #random: SimRandom;
  readonly #faults;
  #events: SocketEvents | undefined = undefined;
  #borrow: Borrow | undefined = undefined;
  /** What its owner has given it for the next read. */
  #target: Uint8Array | undefined = undefined;
  /** A write was taken in part; its owner waits for room. */
  #isWaiting = false;
  /** Until then writes find no room; it is scheduled for that time if nothing else is to be told. */
  #refusesUntil = 0;
  #comesAfterRefusal = false;
  #isSpurious = false;
  #hasToldEnd = false;
  #failure: FailureKind | undefined = undefined;
  /** The failure is not told while reading is paused. */
  #isFailureWithheld = false;

  constructor(
    connection: Connection,
    id: string,
    { process, address }: Place,
    remote: TcpAddress,
  ) {
    super(process);
    const { world, host } = process;
    this.connection = connection;
    this.id = id;
    this.local = address;
    this.remote = remote;
    this.#where = `${host.name} ${id}`;
    this.#random = new SimRandom(world.seedOf(id));
    const pointOf = (kind: FaultKind) =>
      world.plan.point({ kind, where: id, place: this.#where });
    this.#faults = {
      shortReads: pointOf("shortReads"),
      shortWrites: pointOf("shortWrites"),
      refusedWrites: pointOf("refusedWrites"),
      spuriousWritable: pointOf("spuriousWritable"),
      lostOnReset: pointOf("lostOnReset"),
      withheldResets: pointOf("withheldResets"),
    };
  }

  /** The system has nothing more to do with it. */
  get isGone(): boolean {
    return this.isDestroyed || this.isClosed || this.#failure !== undefined;
  }

  get isStarted(): boolean {
    return this.#events !== undefined;
  }

  get isBorrowing(): boolean {
    return this.#borrow !== undefined;
  }

  /** Adds a line to the trace. */
  note(what: string, a?: number, b?: number): void {
    this.process.world.note(this.#where, what, a, b);
  }

  /** The owner of this end broke the contract. */
  violated(rule: string): void {
    this.process.world.violated(this.#where, rule);
  }

  // What its owner asks of it.

  start(events: SocketEvents): void {
    this.#events = events;
    this.#comeBack();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.isGone) {
      this.#isFailureWithheld = false;
      this.#comeBack();
      return 0;
    }
    const { writes } = this.process.host;
    const isLent = writes === "mixed"
      ? this.#random.chance(0.5)
      : writes === "borrows";
    return isLent && end > start
      ? this.#lend(new Borrow(buffer, start, end))
      : this.#take(buffer, start, end);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = this.#isFailureWithheld = false;
    this.#comeBack();
  }

  shutdownWrite(): void {
    this.isShutDown = true;
    if (this.isGone) return;
    this.note("fin");
    this.out.finish();
    this.#comeBack();
  }

  destroy(): void {
    if (this.isDestroyed || this.isClosed) return;
    if (this.#failure === undefined && !this.#isFinished) {
      this.note("rst");
      this.out.abandon(false);
      this.out.sendReset();
    }
    this.isDestroyed = true;
    this.connection.onEndGone();
    if (this.isStarted) this.#comeBack();
    else this.#close();
  }

  // What the network asks of it.

  /** The connection is lost. */
  fail(kind: FailureKind): void {
    if (this.isGone) return;
    this.note(kind);
    this.#failure = kind;
    this.out.abandon(true);
    this.#comeBack();
    this.connection.onEndGone();
  }

  /** The peer has reset the connection. */
  onReset(): void {
    if (this.isGone) return;
    if (this.#faults.lostOnReset.strikes()) this.in.dropUnread();
    this.#isFailureWithheld = this.isPaused && !this.#isWaiting &&
      this.#borrow === undefined && this.#faults.withheldResets.strikes();
    this.fail("reset");
  }

  /** Bytes have come, or FIN. */
  onArrived(): void {
    if (!this.isDestroyed && this.#failure === undefined) {
      return this.#comeBack();
    }
    if (this.out.isEnding && this.in.isAtEnd) return;
    this.out.abandon(false);
    this.out.answerByReset();
  }

  /** What is sent has room again. */
  onRoom(): void {
    if (this.#borrow !== undefined) this.#feed(this.#borrow);
    this.#comeBack();
  }

  /** Its process has died. FIN follows what the system has; a reset comes in its stead if something is not read. */
  vanish(parting: Parting): void {
    this.isDestroyed = this.isClosed = true;
    this.#borrow = undefined;
    if (parting === "fin" && this.in.readable === 0) {
      this.out.finish();
    } else {
      this.out.abandon(parting === "silence");
      if (parting !== "silence") this.out.sendReset();
    }
    this.connection.onEndGone();
  }

  // What its process does with it.

  happen(): void {
    const events = this.#events;
    if (events === undefined || this.isClosed) return;
    const canRead = this.#canRead;
    const canWrite = this.#canWrite;
    if (this.#mustClose(canRead)) return this.#tellClose(events);
    if (canRead && !(canWrite && this.#random.chance(0.5))) {
      this.#tellRead(events);
      if (this.#faults.spuriousWritable.strikes()) this.#isSpurious = true;
    } else if (canWrite) {
      this.#tellWritable(events);
    }
    this.#comeBack();
  }

  /** Both ends have sent FIN. */
  get #isFinished(): boolean {
    return this.isShutDown && this.#hasToldEnd;
  }

  get #canRead(): boolean {
    return !this.isPaused && !this.isDestroyed && !this.#hasToldEnd &&
      (this.in.readable > 0 || this.in.isAtEnd);
  }

  get #canWrite(): boolean {
    if (this.isGone) return false;
    if (this.#borrow !== undefined) return this.#borrow.isDone;
    return !this.isShutDown && (this.#isSpurious || this.#hasRoom);
  }

  /** A write that was taken in part can go on. */
  get #hasRoom(): boolean {
    return this.#isWaiting && this.out.room > 0 &&
      this.process.world.schedule.now >= this.#refusesUntil;
  }

  #mustClose(canRead: boolean): boolean {
    if (this.isDestroyed) return true;
    if (this.#failure === undefined) return this.#isFinished;
    return !canRead && !this.#isFailureWithheld;
  }

  /** Has the loop of the host come, if there is something to tell. */
  #comeBack(): void {
    if (this.isHeld || this.isClosed || this.#events === undefined) return;
    const { schedule } = this.process.world;
    const canRead = this.#canRead;
    if (canRead || this.#canWrite || this.#mustClose(canRead)) {
      if (this.isArmed) {
        if (!this.#comesAfterRefusal) return;
        schedule.remove(this);
      }
      this.#comesAfterRefusal = false;
      schedule.after(this, this.process.turn());
    } else if (this.#refusesUntil > schedule.now && !this.isArmed) {
      this.#comesAfterRefusal = true;
      schedule.push(this, this.#refusesUntil);
    }
  }

  #tellRead(events: SocketEvents): void {
    const { readable } = this.in;
    if (readable === 0) {
      this.#hasToldEnd = true;
      this.note("end");
      return events.onEnd();
    }
    const buffer = this.#takeTarget(events);
    let limit = Math.min(readable, buffer.length);
    const { shortReads } = this.#faults;
    if (limit > 1 && shortReads.strikes()) {
      limit = shortReads.amount(1, limit - 1);
    }
    if (!isGarbage(buffer, limit)) {
      this.violated("bytes lent to be read into were changed");
    }
    const length = this.in.read(buffer, limit);
    this.note("data #", length);
    try {
      events.onData(buffer, length);
    } finally {
      if (buffer === scratch) overwriteScratch(length);
      else if (!this.isPaused && !this.isDestroyed) this.#ask(events);
    }
  }

  /** Where to read to: a socket that borrows what is written is given what it reads into, too. */
  #takeTarget(events: SocketEvents): Uint8Array {
    if (this.process.host.writes === "counts") return scratch;
    if (this.#target === undefined) this.#ask(events);
    const target = this.#target as Uint8Array;
    this.#target = undefined;
    return target;
  }

  /** As if the next read were under way already. */
  #ask(events: SocketEvents): void {
    this.#target = events.readBuffer().fill(GARBAGE);
  }

  #tellWritable(events: SocketEvents): void {
    this.#returnBorrowed();
    if (this.#hasRoom) this.#isWaiting = false;
    this.#isSpurious = false;
    this.note("writable");
    events.onWritable();
  }

  #tellClose(events: SocketEvents): void {
    const failure = this.isDestroyed ? undefined : this.#failure;
    this.#returnBorrowed();
    this.note(failure === undefined ? "close" : `close: ${failure}`);
    this.#close();
    events.onClose(failure && socketFailure(failure));
  }

  #close(): void {
    this.isClosed = true;
    this.process.ends.delete(this);
    this.connection.onEndGone();
  }

  #take(buffer: Uint8Array, start: number, end: number): number {
    const { refusedWrites, shortWrites } = this.#faults;
    const size = end - start;
    let taken = Math.min(this.out.room, size);
    if (taken > 0 && refusedWrites.strikes()) {
      taken = 0;
      this.#refusesUntil = this.process.world.schedule.now +
        refusedWrites.amount(1, LONGEST_REFUSAL);
    } else if (taken > 1 && shortWrites.strikes()) {
      taken = shortWrites.amount(1, taken - 1);
    }
    this.note("write # of #", taken, size);
    this.out.accept(buffer, start, start + taken);
    if (taken < size) {
      this.#isWaiting = true;
      this.#comeBack();
    }
    return taken;
  }

  #lend(borrow: Borrow): number {
    this.note("borrow #", borrow.end - borrow.start);
    this.#borrow = borrow;
    this.#feed(borrow);
    this.#comeBack();
    return BORROWED;
  }

  /** Gives the system what it has room for of what is borrowed. */
  #feed(borrow: Borrow): void {
    while (!borrow.isDone && this.out.room > 0) {
      const { buffer, position, end } = borrow;
      borrow.position += this.out.accept(buffer, position, end);
    }
  }

  #returnBorrowed(): void {
    if (this.#borrow?.isIntact === false) {
      this.violated("borrowed bytes were changed");
    }
    this.#borrow = undefined;
  }
}

/** Nobody finds there what was read before; who has transferred the buffer has only taken this one. */
function overwriteScratch(length: number): void {
  if (scratch.length === 0) scratch = new Uint8Array(READ_SIZE).fill(GARBAGE);
  else scratch.fill(GARBAGE, 0, length);
}

function isGarbage(bytes: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[i] !== GARBAGE) return false;
  return true;
}
