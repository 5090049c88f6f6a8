import type { Adapter } from "../contract/adapter.ts";

/** Calls back as {@linkcode Adapter.afterPoll} does, for sockets of one kind; at once if there are none. */
export type Look = Adapter["afterPoll"];

/** Looks at all sockets of a runtime, wherever they live: those of the adapter, and those that are served for it elsewhere. */
export class Looks {
  readonly #looks = new Set<Look>();

  constructor(adapter: Adapter) {
    this.add((callback) => adapter.afterPoll(callback));
  }

  /** From now on `look` is waited for, too. */
  add(look: Look): void {
    this.#looks.add(look);
  }

  /** It is asked no more; what it was asked before it has to answer. */
  remove(look: Look): void {
    this.#looks.delete(look);
  }

  /** Calls back once, when all that are asked have called back. */
  afterPoll(callback: () => void): void {
    const looks = [...this.#looks];
    let missingCount = looks.length;
    const onServed = (): void => {
      if (--missingCount === 0) callback();
    };
    for (const look of looks) look(onServed);
  }
}
