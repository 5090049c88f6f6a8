import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { SimRandom } from "../mod.ts";
import {
  BODIES,
  FrameChecker,
  FrameSeries,
  HEADER_SIZE,
  readTag,
  show,
  type Side,
  WrongBytesError,
} from "./frames.ts";
import type { EndReport } from "./connection_ledger.ts";
import { LONGEST_STALL_MS, type RawPlan } from "./raw_plan.ts";
import type { SoakTally } from "./soak_tally.ts";

/** How many bytes of a frame are sent one by one. */
const DRIP_BYTES = 40;

/**
 * In Deno, `node:net` fails a pending write when the FIN of the other end
 * arrives.
 */
const BREAKS_AT_FIN = "Deno" in globalThis;

/**
 * A plain socket that sends and checks frames like the ends of the library, and
 * injects faults.
 */
export class RawEnd {
  /** Time of the last event. */
  lastProgress: number = performance.now();
  readonly #socket: Socket;
  readonly #side: Side;
  readonly #plan: RawPlan;
  readonly #random: SimRandom;
  readonly #tally: SoakTally;
  readonly #onEnd: (end: EndReport | undefined) => void;
  #tag: number | undefined;
  #out: FrameSeries | undefined;
  #checker: FrameChecker | undefined;
  #head = Buffer.alloc(0);
  #total: number;
  #next = 0;
  #accepted = 0;
  #isDripping = false;
  #isFaulty = false;
  #heardFin = false;
  #sentFin = false;
  #cut = false;
  /** True once this end has destroyed it: Bun still reports what arrives. */
  #isGone = false;
  #endedEarly = false;
  #error: string | undefined;

  /**
   * `tag` makes it a client; a server learns the tag from the first frame.
   * `onEnd` gets the report of this end, if it knows the tag.
   */
  constructor(
    socket: Socket,
    tag: number | undefined,
    plan: RawPlan,
    random: SimRandom,
    tally: SoakTally,
    onEnd: (end: EndReport | undefined) => void,
  ) {
    this.#socket = socket;
    this.#side = tag === undefined ? "server" : "client";
    this.#plan = plan;
    this.#random = random;
    this.#tally = tally;
    this.#onEnd = onEnd;
    this.#total = tag === undefined ? 0 : plan.total;
    if (tag !== undefined) this.#begin(tag);
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("end", () => this.#onFin());
    socket.on("error", (error: Error & { code?: string }) => {
      this.#error ??= error.code ?? error.message;
    });
    socket.on("close", () => this.#onClose());
    socket.setNoDelay(true);
    if (plan.afterFrames === 0) this.#misbehave();
    if (tag !== undefined) this.#pump();
  }

  /** Sends no more frames than were asked for so far. */
  rest(): void {
    if (this.#side === "client") {
      this.#total = Math.min(this.#total, this.#next);
    }
    this.#pump();
  }

  /** Destroys the socket. */
  destroy(): void {
    this.#cut = this.#isGone = true;
    this.#socket.destroy();
  }

  /** A description for messages. */
  describe(): string {
    return `plain ${this.#side} ${
      this.#tag === undefined ? "" : show(this.#tag)
    } ${JSON.stringify(this.#plan)}, ${this.#next} frames sent, ` +
      `${this.#checker?.frames} received, ${this.#socket.writableLength} bytes queued` +
      `${this.#sentFin ? ", sent FIN" : ""}${
        this.#heardFin ? ", heard FIN" : ""
      }`;
  }

  #begin(tag: number): void {
    const isClient = this.#side === "client";
    this.#tag = tag;
    this.#out = new FrameSeries(tag, this.#side);
    this.#checker = new FrameChecker(
      new FrameSeries(tag, isClient ? "server" : "client"),
    );
  }

  #onData(chunk: Buffer): void {
    if (this.#isGone) return;
    this.lastProgress = performance.now();
    if (this.#checker === undefined) {
      this.#head = Buffer.concat([this.#head, chunk]);
      if (this.#head.length < HEADER_SIZE) return;
      chunk = this.#head;
      this.#begin(readTag(chunk));
    }
    const checker = this.#checker!;
    const before = checker.frames;
    try {
      checker.check(chunk, 0, chunk.length);
    } catch (error) {
      if (!(error instanceof WrongBytesError)) throw error;
      this.#tally.breaks(`${error.message}: ${this.describe()}`);
      return this.destroy();
    }
    this.#tally.bytes += chunk.length;
    this.#tally.messages += checker.frames - before;
    if (this.#random.chance(this.#plan.stalls)) this.#stall();
    if (!this.#isFaulty && checker.frames >= this.#plan.afterFrames) {
      this.#misbehave();
    }
    this.#pump();
  }

  #stall(): void {
    this.#tally.fault("stall");
    this.#socket.pause();
    setTimeout(() => {
      this.lastProgress = performance.now();
      this.#socket.resume();
    }, this.#random.integer(1, LONGEST_STALL_MS));
  }

  #misbehave(): void {
    this.#isFaulty = true;
    const { fault } = this.#plan;
    if (fault === "none") return;
    this.#tally.fault(fault);
    if (fault === "half-close") {
      this.#total = this.#side === "client" ? this.#total : this.#next;
      this.#endedEarly = true;
    } else if (fault !== "byte by byte") {
      this.#cut = true;
      this.#breakOff(fault);
    }
  }

  #breakOff(fault: RawPlan["fault"]): void {
    const socket = this.#socket;
    if (fault === "reset" || fault === "socket destroyed") {
      this.#isGone = true;
      if (fault === "reset") socket.resetAndDestroy();
      else socket.destroy();
    } else if (fault === "garbage length") {
      const size = this.#random.pick([0, 11, 2 ** 31, 2 ** 32 - 1]);
      const header = Buffer.alloc(HEADER_SIZE);
      header.writeUInt32LE(size);
      socket.write(header);
    } else if (fault === "FIN within a frame") {
      const part = Buffer.alloc(HEADER_SIZE);
      this.#out?.writeHeader(this.#next, part);
      if (this.#out !== undefined) this.#write(part.subarray(0, 7));
      this.#fin();
    } else {
      const ms = this.#random.integer(1, LONGEST_STALL_MS);
      setTimeout(() => this.#fin(), ms);
    }
  }

  /** Sends what it may, and FIN once that is everything. */
  #pump(): void {
    if (this.#cut || this.#sentFin) return;
    const { afterFrames, fault, window } = this.#plan;
    const isServer = this.#side === "server";
    const received = this.#checker?.frames ?? 0;
    const isStopped = isServer && this.#endedEarly;
    const limit = isStopped
      ? this.#total
      : isServer
      ? received
      : Math.min(this.#total, received + window);
    while (!this.#isDripping && this.#next < limit) {
      const drips = fault === "byte by byte" && received >= afterFrames;
      this.#send(this.#next++, drips && this.#random.chance(0.3));
    }
    if (this.#isDripping) return;
    const isSent = this.#next === this.#total;
    const isDone = isServer ? isStopped || this.#heardFin : this.#heardFin ||
      (isSent && (this.#endedEarly || received === this.#next));
    if (isDone) this.#fin();
  }

  #send(n: number, drips: boolean): void {
    const series = this.#out!;
    const header = Buffer.alloc(HEADER_SIZE);
    series.writeHeader(n, header);
    const from = series.bodyOf(n);
    const body = BODIES.subarray(from, from + series.sizeOf(n) - HEADER_SIZE);
    if (!drips) {
      this.#write(header);
      if (body.length > 0) this.#write(body);
      return;
    }
    this.#isDripping = true;
    this.#drip(Buffer.concat([header, body]), 0);
  }

  #drip(frame: Buffer, offset: number): void {
    if (this.#cut || this.#socket.destroyed) return;
    if (offset < Math.min(DRIP_BYTES, frame.length)) {
      this.#write(frame.subarray(offset, offset + 1));
      setImmediate(() => this.#drip(frame, offset + 1));
      return;
    }
    if (offset < frame.length) this.#write(frame.subarray(offset));
    this.#isDripping = false;
    this.#pump();
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.destroyed || this.#sentFin) return;
    this.#accepted += bytes.length;
    this.#socket.write(bytes);
  }

  #fin(): void {
    if (this.#sentFin) return;
    this.#sentFin = true;
    this.#socket.end();
  }

  #onFin(): void {
    if (this.#isGone) return;
    this.lastProgress = performance.now();
    this.#heardFin = true;
    if (this.#cut) this.#fin();
    else this.#pump();
  }

  #onClose(): void {
    const isReset = this.#error === "ECONNRESET" || this.#error === "EPIPE";
    if (BREAKS_AT_FIN && this.#error === "EPIPE") this.#cut = true;
    if (this.#error !== undefined && !isReset) {
      this.#tally.breaks(`${this.#error}: ${this.describe()}`);
    }
    if (this.#tag === undefined) return this.#onEnd(undefined);
    const isServer = this.#side === "server";
    this.#onEnd({
      tag: this.#tag,
      side: this.#side,
      story: `${this.#error ?? "no error"}, ${this.describe()}`,
      accepted: this.#accepted,
      received: this.#checker!.bytes,
      framesSent: this.#next,
      framesReceived: this.#checker!.frames,
      heardFin: this.#heardFin,
      cut: this.#cut,
      lost: !this.#cut && (isReset || !this.#heardFin),
      heardGarbage: false,
      answeredAll: isServer && this.#heardFin && !this.#endedEarly,
    });
  }
}
