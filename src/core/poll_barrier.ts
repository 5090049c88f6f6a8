import type { Adapter } from "../contract/adapter.ts";

/**
 * Like {@linkcode Adapter.afterPoll} for sockets of one kind. Calls back at
 * once if there are none.
 */
export type AfterPoll = Adapter["afterPoll"];

/**
 * Waits until all ready sockets of a runtime have been served: those of the
 * adapter, and those that are served elsewhere.
 */
export class PollBarrier {
  readonly #parties = new Set<AfterPoll>();

  constructor(adapter: Adapter) {
    this.add((callback) => adapter.afterPoll(callback));
  }

  /** Also waits for `party` from now on. */
  add(party: AfterPoll): void {
    this.#parties.add(party);
  }

  /** Stops waiting for `party`, except for calls in progress. */
  remove(party: AfterPoll): void {
    this.#parties.delete(party);
  }

  /** Calls `callback` once, after all parties have called back. */
  afterPoll(callback: () => void): void {
    const parties = [...this.#parties];
    let missingCount = parties.length;
    const onServed = (): void => {
      if (--missingCount === 0) callback();
    };
    for (const party of parties) party(onServed);
  }
}
