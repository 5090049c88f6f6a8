import { derive, nthOf, scatter } from "./random.ts";

/**
 * How often the simulated network does what real ones do to nobody's pleasure:
 * for each kind of fault, the probability (0 to 1, default 0) that it strikes
 * when it could. A packet is what a connection sends at once: bytes, FIN, or
 * both.
 */
export interface FaultRates {
  /** A read gives fewer bytes than are there. Each read. */
  readonly shortReads?: number | undefined;
  /** A write that is counted takes a part, though there is room for more. Each write. */
  readonly shortWrites?: number | undefined;
  /** A write that is counted takes nothing for up to 5 ms, though there is room. Each write. */
  readonly refusedWrites?: number | undefined;
  /** `onWritable` comes without cause. Each read. */
  readonly spuriousWritable?: number | undefined;
  /** A packet is lost, and comes 0.2 to 1 s later, those behind it with it. Each packet. */
  readonly lostPackets?: number | undefined;
  /** The link between two hosts is cut for up to 3 s, and then mends. Each packet between hosts. */
  readonly partitions?: number | undefined;
  /** Something in between resets the connection, to both ends. Each packet. */
  readonly resets?: number | undefined;
  /** What was received and not yet read is lost. Each reset that comes in. */
  readonly lostOnReset?: number | undefined;
  /** A socket that is paused does not hear of a reset before it writes or reads again. Each reset that comes in. */
  readonly withheldResets?: number | undefined;
  /** A connect fails: refused, unreachable, timed out, or out of resources. Each connect. */
  readonly failedConnects?: number | undefined;
  /** An accept fails: out of resources, or the connection was reset before. Each accept. */
  readonly failedAccepts?: number | undefined;
  /** A timer fires up to 50 ms late. Each timer. */
  readonly lateTimers?: number | undefined;
  /** The process stands still for up to 1 s, and its clocks do not. After each event of the process. */
  readonly pauses?: number | undefined;
  /** The wall clock of a host is set back or forth by up to an hour. After each event of the process. */
  readonly clockJumps?: number | undefined;
}

/** A kind of fault. */
export type FaultKind = keyof FaultRates;

const AMOUNT = 0x5bd1e995;

/** A fault that has struck. */
export class Fault {
  /** How bad it is, in the unit of its kind. */
  amount = 0;
  /** Which one it is, of the ways that its kind has. */
  choice = "";

  /** `time`: when it struck, in microseconds; `place`: the hosts, for the reader. */
  constructor(
    readonly id: string,
    readonly kind: FaultKind,
    readonly time: number,
    readonly hosts: string,
  ) {}
}

/** A kind of fault, and what it may strike. */
interface FaultTarget {
  readonly kind: FaultKind;
  /** The end of a connection or the host, for the id. */
  readonly target: string;
  /** The hosts, for the reader. */
  readonly hosts: string;
}

/** Where one kind of fault may strike again and again. */
export class FaultPoint {
  readonly #plan: FaultPlan;
  readonly #target: FaultTarget;
  readonly #id: string;
  readonly #seed: number;
  readonly #rate: number;
  readonly #only: ReadonlySet<number> | undefined;
  #count = 0;
  #last: Fault | undefined = undefined;

  /** `only`: the chances that are faults, whatever the rate. */
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

  /** How bad the fault is that struck last: an integer from `min` to `max`, both inclusive. */
  amount(min: number, max: number): number {
    const random = scatter(nthOf(this.#seed, this.#count) ^ AMOUNT);
    const amount = min + Math.floor(random / 2 ** 32 * (max - min + 1));
    if (this.#last !== undefined) this.#last.amount = amount;
    return amount;
  }

  /** Which of `choices` the fault is that struck last. */
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
 * is a reset by the second packet of the connector of connection 3. A decision
 * depends on the seed and on this id alone, so a fault that is left out does not
 * change the lot of the others.
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

  /** `onFault` is told of every fault that strikes; `only`: the ids of those that strike, and no others. */
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

  /** Where faults of a kind may strike; the same target has the same faults in every run. */
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

const NEVER = new FaultPoint(
  new FaultPlan({ now: 0 }, 0, {}, () => {}),
  { kind: "resets", target: "", hosts: "" },
  0,
  0,
);
