import type { Client } from "../client.ts";
import { matches } from "../glob.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { quoted, ReplyError, syntaxError } from "../reply_error.ts";
import {
  ALL_KEYS,
  type Command,
  command,
  NO_KEYS,
  ONE_KEY,
} from "./command.ts";
import { deadlineOf, type Unit } from "./times.ts";
import { typeOf } from "./types.ts";

function deleteAll(
  args: readonly string[],
  out: ReplyWriter,
  { database }: Client,
): void {
  let count = 0;
  for (let i = 1; i < args.length; i++) {
    if (database.delete(args[i])) count++;
  }
  out.integer(count);
}

/** EXPIRE and its like. */
function expire(name: string, unit: Unit): Command {
  return command(
    name,
    -3,
    "write fast",
    ONE_KEY,
    (args, out, client, redis) => {
      const [, key, time, ...words] = args;
      const when = conditionsOf(words);
      const deadline = deadlineOf(time, unit, redis.now(), name, -Infinity);
      out.integer(setDeadline(key, deadline, when, client, redis) ? 1 : 0);
    },
  );
}

/** When a time is set: NX, if there is none; XX, if there is one; GT and LT, if it gets later, or earlier. */
function conditionsOf(words: readonly string[]): Set<string> {
  const wrong = words.find((word) => !/^(?:NX|XX|GT|LT)$/i.test(word));
  if (wrong !== undefined) {
    throw new ReplyError(`ERR Unsupported option ${quoted(wrong)}`);
  }
  const when = new Set(words.map((word) => word.toUpperCase()));
  if (when.has("NX") && when.size > 1) {
    throw new ReplyError(
      "ERR NX and XX, GT or LT options at the same time are not compatible",
    );
  }
  if (when.has("GT") && when.has("LT")) {
    throw new ReplyError(
      "ERR GT and LT options at the same time are not compatible",
    );
  }
  return when;
}

function setDeadline(
  key: string,
  deadline: number,
  when: ReadonlySet<string>,
  { database }: Client,
  redis: Redis,
): boolean {
  if (database.get(key) === undefined) return false;
  const old = database.deadlineOf(key);
  if (when.has("NX") && old !== undefined) return false;
  if (when.has("XX") && old === undefined) return false;
  if (when.has("GT") && deadline <= (old ?? Infinity)) return false;
  if (when.has("LT") && deadline >= (old ?? Infinity)) return false;
  if (deadline <= redis.now()) {
    database.delete(key);
    redis.record(["DEL", key]);
  } else {
    database.expireAt(key, deadline);
    redis.record(["PEXPIREAT", key, String(deadline)]);
  }
  return true;
}

function timeLeft(name: string, unit: number): Command {
  return command(
    name,
    2,
    "readonly fast",
    ONE_KEY,
    (args, out, client, redis) => {
      const { database } = client;
      const isThere = database.get(args[1]) !== undefined;
      const deadline = database.deadlineOf(args[1]);
      if (!isThere) out.integer(-2);
      else if (deadline === undefined) out.integer(-1);
      else out.integer(Math.round((deadline - redis.now()) / unit));
    },
  );
}

/** SYNC and ASYNC are the same here. */
function checkFlush(args: readonly string[]): void {
  const isGood = args.length === 1 ||
    (args.length === 2 && /^a?sync$/i.test(args[1]));
  if (!isGood) syntaxError();
}

/** Of keys, whatever they stand for. */
export const keys: readonly Command[] = [
  command("del", -2, "write", ALL_KEYS, deleteAll),
  command("unlink", -2, "write fast", ALL_KEYS, deleteAll),
  command("exists", -2, "readonly fast", ALL_KEYS, (args, out, client) => {
    const isThere = (key: string) => client.database.get(key) !== undefined;
    out.integer(args.slice(1).filter(isThere).length);
  }),
  command("type", 2, "readonly fast", ONE_KEY, (args, out, client) => {
    out.simple(typeOf(client.database.get(args[1])));
  }),
  expire("expire", "EX"),
  expire("pexpire", "PX"),
  expire("expireat", "EXAT"),
  expire("pexpireat", "PXAT"),
  timeLeft("ttl", 1000),
  timeLeft("pttl", 1),
  command("persist", 2, "write fast", ONE_KEY, (args, out, client) => {
    const { database } = client;
    const hasTime = database.get(args[1]) !== undefined &&
      database.deadlineOf(args[1]) !== undefined;
    if (hasTime) database.expireAt(args[1], undefined);
    out.integer(hasTime ? 1 : 0);
  }),
  command(
    "keys",
    2,
    "readonly sort_for_script",
    NO_KEYS,
    (args, out, client) => {
      const found = Array.from(client.database.keys())
        .filter((key) => matches(args[1], key));
      out.bulks(found, found.length);
    },
  ),
  command("dbsize", 1, "readonly fast", NO_KEYS, (_args, out, client) => {
    out.integer(client.database.size);
  }),
  command("flushdb", -1, "write", NO_KEYS, (args, out, client, redis) => {
    checkFlush(args);
    client.database.clear();
    redis.record(["FLUSHDB"]);
    out.simple("OK");
  }),
  command("flushall", -1, "write", NO_KEYS, (args, out, _client, redis) => {
    checkFlush(args);
    for (const database of redis.databases) database.clear();
    redis.record(["FLUSHALL"]);
    out.simple("OK");
  }),
];
