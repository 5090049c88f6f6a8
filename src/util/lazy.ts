import { isPromiseLike } from "./promises.ts";

/** What is loaded when it is asked for first, and once: again only if that failed. */
export class Lazy<Value> {
  readonly #load: () => Promise<Value> | Value;
  #value: Value | undefined = undefined;
  #loading: Promise<Value> | undefined = undefined;

  /** What `load` returns is there at once, unless it is a promise. */
  constructor(load: () => Promise<Value> | Value) {
    this.#load = load;
  }

  get isLoaded(): boolean {
    return this.#value !== undefined;
  }

  /** To be asked for when it is loaded. */
  get value(): Value {
    return this.#value as Value;
  }

  /** Here it is, without loading. */
  provide(value: Value): void {
    this.#value = value;
  }

  /** Resolves when it is loaded. Rejects with what loading threw, or rejected with. */
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
