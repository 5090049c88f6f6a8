/**
 * Faults that strike at random, and can be repeated by their ids.
 *
 * @module
 */

import { derive, nthOf, scatter } from "./random.ts";

/**
 * How often faults strike: for each kind, the probability (0 to 1, default 0)
 * that it strikes when it can. The last words of each comment say when that is. A
 * packet is what a connection sends at once: bytes, a FIN, or both.
 *
 * @category Simulation
 */
export interface FaultRates {
  /** A read returns fewer bytes than are available. Each read. */
  readonly shortReads?: number | undefined;
  /** A write that is not borrowed takes a part, though there is room for more. Each write. */
  readonly shortWrites?: number | undefined;
  /** A write that is not borrowed takes nothing for up to 5 ms, though there is room. Each write. */
  readonly refusedWrites?: number | undefined;
  /** `onWritable` is called without cause. Each read. */
  readonly spuriousWritable?: number | undefined;
  /** A packet is lost and retransmitted, and arrives 0.2 to 1 s later, with those behind it. Each packet. */
  readonly lostPackets?: number | undefined;
  /** The link between two hosts is cut for up to 3 s, and then mends. Each packet between hosts. */
  readonly partitions?: number | undefined;
  /** A middlebox resets the connection at both ends. Each packet. */
  readonly resets?: number | undefined;
  /** What was received and not yet read is lost. Each incoming reset. */
  readonly lostOnReset?: number | undefined;
  /** A paused socket does not learn of a reset until it writes or reads again. Each incoming reset. */
  readonly withheldResets?: number | undefined;
  /** A connect fails: refused, unreachable, timed out, or out of resources. Each connect. */
  readonly failedConnects?: number | undefined;
  /** An accept fails: out of resources, or the connection was reset before. Each accept. */
  readonly failedAccepts?: number | undefined;
  /** A TLS handshake fails at this end, for one of the possible reasons. Each handshake, at each end. */
  readonly failedHandshakes?: number | undefined;
  /** One end of a TLS handshake goes silent, at the start or halfway: only a time limit ends that. Each handshake, at each end. */
  readonly stuckHandshakes?: number | undefined;
  /** This end of a TLS connection ends with FIN alone, without close_notify. Each end of sending. */
  readonly truncatedEnds?: number | undefined;
  /** A timer fires up to 50 ms late. Each timer. */
  readonly lateTimers?: number | undefined;
  /** The process freezes for up to 1 s, while its clocks go on. After each event of the process. */
  readonly pauses?: number | undefined;
  /** The wall clock of the host jumps back or forward by up to an hour. After each event of the process. */
  readonly clockJumps?: number | undefined;
}

/**
 * A kind of fault.
 *
 * @category Simulation
 */
export type FaultKind = keyof FaultRates;

const AMOUNT = 0x5bd1e995;

/** A fault that has struck. */
export class Fault {
  /** How severe it is, in the unit of its kind. */
  amount = 0;
  /** Which variant of its kind it is. */
  choice = "";

  readonly id: string;
  readonly kind: FaultKind;
  readonly time: number;
  readonly hosts: string;

  /** `time`: when it struck, in microseconds; `hosts`: where, for messages. */
  constructor(
    id: string,
    kind: FaultKind,
    time: number,
    hosts: string,
  ) {
    this.id = id;
    this.kind = kind;
    this.time = time;
    this.hosts = hosts;
  }
}

/** A kind of fault, and what it may strike. */
interface FaultTarget {
  readonly kind: FaultKind;
  /** The end of a connection or the host, for the id. */
  readonly target: string;
  /** The hosts, for messages. */
  readonly hosts: string;
}

/** Decides whether one kind of fault strikes one target, chance by chance. */
export class FaultPoint {
  readonly #plan: FaultPlan;
  readonly #target: FaultTarget;
  readonly #id: string;
  readonly #seed: number;
  readonly #rate: number;
  readonly #only: ReadonlySet<number> | undefined;
  #count = 0;
  #last: Fault | undefined = undefined;

  /** `only`: the numbers of the chances at which it strikes, whatever the rate. */
  constructor(
    plan: FaultPlan,
    target: FaultTarget,
    seed: number,
    rate: number,
    only?: ReadonlySet<number>,
  ) {
    this.#plan = plan;
    this.#target = target;
    this.#id = pointId(target);
    this.#seed = derive(seed, this.#id);
    this.#rate = rate;
    this.#only = only;
  }

  /** Takes the next chance: true if the fault strikes. */
  strikes(): boolean {
    const chance = ++this.#count;
    const isFault = this.#only === undefined
      ? nthOf(this.#seed, chance) < this.#rate * 2 ** 32
      : this.#only.has(chance);
    if (!isFault || this.#plan.isEnded) return false;
    this.#last = this.#plan.inject(`${this.#id}.${chance}`, this.#target);
    return true;
  }

  /** How severe the last fault is: an integer from `min` to `max`, both inclusive. */
  amount(min: number, max: number): number {
    const random = scatter(nthOf(this.#seed, this.#count) ^ AMOUNT);
    const amount = min + Math.floor(random / 2 ** 32 * (max - min + 1));
    if (this.#last !== undefined) this.#last.amount = amount;
    return amount;
  }

  /** Which of `choices` the last fault is. */
  pick<Choice extends string>(choices: readonly Choice[]): Choice {
    const choice = choices[this.amount(0, choices.length - 1)];
    if (this.#last !== undefined) this.#last.choice = choice;
    return choice;
  }
}

/**
 * Decides which faults strike.
 *
 * Every fault has an id that says what, where, and at which chance: `resets@3c.2`
 * is a reset at the second packet from the connector of connection 3. A decision
 * depends on the seed and this id alone, so leaving one fault out does not change
 * the others.
 */
export class FaultPlan {
  /** The faults that have struck, in order. */
  readonly injected: Fault[] = [];
  /** No fault strikes any more. */
  isEnded = false;

  readonly #clock: { readonly now: number };
  readonly #seed: number;
  readonly #rates: FaultRates;
  readonly #onFault: (id: string) => void;
  readonly #only: Map<string, Set<number>> | undefined;

  /** `onFault` is called with the id of every fault that strikes; `only`: the ids of those that may, all by default. */
  constructor(
    clock: { readonly now: number },
    seed: number,
    rates: FaultRates,
    onFault: (id: string) => void,
    only?: readonly string[],
  ) {
    this.#clock = clock;
    this.#seed = seed;
    this.#rates = rates;
    this.#onFault = onFault;
    this.#only = only && chancesByPoint(only);
  }

  /** Where a kind of fault may strike; the same target gets the same faults in every run. */
  point(target: FaultTarget): FaultPoint {
    const rate = this.#rates[target.kind] ?? 0;
    const only = this.#only?.get(pointId(target));
    const isNever = this.#only === undefined ? rate === 0 : only === undefined;
    return isNever
      ? NEVER
      : new FaultPoint(this, target, this.#seed, rate, only);
  }

  /** The fault `id` strikes. */
  inject(id: string, { kind, hosts }: FaultTarget): Fault {
    const fault = new Fault(id, kind, this.#clock.now, hosts);
    this.injected.push(fault);
    this.#onFault(id);
    return fault;
  }
}

function pointId({ kind, target }: FaultTarget): string {
  return `${kind}@${target}`;
}

function chancesByPoint(ids: readonly string[]): Map<string, Set<number>> {
  const points = new Map<string, Set<number>>();
  for (const id of ids) {
    const dot = id.lastIndexOf(".");
    const point = id.slice(0, dot);
    const chances = points.get(point) ?? new Set();
    points.set(point, chances.add(Number(id.slice(dot + 1))));
  }
  return points;
}

/** Where nothing strikes. */
export const NEVER: FaultPoint = new FaultPoint(
  new FaultPlan({ now: 0 }, 0, {}, () => {}),
  { kind: "resets", target: "", hosts: "" },
  0,
  0,
);
