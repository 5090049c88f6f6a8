/**
 * Callbacks for what the handler of a command returned. Exactly one is called,
 * once.
 */
export interface ValueTaker {
  onValue(value: unknown): void;
  onFailed(error: Error): void;
}

/** What the handler of a command returned, unless that is `undefined`. */
export abstract class Returned {
  /** Passes the value to `taker` once it is available. */
  abstract deliver(taker: ValueTaker): void;
}

/** A value. */
export class ReturnedValue extends Returned {
  readonly #value: unknown;

  constructor(value: unknown) {
    super();
    this.#value = value;
  }

  deliver(taker: ValueTaker): void {
    taker.onValue(this.#value);
  }
}

/** Passes the outcome of a promise to a taker. */
type Settled = (taker: ValueTaker) => void;

/** A promise of a value. */
class ReturnedPromise extends Returned {
  readonly #settled: Promise<Settled>;
  readonly #values: PromisedValues;

  constructor(settled: Promise<Settled>, values: PromisedValues) {
    super();
    this.#settled = settled;
    this.#values = values;
  }

  deliver(taker: ValueTaker): void {
    this.#values.await(this.#settled, taker);
  }
}

/**
 * The promises that `onCommand` of one reactor has returned. They are awaited
 * only until the reactor closes.
 */
export class PromisedValues {
  readonly #defer: (callback: () => void) => void;
  readonly #onRejected: (thrown: unknown) => Error;
  readonly #waiting = new Set<ValueTaker>();

  /**
   * `defer` calls back in the next turn. `onRejected` gets the rejection of a
   * promise, and returns the error for its command.
   */
  constructor(
    defer: (callback: () => void) => void,
    onRejected: (thrown: unknown) => Error,
  ) {
    this.#defer = defer;
    this.#onRejected = onRejected;
  }

  add(promise: Promise<unknown>): Returned {
    const settled = promise.then<Settled, Settled>(
      (value) => (taker) => taker.onValue(value),
      (thrown) => {
        const error = this.#onRejected(thrown);
        return (taker) => taker.onFailed(error);
      },
    );
    return new ReturnedPromise(settled, this);
  }

  /**
   * Passes the outcome of `promise` to `taker`, in a turn, or an error if the
   * reactor closes first.
   */
  async await(promise: Promise<Settled>, taker: ValueTaker): Promise<void> {
    this.#waiting.add(taker);
    const settled = await promise;
    if (!this.#waiting.delete(taker)) return;
    this.#defer(() => settled(taker));
  }

  /** The reactor has closed: fails all waiting takers with `error`. */
  lose(error: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const taker of waiting) {
      this.#defer(() => taker.onFailed(error));
    }
  }
}
