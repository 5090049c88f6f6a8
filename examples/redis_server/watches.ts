import type { Client } from "./client.ts";
import type { Database } from "./database.ts";

/** Which clients watch which keys. A transaction is not executed if one of its keys was changed. */
export class Watches {
  readonly #watchers = new Map<Database, Map<string, Set<Client>>>();

  add(client: Client, key: string): void {
    const { database } = client;
    const keys = getOr(client.watched, database, () => new Set());
    keys.add(key);
    const watchers = getOr(this.#watchers, database, () => new Map());
    getOr(watchers, key, () => new Set()).add(client);
  }

  /** `client` watches nothing any more. */
  clear(client: Client): void {
    client.isWatchBroken = false;
    for (const [database, keys] of client.watched) {
      const watchers = this.#watchers.get(database);
      for (const key of keys) {
        const clients = watchers?.get(key);
        clients?.delete(client);
        if (clients?.size === 0) watchers?.delete(key);
      }
      if (watchers?.size === 0) this.#watchers.delete(database);
    }
    client.watched.clear();
  }

  /** `key` was changed. */
  onChange(database: Database, key: string): void {
    if (this.#watchers.size === 0) return;
    const clients = this.#watchers.get(database)?.get(key);
    if (clients === undefined) return;
    for (const client of clients) client.isWatchBroken = true;
  }
}

function getOr<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
