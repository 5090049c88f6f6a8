import type { FailureKind } from "../contract/failure.ts";
import type { FaultKind } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { Packet, type Path } from "./path.ts";
import { ByteRing } from "./byte_ring.ts";
import { CallbackEvent, type Scheduler } from "./scheduler.ts";
import type { Topology } from "./topology.ts";

/** The end of a connection that sends into a {@linkcode Pipe}. */
export interface PipeSender {
  /** The connection is lost. */
  fail(kind: FailureKind): void;
  /** The buffer of the sender has room again. */
  onRoom(): void;
  /** Resets the connection at both ends once the current event is over. */
  breakConnection(): void;
}

/** The end of a connection that receives from a {@linkcode Pipe}. */
export interface PipeReceiver {
  /** Bytes have arrived, or a FIN. */
  onArrived(): void;
  /** The peer has reset the connection. */
  onReset(): void;
}

/** Bytes that arrive together, up to the position `end` of the stream. */
interface PipeSegment {
  readonly at: number;
  end: number;
  next: PipeSegment | undefined;
}

const SHORTEST_RESEND = 200_000;
const LONGEST_RESEND = 1_000_000;

/**
 * One direction of a connection, from the sender's buffer to the receiver's.
 *
 * Positions count the bytes of the stream: `taken <= arrived <= sent <=
 * accepted`, and the FIN is one byte past the last. What is sent and not taken
 * never exceeds the receiver's buffer. While something is in flight, a pipe is
 * scheduled, or held by a cut, exactly once: nothing overtakes.
 */
export class Pipe extends Packet {
  sender!: PipeSender;
  receiver!: PipeReceiver;

  readonly #kernel: Kernel;
  readonly #topology: Topology;
  readonly #back: Path;
  readonly #sendBuffer: number;
  readonly #receiveBuffer: number;
  readonly #ring = new ByteRing();
  readonly #giveUp = new CallbackEvent(() => this.sender.fail("timed-out"));
  readonly #losses;
  readonly #resets;
  readonly #partitions;

  #accepted = 0;
  #sent = 0;
  #arrived = 0;
  #taken = 0;
  /** The position up to which the receiver is known to have room. */
  #granted: number;
  #isFinished = false;
  #isAbandoned = false;
  #isGrantUnderWay = false;
  #isResetUnderWay = false;
  #first: PipeSegment | undefined = undefined;
  #last: PipeSegment | undefined = undefined;
  #lastArrival = 0;

  /** `id` names it in the ids of faults; `back` is the path in the other direction. */
  constructor(
    kernel: Kernel,
    topology: Topology,
    id: string,
    path: Path,
    back: Path,
  ) {
    super(path);
    const { send, receive } = kernel.nextBufferSizes();
    this.#kernel = kernel;
    this.#topology = topology;
    this.#back = back;
    this.#sendBuffer = send;
    this.#receiveBuffer = this.#granted = receive;
    const pointOf = (kind: FaultKind) =>
      kernel.plan.point({ kind, target: id, hosts: path.name });
    this.#losses = pointOf("lostPackets");
    this.#resets = pointOf("resets");
    this.#partitions = pointOf("partitions");
  }

  /** How many bytes the sender's buffer has room for. */
  get room(): number {
    return this.#sendBuffer - (this.#accepted - this.#sent);
  }

  /** How many bytes can be read. */
  get readable(): number {
    return Math.min(this.#arrived, this.#accepted) - this.#taken;
  }

  /** The FIN has arrived, and everything before it was read. */
  get isAtEnd(): boolean {
    return this.#arrived > this.#accepted && this.readable === 0;
  }

  /** It will deliver everything that was accepted, and then a FIN. */
  get isEnding(): boolean {
    return this.#isFinished && !this.#isAbandoned;
  }

  /** Takes what the sender's buffer has room for; returns how many bytes. */
  accept(buffer: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.room, end - start);
    this.#ring.append(buffer, start, start + count);
    this.#accepted += count;
    this.#transmit();
    return count;
  }

  /** Sends a FIN after everything that was accepted. */
  finish(): void {
    this.#isFinished = true;
    this.#transmit();
  }

  /** Moves at most `limit` bytes to the beginning of `target`, and returns how many. */
  read(target: Uint8Array, limit: number): number {
    const count = Math.min(this.readable, limit);
    this.#ring.take(target, count);
    this.#taken += count;
    this.#grantIfWanted();
    return count;
  }

  /** Drops what has arrived and was not read, the FIN included, and what is in flight. */
  dropUnread(): void {
    this.#taken = this.#arrived = Math.min(this.#arrived, this.#accepted);
    this.#dropInFlight();
  }

  /** The sender is gone: drops what it has not sent and, if `isLost`, what is in flight. */
  abandon(isLost: boolean): void {
    this.#isAbandoned = true;
    this.#accepted = Math.min(this.#accepted, this.#sent);
    this.#kernel.scheduler.remove(this.#giveUp);
    if (isLost || this.path.isCut) this.#dropInFlight();
  }

  #dropInFlight(): void {
    this.#kernel.scheduler.remove(this);
    this.#first = this.#last = undefined;
  }

  /** Resets the receiver, unless a cut is in the way. */
  sendReset(): void {
    this.#reset(() => this.#isResetUnderWay = false);
  }

  /** Resets the receiver in answer to bytes. A cut only delays this, since the bytes are retransmitted until something answers them. */
  answerByReset(): void {
    this.#reset();
  }

  #reset(onLost?: () => void): void {
    if (this.#isResetUnderWay) return;
    this.#isResetUnderWay = true;
    const reset = new ControlPacket(this.path, () => {
      this.#isResetUnderWay = false;
      this.receiver.onReset();
    }, onLost);
    this.#kernel.scheduler.push(reset, this.#arrivalOf(0));
  }

  arrive(): void {
    const segment = this.#first;
    if (segment === undefined) return;
    this.#first = segment.next;
    this.#arrived = segment.end;
    if (this.#first !== undefined) {
      this.#kernel.scheduler.push(this, this.#first.at);
    } else {
      this.#last = undefined;
    }
    this.receiver.onArrived();
  }

  override meetCut(): void {
    super.meetCut();
    const { scheduler, settings } = this.#kernel;
    if (!this.#isAbandoned) scheduler.after(this.#giveUp, settings.sendGiveUp);
  }

  override release(scheduler: Scheduler, at: number): void {
    scheduler.remove(this.#giveUp);
    if (this.#first !== undefined) super.release(scheduler, at);
  }

  #transmit(): void {
    if (this.#isAbandoned) return;
    const last = this.#accepted + (this.#isFinished ? 1 : 0);
    const end = this.#granted < this.#accepted ? this.#granted : last;
    if (end > this.#sent) this.#send(end);
    this.#grantIfWanted();
  }

  #send(end: number): void {
    this.#lastArrival = this.#arrivalOf(end - this.#sent);
    this.#sent = end;
    this.#strike();
    const at = this.#lastArrival;
    if (this.#last !== undefined && this.#last.at === at) {
      this.#last.end = end;
      return;
    }
    const segment: PipeSegment = { at, end, next: undefined };
    if (this.#last !== undefined) this.#last.next = segment;
    else {
      this.#first = segment;
      this.#kernel.scheduler.push(this, at);
    }
    this.#last = segment;
  }

  #strike(): void {
    if (this.#resets.strikes()) this.sender.breakConnection();
    if (this.path.isLoopback) return;
    if (this.#losses.strikes()) {
      this.#lastArrival += this.#losses.amount(SHORTEST_RESEND, LONGEST_RESEND);
    }
    if (this.#partitions.strikes()) {
      this.#topology.failLink(this.path, this.#back, this.#partitions);
    }
  }

  #arrivalOf(count: number): number {
    return Math.max(this.#lastArrival, this.path.arrivalOf(count));
  }

  /** Tells a sender that waits for room at the receiver once there is some. */
  #grantIfWanted(): void {
    const isWanted = this.#accepted > this.#granted &&
      this.#taken + this.#receiveBuffer > this.#granted;
    if (!isWanted || this.#isGrantUnderWay) return;
    this.#isGrantUnderWay = true;
    const grant = new ControlPacket(this.#back, () => this.#onGrant());
    this.#kernel.scheduler.push(grant, this.#back.arrivalOf(0));
  }

  #onGrant(): void {
    this.#isGrantUnderWay = false;
    if (this.#isAbandoned) return;
    this.#granted = this.#taken + this.#receiveBuffer;
    this.#transmit();
    this.sender.onRoom();
  }
}

/** A packet without bytes. With `onLost` it is not retransmitted. */
export class ControlPacket extends Packet {
  readonly #onArrived: () => void;
  readonly #onLost: (() => void) | undefined;

  constructor(path: Path, onArrived: () => void, onLost?: () => void) {
    super(path);
    this.#onArrived = onArrived;
    this.#onLost = onLost;
  }

  arrive(): void {
    this.#onArrived();
  }

  override meetCut(): void {
    if (this.#onLost === undefined) super.meetCut();
    else this.#onLost();
  }
}
