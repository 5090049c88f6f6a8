/** Keys are spread over so many slots; a step of a scan visits one. */
const SLOTS = 1024;

/** Keys and values. A scan can stop and go on: it finds each key that exists all the time. */
export class Keyspace<Value> {
  readonly #slots = Array.from(
    { length: SLOTS },
    () => new Map<string, Value>(),
  );
  #size = 0;

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#slots[slotOf(key)].get(key);
  }

  set(key: string, value: Value): void {
    const slot = this.#slots[slotOf(key)];
    const { size } = slot;
    slot.set(key, value);
    this.#size += slot.size - size;
  }

  /** Returns false if there was no such key. */
  delete(key: string): boolean {
    const isThere = this.#slots[slotOf(key)].delete(key);
    if (isThere) this.#size--;
    return isThere;
  }

  clear(): void {
    for (const slot of this.#slots) slot.clear();
    this.#size = 0;
  }

  *keys(): IterableIterator<string> {
    for (const slot of this.#slots) yield* slot.keys();
  }

  /** At least `count` keys from `cursor` on, 0 at the beginning, and where to go on; 0 if there are no more. */
  scan(cursor: number, count: number): { keys: string[]; next: number } {
    const keys: string[] = [];
    let next = cursor;
    while (next < SLOTS && keys.length < count) {
      for (const key of this.#slots[next++].keys()) keys.push(key);
    }
    return { keys, next: next < SLOTS ? next : 0 };
  }
}

function slotOf(key: string): number {
  let hash = key.length;
  for (let i = 0; i < key.length; i++) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  }
  return (hash ^ hash >>> 10 ^ hash >>> 20) & (SLOTS - 1);
}
