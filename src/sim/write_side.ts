import { BORROWED } from "../contract/socket.ts";
import { BorrowedWrite } from "./borrowed_write.ts";
import type { FaultPoint } from "./faults.ts";
import type { WriteOwnership } from "./options.ts";
import type { SimRandom } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

const LONGEST_REFUSAL = 5000;

/** The faults that strike what is written. */
export interface WriteFaults {
  readonly shortWrites: FaultPoint;
  readonly refusedWrites: FaultPoint;
}

/** Where what is written goes. */
export interface WriteSink {
  /** How many bytes it would take. */
  readonly room: number;
  /** Takes as many bytes as it has room for, and returns how many. */
  accept(buffer: Uint8Array, start: number, end: number): number;
}

/** The end of a connection that a {@linkcode WriteSide} is a part of. */
interface WritingEnd {
  /** What this end sends. */
  readonly out: WriteSink;
  addToTrace(what: string, a?: number, b?: number): void;
  violated(rule: string): void;
}

/** How an end of a connection takes what is written: all of it, a part, nothing, or as borrowed bytes. */
export class WriteSide {
  /** `onWritable` will be called without cause. */
  isSpurious = false;
  readonly #end: WritingEnd;
  readonly #scheduler: Scheduler;
  readonly #ownership: WriteOwnership;
  readonly #random: SimRandom;
  readonly #faults: WriteFaults;
  #borrow: BorrowedWrite | undefined = undefined;
  /** A write was taken in part, and the owner waits for room. */
  #isWaiting = false;
  #refusesUntil = 0;

  constructor(
    end: WritingEnd,
    scheduler: Scheduler,
    ownership: WriteOwnership,
    random: SimRandom,
    faults: WriteFaults,
  ) {
    this.#end = end;
    this.#scheduler = scheduler;
    this.#ownership = ownership;
    this.#random = random;
    this.#faults = faults;
  }

  get isBorrowing(): boolean {
    return this.#borrow !== undefined;
  }

  /** The owner waits for `onWritable`. */
  get isOwedWritable(): boolean {
    return this.#isWaiting || this.isBorrowing;
  }

  /** The time until which writes find no room. */
  get refusesUntil(): number {
    return this.#refusesUntil;
  }

  /** `onWritable` can be called now. After a FIN (`isShutDown`) only borrowed bytes are still waited for. */
  isWritable(isShutDown: boolean): boolean {
    if (this.#borrow !== undefined) return this.#borrow.isDone;
    return !isShutDown && (this.isSpurious || this.#hasRoom);
  }

  /** Takes or borrows bytes; see `Socket.write`. */
  write(buffer: Uint8Array, start: number, end: number): number {
    const borrows = this.#ownership === "mixed"
      ? this.#random.chance(0.5)
      : this.#ownership === "borrows";
    return borrows && end > start
      ? this.#borrowBytes(new BorrowedWrite(buffer, start, end))
      : this.#take(buffer, start, end);
  }

  /** There is room again. */
  onRoom(): void {
    if (this.#borrow !== undefined) this.#feed(this.#borrow);
  }

  /** `onWritable` is about to be called. */
  beforeWritable(): void {
    this.returnBorrowed();
    if (this.#hasRoom) this.#isWaiting = false;
    this.isSpurious = false;
  }

  /** Gives borrowed bytes back, and checks that nobody has changed them. */
  returnBorrowed(): void {
    if (this.#borrow?.isIntact === false) {
      this.#end.violated("borrowed bytes were changed");
    }
    this.#borrow = undefined;
  }

  /** Forgets borrowed bytes, whose owner is dead. */
  dropBorrowed(): void {
    this.#borrow = undefined;
  }

  /** There is room for the rest of a write that was taken in part. */
  get #hasRoom(): boolean {
    return this.#isWaiting && this.#end.out.room > 0 &&
      this.#scheduler.now >= this.#refusesUntil;
  }

  #take(buffer: Uint8Array, start: number, end: number): number {
    const { refusedWrites, shortWrites } = this.#faults;
    const { out } = this.#end;
    const size = end - start;
    let taken = Math.min(out.room, size);
    if (taken > 0 && refusedWrites.strikes()) {
      taken = 0;
      this.#refusesUntil = this.#scheduler.now +
        refusedWrites.amount(1, LONGEST_REFUSAL);
    } else if (taken > 1 && shortWrites.strikes()) {
      taken = shortWrites.amount(1, taken - 1);
    }
    this.#end.addToTrace("write # of #", taken, size);
    out.accept(buffer, start, start + taken);
    if (taken < size) this.#isWaiting = true;
    return taken;
  }

  #borrowBytes(borrow: BorrowedWrite): number {
    this.#end.addToTrace("borrow #", borrow.end - borrow.start);
    this.#borrow = borrow;
    this.#feed(borrow);
    return BORROWED;
  }

  /** Passes as many borrowed bytes to the system as it has room for. */
  #feed(borrow: BorrowedWrite): void {
    const { out } = this.#end;
    while (!borrow.isDone && out.room > 0) {
      const { buffer, position, end } = borrow;
      borrow.position += out.accept(buffer, position, end);
    }
  }
}
