import { derive, nthOf, scatter } from "./random.ts";

/**
 * How often the simulated network does what real ones do to nobody's pleasure:
 * for each kind of fault, the probability (0 to 1, default 0) that it strikes
 * when it could.
 */
export interface FaultRates {
  /** A read gives fewer bytes than are there. Each read. */
  readonly shortReads?: number;
  /** A write that is counted takes a part, though there is room for more. Each write. */
  readonly shortWrites?: number;
  /** A write that is counted takes nothing for up to 5 ms, though there is room. Each write. */
  readonly refusedWrites?: number;
  /** `onWritable` comes without cause. Each read. */
  readonly spuriousWritable?: number;
  /** A packet is lost, and comes 0.2 to 1 s later, those behind it with it. Each packet. */
  readonly lostPackets?: number;
  /** The link between two hosts is cut for up to 3 s, and then mends. Each packet between hosts. */
  readonly partitions?: number;
  /** Something in between resets the connection, to both ends. Each packet. */
  readonly resets?: number;
  /** What was received and not yet read is lost. Each reset that comes in. */
  readonly lostOnReset?: number;
  /** A socket that is paused does not hear of a reset before it writes or reads again. Each reset that comes in. */
  readonly withheldResets?: number;
  /** A connect fails: refused, unreachable, timed out, or out of resources. Each connect. */
  readonly failedConnects?: number;
  /** An accept fails: out of resources, or the connection was reset before. Each accept. */
  readonly failedAccepts?: number;
  /** A timer fires up to 50 ms late. Each timer. */
  readonly lateTimers?: number;
  /** The process stands still for up to 1 s, and its clocks do not. Each event of the process. */
  readonly pauses?: number;
  /** The wall clock of a host is set back or forth by up to an hour. Each event of the process. */
  readonly clockJumps?: number;
}

/** A kind of fault. */
export type FaultKind = keyof FaultRates;

const AMOUNT = 0x5bd1e995;

/** Where one kind of fault may strike again and again. */
export class FaultPoint {
  readonly #plan: FaultPlan;
  readonly #id: string;
  readonly #seed: number;
  readonly #rate: number;
  readonly #only: ReadonlySet<number> | undefined;
  #count = 0;

  /** `only`: the chances that are faults, whatever the rate. */
  constructor(
    plan: FaultPlan,
    id: string,
    seed: number,
    rate: number,
    only?: ReadonlySet<number>,
  ) {
    this.#plan = plan;
    this.#id = id;
    this.#seed = derive(seed, id);
    this.#rate = rate;
    this.#only = only;
  }

  /** Takes the next chance: true if the fault strikes. */
  strikes(): boolean {
    const chance = ++this.#count;
    const isFault = this.#only === undefined
      ? nthOf(this.#seed, chance) < this.#rate * 2 ** 32
      : this.#only.has(chance);
    if (!isFault || this.#plan.isCalm) return false;
    this.#plan.inject(`${this.#id}.${chance}`);
    return true;
  }

  /** How bad the fault is that struck last: an integer from `min` to `max`, both inclusive. */
  amount(min: number, max: number): number {
    const random = scatter(nthOf(this.#seed, this.#count) ^ AMOUNT);
    return min + Math.floor(random / 2 ** 32 * (max - min + 1));
  }
}

/**
 * Decides which faults strike.
 *
 * Every fault has an id that says what, where, and at which chance: `resets@3>.2`
 * is a reset by the second packet of the connector of connection 3. A decision
 * depends on the seed and on this id alone, so a fault that is left out does not
 * change the lot of the others.
 */
export class FaultPlan {
  /** The faults that have struck, in order. */
  readonly injected: string[] = [];
  /** No fault strikes any more. */
  isCalm = false;

  readonly #seed: number;
  readonly #rates: FaultRates;
  readonly #onFault: (id: string) => void;
  readonly #only: Map<string, Set<number>> | undefined;

  /** `onFault` is told of every fault that strikes; `only`: the ids of those that strike, and no others. */
  constructor(
    seed: number,
    rates: FaultRates,
    onFault: (id: string) => void,
    only?: readonly string[],
  ) {
    this.#seed = seed;
    this.#rates = rates;
    this.#onFault = onFault;
    this.#only = only && chancesByPoint(only);
  }

  /** Where faults of `kind` may strike; the same place has the same faults in every run. */
  point(kind: FaultKind, where: string): FaultPoint {
    const rate = this.#rates[kind] ?? 0;
    if (this.#only !== undefined) {
      const id = `${kind}@${where}`;
      const only = this.#only.get(id);
      return only === undefined
        ? NEVER
        : new FaultPoint(this, id, this.#seed, rate, only);
    }
    return rate === 0
      ? NEVER
      : new FaultPoint(this, `${kind}@${where}`, this.#seed, rate);
  }

  /** The fault `id` strikes. */
  inject(id: string): void {
    this.injected.push(id);
    this.#onFault(id);
  }
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

const NEVER = new FaultPoint(new FaultPlan(0, {}, () => {}), "", 0, 0);
