import { SimRandom } from "./random.ts";
import type { Filled } from "../api/option_rules.ts";
import { type Schedule, SimEvent } from "./schedule.ts";

/** How bytes travel between two hosts, in each direction. */
export interface LinkSettings {
  /** Milliseconds that a byte is under way. 0 to 60000. */
  readonly latencyMs?: number | undefined;
  /** Milliseconds that are added to it, by the seed from 0 up to this. 0 to 60000. */
  readonly jitterMs?: number | undefined;
  /** Bytes that pass in a second, of all connections together; `Infinity` for no bound. At least 1. */
  readonly bytesPerSecond?: number | undefined;
}

/** Something that travels a {@linkcode Path}. */
export abstract class Packet extends SimEvent {
  constructor(readonly path: Path) {
    super();
  }

  /** It comes out at the other end, or meets a cut. */
  run(): void {
    if (this.path.isCut) this.meetCut();
    else this.arrive();
  }

  /** It has come out at the other end. */
  abstract arrive(): void;

  /** It was lost. TCP sends again what is lost, until it comes through. */
  meetCut(): void {
    this.path.hold(this);
  }

  /** The path is whole again; it comes at the time `at`. */
  release(schedule: Schedule, at: number): void {
    schedule.push(this, at);
  }
}

const LONGEST_RESEND = 200_000;

/** The way from one host to another. */
export class Path {
  /** The hosts that it joins, for the reader. */
  readonly name: string;
  /** It leads from a host to itself. */
  readonly isLoopback: boolean;
  readonly #schedule: Schedule;
  readonly #random: SimRandom;
  #latency: number;
  #jitter: number;
  #bytesPerSecond: number;
  /** When the last byte that was sent has left. */
  #freeAt = 0;
  #isCutByHand = false;
  /** What has cut it by chance, and not mended. */
  readonly #faults = new Set<unknown>();
  #held: Packet[] = [];

  /** `seed` decides the jitter. */
  constructor(
    schedule: Schedule,
    seed: number,
    name: string,
    settings: Filled<LinkSettings>,
    isLoopback: boolean,
  ) {
    this.name = name;
    this.isLoopback = isLoopback;
    this.#schedule = schedule;
    this.#random = new SimRandom(seed);
    this.#latency = micros(settings.latencyMs);
    this.#jitter = micros(settings.jitterMs);
    this.#bytesPerSecond = settings.bytesPerSecond;
  }

  /** Nothing comes through. */
  get isCut(): boolean {
    return this.#isCutByHand || this.#faults.size > 0;
  }

  /** Changes what is given of the settings, for what is sent from now on. */
  set(
    { latencyMs, jitterMs, bytesPerSecond }: LinkSettings,
  ): void {
    if (latencyMs !== undefined) this.#latency = micros(latencyMs);
    if (jitterMs !== undefined) this.#jitter = micros(jitterMs);
    this.#bytesPerSecond = bytesPerSecond ?? this.#bytesPerSecond;
  }

  /** When `count` bytes that are sent now come out at the other end. */
  arrivalOf(count: number): number {
    const { now } = this.#schedule;
    const start = Math.max(now, this.#freeAt);
    this.#freeAt = start + Math.ceil(count * 1_000_000 / this.#bytesPerSecond);
    return this.#freeAt + this.#latency + this.#random.integer(0, this.#jitter);
  }

  /** Keeps `packet` until the path is whole. */
  hold(packet: Packet): void {
    this.#held.push(packet);
  }

  /** Cuts the path until {@linkcode Path.heal}. */
  cut(): void {
    this.#isCutByHand = true;
  }

  /** Cuts the path until {@linkcode Path.mend} of the same fault. */
  fail(fault: unknown): void {
    this.#faults.add(fault);
  }

  /** Ends what {@linkcode Path.fail} began; true if the path is whole by that. */
  mend(fault: unknown): boolean {
    const isMended = this.#faults.delete(fault) && !this.isCut;
    if (isMended) this.#release();
    return isMended;
  }

  /** Makes the path whole; what was lost is sent again a little later. */
  heal(): void {
    this.#isCutByHand = false;
    this.#faults.clear();
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length === 0) return;
    const resend = this.#random.integer(0, LONGEST_RESEND);
    const at = this.#schedule.now + resend + this.#latency;
    for (const packet of held) packet.release(this.#schedule, at);
  }
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}
