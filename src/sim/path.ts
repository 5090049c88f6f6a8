/**
 * The links between simulated hosts.
 *
 * @module
 */

import { SimRandom } from "./random.ts";
import type { Filled } from "../api/options/rules.ts";
import { type Scheduler, SimEvent } from "./scheduler.ts";

/**
 * How bytes travel between two hosts, in each direction.
 *
 * @category Simulation
 */
export interface LinkSettings {
  /** Milliseconds that a byte takes. 0 to 60000. */
  readonly latencyMs?: number | undefined;
  /** The most milliseconds that are added to the latency at random. 0 to 60000. */
  readonly jitterMs?: number | undefined;
  /** Bytes per second for all connections together; `Infinity` for no limit. At least 1. */
  readonly bytesPerSecond?: number | undefined;
}

/** Something that travels a {@linkcode Path}. */
export abstract class Packet extends SimEvent {
  readonly path: Path;

  constructor(path: Path) {
    super();
    this.path = path;
  }

  /** Arrives, unless the path is cut. */
  fire(): void {
    if (this.path.isCut) this.meetCut();
    else this.arrive();
  }

  /** It has arrived at the other host. */
  abstract arrive(): void;

  /** It was lost to a cut. TCP retransmits it until it gets through. */
  meetCut(): void {
    this.path.hold(this);
  }

  /** The path is whole again: it arrives at the time `at`. */
  release(scheduler: Scheduler, at: number): void {
    scheduler.push(this, at);
  }
}

const LONGEST_RESEND = 200_000;

/** The path from one host to another, in one direction. */
export class Path {
  /** The hosts that it joins, for messages. */
  readonly name: string;
  /** It leads from a host to itself. */
  readonly isLoopback: boolean;
  readonly #scheduler: Scheduler;
  readonly #random: SimRandom;
  #latency: number;
  #jitter: number;
  #bytesPerSecond: number;
  /** When the last byte sent so far has left. */
  #freeAt = 0;
  #isCutByHand = false;
  /** The random faults that cut it. */
  readonly #faults = new Set<unknown>();
  #held: Packet[] = [];

  /** `seed` decides the jitter. */
  constructor(
    scheduler: Scheduler,
    seed: number,
    name: string,
    settings: Filled<LinkSettings>,
    isLoopback: boolean,
  ) {
    this.name = name;
    this.isLoopback = isLoopback;
    this.#scheduler = scheduler;
    this.#random = new SimRandom(seed);
    this.#latency = micros(settings.latencyMs);
    this.#jitter = micros(settings.jitterMs);
    this.#bytesPerSecond = settings.bytesPerSecond;
  }

  /** Nothing gets through. */
  get isCut(): boolean {
    return this.#isCutByHand || this.#faults.size > 0;
  }

  /** Changes the settings that are given, for what is sent from now on. */
  set(
    { latencyMs, jitterMs, bytesPerSecond }: LinkSettings,
  ): void {
    if (latencyMs !== undefined) this.#latency = micros(latencyMs);
    if (jitterMs !== undefined) this.#jitter = micros(jitterMs);
    this.#bytesPerSecond = bytesPerSecond ?? this.#bytesPerSecond;
  }

  /** When `count` bytes that are sent now arrive. */
  arrivalOf(count: number): number {
    const { now } = this.#scheduler;
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

  /** Ends what {@linkcode Path.fail} began; true if that makes the path whole. */
  mend(fault: unknown): boolean {
    const isMended = this.#faults.delete(fault) && !this.isCut;
    if (isMended) this.#release();
    return isMended;
  }

  /** Makes the path whole; what was lost is retransmitted a little later. */
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
    const at = this.#scheduler.now + resend + this.#latency;
    for (const packet of held) packet.release(this.#scheduler, at);
  }
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}
