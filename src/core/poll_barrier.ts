import type { Adapter } from "../contract/adapter.ts";

/** Calls back as {@linkcode Adapter.afterPoll} does, for sockets of one kind; at once if there are none. */
export type AfterPoll = Adapter["afterPoll"];

/** Waits until all sockets of a runtime that are ready were served, wherever they live: those of the adapter, and those that are served for it elsewhere. */
export class PollBarrier {
  readonly #parties = new Set<AfterPoll>();

  constructor(adapter: Adapter) {
    this.add((callback) => adapter.afterPoll(callback));
  }

  /** From now on `party` is waited for, too. */
  add(party: AfterPoll): void {
    this.#parties.add(party);
  }

  /** `party` is asked no more; it still has to answer what it was asked before. */
  remove(party: AfterPoll): void {
    this.#parties.delete(party);
  }

  /** Calls back once, when all parties have called back. */
  afterPoll(callback: () => void): void {
    const parties = [...this.#parties];
    let missingCount = parties.length;
    const onServed = (): void => {
      if (--missingCount === 0) callback();
    };
    for (const party of parties) party(onServed);
  }
}
