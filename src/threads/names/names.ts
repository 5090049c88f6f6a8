import type { Engine } from "../../core/engine.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { type NameMessage, NAMING_OPTIONS } from "./naming.ts";
import { isSameReactor, type ReactorUID } from "../reactor_uid.ts";

/** The names of reactors, as one thread knows them. */
export class Names {
  readonly #uids = new Map<string, ReactorUID>();

  /** Begins with `entries`. */
  constructor(entries: Iterable<readonly [string, ReactorUID]> = []) {
    for (const [name, uid] of entries) this.#uids.set(name, uid);
  }

  get size(): number {
    return this.#uids.size;
  }

  /** All names and their reactors, for a new thread. */
  entries(): [string, ReactorUID][] {
    return [...this.#uids];
  }

  find(name: string): ReactorUID | undefined {
    return this.#uids.get(name);
  }

  set(name: string, uid: ReactorUID): void {
    this.#uids.set(name, uid);
  }

  /** Removes `name` if it stands for `uid`. */
  remove(name: string, uid: ReactorUID): boolean {
    const found = this.#uids.get(name);
    return found !== undefined && isSameReactor(found, uid) &&
      this.#uids.delete(name);
  }

  /** The names of the reactors of a runtime. */
  ofRuntime(runtimeId: number): [string, ReactorUID][] {
    return this.entries().filter(([, uid]) => uid.runtimeId === runtimeId);
  }
}

/** Keeps the names of a worker in step with the main thread, and reports to it when a named reactor is closed. */
export class NameWatch {
  readonly #names: Names;
  readonly #runtimeId: number;
  readonly #engine: Engine<unknown>;
  readonly #onGone: (message: NameMessage) => void;
  readonly #namesOf = new Map<ReactorID, Set<string>>();

  constructor(
    names: Names,
    runtimeId: number,
    engine: Engine<unknown>,
    onGone: (message: NameMessage) => void,
  ) {
    this.#names = names;
    this.#runtimeId = runtimeId;
    this.#engine = engine;
    this.#onGone = onGone;
  }

  /** The main thread has given or removed a name. Returns false if the reactor belongs to this thread and is gone. */
  onMessage({ type, name, uid }: NameMessage): boolean {
    if (type === "removeName") {
      if (uid.runtimeId === this.#runtimeId) {
        this.#namesOf.get(uid.reactorId)?.delete(name);
      }
      return this.#names.remove(name, uid);
    }
    if (uid.runtimeId === this.#runtimeId && !this.#watch(name, uid)) {
      return false;
    }
    this.#names.set(name, uid);
    return true;
  }

  #watch(name: string, uid: ReactorUID): boolean {
    const { reactorId } = uid;
    const known = this.#namesOf.get(reactorId);
    if (known !== undefined) {
      known.add(name);
      return true;
    }
    const isThere = this.#engine.whenClosed(
      reactorId,
      () => this.#onClosed(uid),
    );
    if (isThere) this.#namesOf.set(reactorId, new Set([name]));
    return isThere;
  }

  #onClosed(uid: ReactorUID): void {
    for (const name of this.#namesOf.get(uid.reactorId) ?? []) {
      this.#names.remove(name, uid);
      this.#onGone({
        type: "removeName",
        name,
        uid,
        timeoutMs: NAMING_OPTIONS.defaults.timeoutMs,
      });
    }
    this.#namesOf.delete(uid.reactorId);
  }
}
