import type { ProcessSignals } from "../contract/signals.ts";

/** The signals that simulated processes know, with the numbers that they have on Linux. */
export const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
};

/** What signals ask of their process. */
export interface SignalHost {
  readonly isDead: boolean;
  /** Calls back soon, as an event of the process. */
  schedule(callback: () => void): void;
  exit(code: number): void;
}

/** The signals of a simulated process. */
export class SimSignals implements ProcessSignals {
  readonly ending = ["SIGTERM", "SIGINT"] as const;
  readonly #host: SignalHost;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(host: SignalHost) {
    this.#host = host;
  }

  numberOf(signal: string): number | undefined {
    return Object.hasOwn(SIGNAL_NUMBERS, signal)
      ? SIGNAL_NUMBERS[signal]
      : undefined;
  }

  listen(signal: string, callback: () => void): () => void {
    const listeners = this.#listeners.get(signal) ?? new Set();
    this.#listeners.set(signal, listeners);
    const listener = () => callback();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  exit(code: number): void {
    if (!this.#host.isDead) this.#host.exit(code);
  }

  /** Delivers `signal`; returns false if nobody listens for it. */
  deliver(signal: string): boolean {
    const listeners = this.#listeners.get(signal) ?? [];
    let isHeard = false;
    for (const listener of listeners) {
      isHeard = true;
      this.#host.schedule(listener);
    }
    return isHeard;
  }
}
