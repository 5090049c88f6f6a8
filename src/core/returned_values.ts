/** Is told what the handler of a command returned: by one of the two, once. */
export interface ValueTaker {
  onValue(value: unknown): void;
  onFailed(error: Error): void;
}

/** What the handler of a command returned, if it is not `undefined`. */
export abstract class Returned {
  /** Tells `taker` the value, when it is there. */
  abstract tell(taker: ValueTaker): void;
}

/** A value. */
export class ReturnedValue extends Returned {
  readonly #value: unknown;

  constructor(value: unknown) {
    super();
    this.#value = value;
  }

  tell(taker: ValueTaker): void {
    taker.onValue(this.#value);
  }
}

/** Tells a taker how a promise was settled. */
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

  tell(taker: ValueTaker): void {
    this.#values.await(this.#settled, taker);
  }
}

/** The promises that `onCommand` of one reactor has returned. Nobody waits for them longer than the reactor lives. */
export class PromisedValues {
  readonly #defer: (callback: () => void) => void;
  readonly #onRejected: (thrown: unknown) => Error;
  readonly #waiting = new Set<ValueTaker>();

  /** `defer` calls back in the next turn; `onRejected` is told what one rejected with, and returns what its command fails with. */
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

  /** Tells `taker`, in a turn, how the promise was settled, or that the reactor was closed before. */
  async await(promise: Promise<Settled>, taker: ValueTaker): Promise<void> {
    this.#waiting.add(taker);
    const settled = await promise;
    if (!this.#waiting.delete(taker)) return;
    this.#defer(() => settled(taker));
  }

  /** The reactor is closed: whoever waits is told `error`. */
  lose(error: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const taker of waiting) {
      this.#defer(() => taker.onFailed(error));
    }
  }
}
