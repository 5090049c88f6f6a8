import { isPromiseLike } from "./promises.ts";

/** A value that is loaded on first use, and only once unless loading fails. */
export class Lazy<Value> {
  readonly #load: () => Promise<Value> | Value;
  #value: Value | undefined = undefined;
  #loading: Promise<Value> | undefined = undefined;

  /** If `load` returns anything but a promise, the value is available at once. */
  constructor(load: () => Promise<Value> | Value) {
    this.#load = load;
  }

  get isLoaded(): boolean {
    return this.#value !== undefined;
  }

  /** The value. Only valid once it is loaded. */
  get value(): Value {
    return this.#value as Value;
  }

  /** Sets the value without loading it. */
  provide(value: Value): void {
    this.#value = value;
  }

  /** Resolves once the value is loaded; rejects if loading fails. */
  load(): Promise<Value> {
    if (this.#loading === undefined) {
      this.#loading = this.#loadNow();
      this.#loading.catch(() => this.#loading = undefined);
    }
    return this.#loading;
  }

  async #loadNow(): Promise<Value> {
    if (this.#value !== undefined) return this.#value;
    const loaded = this.#load();
    return this.#value = isPromiseLike(loaded) ? await loaded : loaded;
  }
}
