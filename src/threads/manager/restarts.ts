import { MAX_INCARNATIONS } from "../worker/worker_setup.ts";

/** How often a worker may be restarted. */
export interface RestartPolicy {
  readonly restart: boolean;
  readonly maxRestarts: number;
  readonly restartWindowMs: number;
}

/** Counts the workers of each runtime, and decides whether it gets another one. */
export class Restarts {
  readonly #policy: RestartPolicy;
  readonly #now: () => number;
  readonly #incarnations = new Map<number, number>();
  /** The times of the last restarts, by runtime. */
  readonly #times = new Map<number, number[]>();

  constructor(policy: RestartPolicy, now: () => number) {
    this.#policy = policy;
    this.#now = now;
  }

  /** A runtime gets a worker; returns how many it had before. */
  begin(runtimeId: number): number {
    const incarnation = this.#incarnations.get(runtimeId) ?? 0;
    this.#incarnations.set(runtimeId, incarnation + 1);
    return incarnation;
  }

  /** A runtime's worker is gone: true if it gets a new one. */
  allow(runtimeId: number): boolean {
    const { restart, maxRestarts, restartWindowMs } = this.#policy;
    const incarnation = this.#incarnations.get(runtimeId) ?? 0;
    if (!restart || incarnation >= MAX_INCARNATIONS) return false;
    const now = this.#now();
    const recent = (this.#times.get(runtimeId) ?? [])
      .filter((time) => time > now - restartWindowMs);
    if (recent.length >= maxRestarts) return false;
    this.#times.set(runtimeId, [...recent, now]);
    return true;
  }

  /** Why a runtime got no new worker, for the log; empty if it never gets one. */
  whyNot(runtimeId: number): string {
    const { restart, maxRestarts, restartWindowMs } = this.#policy;
    if (!restart) return "";
    const isUsedUp = this.#incarnations.get(runtimeId) === MAX_INCARNATIONS;
    return isUsedUp
      ? "its ids of reactors are used up"
      : `maxRestarts (${maxRestarts} within ${restartWindowMs} ms) is reached`;
  }
}
