import { Deque } from "./deque.ts";
import { Keyspace } from "./keyspace.ts";
import { ReplyError } from "./reply_error.ts";

/** What a key stands for. Only texts may be empty. */
export type Value = string | Deque | Map<string, string> | Set<string>;

/** What a database tells of itself. */
export interface DatabaseEvents {
  /** Milliseconds since 1970. */
  now(): number;
  /** What `key` stands for is another one. */
  onChange(database: Database, key: string): void;
  /** `key` is gone because its time is over. */
  onExpire(database: Database, key: string): void;
}

/** Of so many keys with a time a step of the search looks at. */
const KEYS_PER_STEP = 20;
/** If so many of them were over it goes on at once, but not for ever. */
const MANY = 5;
const MOST_STEPS = 50;

/** Keys, what they stand for, and until when. */
export class Database {
  readonly index: number;
  readonly #events: DatabaseEvents;
  readonly #values = new Keyspace<Value>();
  readonly #deadlines = new Map<string, number>();
  /** Where the search for keys whose time is over goes on. */
  #search: Iterator<[string, number]> = this.#deadlines.entries();

  constructor(index: number, events: DatabaseEvents) {
    this.index = index;
    this.#events = events;
  }

  /** How many keys there are, those included whose time is over and that nobody has looked for. */
  get size(): number {
    return this.#values.size;
  }

  /** How many of them have a time. */
  get expiringCount(): number {
    return this.#deadlines.size;
  }

  get(key: string): Value | undefined {
    if (this.#deadlines.size > 0) this.#expireIfDue(key);
    return this.#values.get(key);
  }

  /** As `get`, of a text. Throws {@linkcode ReplyError} if it is none; so do the next ones. */
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

  /** From now on `key` stands for `value`, until `deadline` or without a time. */
  replace(key: string, value: Value, deadline?: number): void {
    this.#values.set(key, value);
    if (deadline !== undefined) this.#deadlines.set(key, deadline);
    else if (this.#deadlines.size > 0) this.#deadlines.delete(key);
    this.#events.onChange(this, key);
  }

  /** From now on `key` stands for `value`; its time stays. */
  put(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#events.onChange(this, key);
  }

  /** What `key` stands for was changed; if nothing is left in it, `key` is deleted. */
  changed(key: string, value: Exclude<Value, string>): void {
    const size = value instanceof Deque ? value.length : value.size;
    if (size === 0) this.delete(key);
    else this.#events.onChange(this, key);
  }

  /** False if it was not there. */
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

  /** When the time of `key` is over, milliseconds since 1970; undefined if it has none. */
  deadlineOf(key: string): number | undefined {
    return this.#deadlines.get(key);
  }

  /** Gives `key`, which is there, a time: until `deadline`, or none. */
  expireAt(key: string, deadline: number | undefined): void {
    if (deadline === undefined) this.#deadlines.delete(key);
    else this.#deadlines.set(key, deadline);
    this.#events.onChange(this, key);
  }

  /** Looks at some keys that have a time, and deletes those whose time is over. To be called now and then. */
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
