import { Deque } from "./deque.ts";
import { Keyspace } from "./keyspace.ts";
import { ReplyError } from "./reply_error.ts";

/** The value of a key. Only strings may be empty. */
export type Value = string | Deque | Map<string, string> | Set<string>;

/** Gets the events of a database, and gives it the time. */
export interface DatabaseEvents {
  /** Milliseconds since 1970. */
  now(): number;
  /** The value of `key` has changed. */
  onChange(database: Database, key: string): void;
  /** `key` has expired and is deleted. */
  onExpire(database: Database, key: string): void;
}

/** A step of the search for expired keys looks at so many. */
const KEYS_PER_STEP = 20;
/** If at least so many of them had expired, the next step follows at once, but not for ever. */
const MANY = 5;
const MOST_STEPS = 50;

/** Keys with their values, and the times at which they expire. */
export class Database {
  readonly index: number;
  readonly #events: DatabaseEvents;
  readonly #values = new Keyspace<Value>();
  readonly #deadlines = new Map<string, number>();
  /** Where the search for expired keys goes on. */
  #search: Iterator<[string, number]> = this.#deadlines.entries();

  constructor(index: number, events: DatabaseEvents) {
    this.index = index;
    this.#events = events;
  }

  /** How many keys there are, including expired ones that were not found yet. */
  get size(): number {
    return this.#values.size;
  }

  /** How many of them will expire. */
  get expiringCount(): number {
    return this.#deadlines.size;
  }

  get(key: string): Value | undefined {
    if (this.#deadlines.size > 0) this.#expireIfDue(key);
    return this.#values.get(key);
  }

  /** As `get`. Throws {@linkcode ReplyError} if the value is not a string; `list`, `hash` and `set` likewise. */
  text(key: string): string | undefined {
    const value = this.get(key);
    return value === undefined || typeof value === "string"
      ? value
      : wrongType();
  }

  list(key: string): Deque | undefined {
    const value = this.get(key);
    return value === undefined || value instanceof Deque ? value : wrongType();
  }

  hash(key: string): Map<string, string> | undefined {
    const value = this.get(key);
    return value === undefined || value instanceof Map ? value : wrongType();
  }

  set(key: string): Set<string> | undefined {
    const value = this.get(key);
    return value === undefined || value instanceof Set ? value : wrongType();
  }

  /** Sets `key` to `value`, which expires at `deadline`, or never. */
  replace(key: string, value: Value, deadline?: number): void {
    this.#values.set(key, value);
    if (deadline !== undefined) this.#deadlines.set(key, deadline);
    else if (this.#deadlines.size > 0) this.#deadlines.delete(key);
    this.#events.onChange(this, key);
  }

  /** Sets `key` to `value`, and leaves the time at which it expires. */
  put(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#events.onChange(this, key);
  }

  /** `value`, that of `key`, was changed; if it is empty now, `key` is deleted. */
  changed(key: string, value: Exclude<Value, string>): void {
    const size = value instanceof Deque ? value.length : value.size;
    if (size === 0) this.delete(key);
    else this.#events.onChange(this, key);
  }

  /** Returns false if there was no such key. */
  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    this.#remove(key);
    this.#events.onChange(this, key);
    return true;
  }

  /** Deletes all keys. */
  clear(): void {
    for (const key of this.#values.keys()) this.#events.onChange(this, key);
    this.#values.clear();
    this.#deadlines.clear();
  }

  /** All keys. */
  *keys(): IterableIterator<string> {
    for (const key of this.#values.keys()) {
      if (this.get(key) !== undefined) yield key;
    }
  }

  /** See {@linkcode Keyspace.scan}. */
  scan(cursor: number, count: number): { keys: string[]; next: number } {
    const { keys, next } = this.#values.scan(cursor, count);
    return { keys: keys.filter((key) => this.get(key) !== undefined), next };
  }

  /** When `key` expires, in milliseconds since 1970; undefined if it does not. */
  deadlineOf(key: string): number | undefined {
    return this.#deadlines.get(key);
  }

  /** Lets `key`, which must exist, expire at `deadline`, or never. */
  expireAt(key: string, deadline: number | undefined): void {
    if (deadline === undefined) this.#deadlines.delete(key);
    else this.#deadlines.set(key, deadline);
    this.#events.onChange(this, key);
  }

  /** Deletes some keys that have expired. To be called now and then. */
  expireSome(): void {
    for (let step = 0; step < MOST_STEPS; step++) {
      let dueCount = 0;
      for (let i = 0; i < KEYS_PER_STEP; i++) {
        const { done, value } = this.#search.next();
        if (done) {
          this.#search = this.#deadlines.entries();
          return;
        }
        if (this.#expireIfDue(value[0])) dueCount++;
      }
      if (dueCount < MANY) return;
    }
  }

  #expireIfDue(key: string): boolean {
    const deadline = this.#deadlines.get(key);
    if (deadline === undefined || deadline > this.#events.now()) return false;
    this.#remove(key);
    this.#events.onExpire(this, key);
    return true;
  }

  #remove(key: string): void {
    this.#values.delete(key);
    this.#deadlines.delete(key);
  }
}

function wrongType(): never {
  throw new ReplyError(
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  );
}
