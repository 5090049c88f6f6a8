import type { Database, Value } from "../database.ts";
import { Deque } from "../deque.ts";

/** A request, and the database in which to execute it. */
export type Recorded = readonly [database: number, args: readonly string[]];

/** How many elements of a list, a hash or a set a request of a snapshot has at most. */
const ELEMENTS = 64;

/** The requests that make `databases` again from nothing. */
export function* snapshotOf(
  databases: readonly Database[],
): Generator<Recorded> {
  for (const database of databases) {
    for (const key of database.keys()) {
      const value = database.get(key);
      if (value === undefined) continue;
      for (const args of requestsFor(key, value)) yield [database.index, args];
      const deadline = database.deadlineOf(key);
      if (deadline === undefined) continue;
      yield [database.index, ["PEXPIREAT", key, String(deadline)]];
    }
  }
}

function* requestsFor(key: string, value: Value): Generator<string[]> {
  if (typeof value === "string") return yield ["SET", key, value];
  const name = value instanceof Deque
    ? "RPUSH"
    : value instanceof Map
    ? "HSET"
    : "SADD";
  let args = [name, key];
  let count = 0;
  for (const element of value) {
    if (typeof element === "string") args.push(element);
    else args.push(...element);
    if (++count % ELEMENTS > 0) continue;
    yield args;
    args = [name, key];
  }
  if (count % ELEMENTS > 0) yield args;
}
