import type { Client } from "../client.ts";
import { add, integerOf } from "../numbers.ts";
import { MAX_BULK_SIZE } from "../requests.ts";
import { ReplyError, syntaxError } from "../reply_error.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { ALL_KEYS, type Command, command, ONE_KEY } from "./command.ts";
import { deadlineOf, type Unit } from "./times.ts";

/** The options of SET. */
interface SetOptions {
  only: "NX" | "XX" | undefined;
  isGet: boolean;
  keepsTime: boolean;
  time: { unit: Unit; text: string } | undefined;
}

function optionsOf(args: readonly string[]): SetOptions {
  const options: SetOptions = {
    only: undefined,
    isGet: false,
    keepsTime: false,
    time: undefined,
  };
  for (let i = 3; i < args.length; i++) {
    const word = args[i].toUpperCase();
    const isFirstTime = options.time === undefined && !options.keepsTime;
    switch (word) {
      case "NX":
      case "XX":
        if ((options.only ?? word) !== word) syntaxError();
        options.only = word;
        break;
      case "GET":
        options.isGet = true;
        break;
      case "KEEPTTL":
        if (options.time !== undefined) syntaxError();
        options.keepsTime = true;
        break;
      case "EX":
      case "PX":
      case "EXAT":
      case "PXAT":
        if (!isFirstTime || i + 1 === args.length) syntaxError();
        options.time = { unit: word, text: args[++i] };
        break;
      default:
        syntaxError();
    }
  }
  return options;
}

function set(
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  const [, key, value] = args;
  const { database } = client;
  if (args.length === 3) {
    database.replace(key, value);
    return out.simple("OK");
  }
  const { only, isGet, keepsTime, time } = optionsOf(args);
  const deadline = time === undefined
    ? undefined
    : deadlineOf(time.text, time.unit, redis.now(), "set");
  const old = isGet ? database.text(key) : undefined;
  const isThere = only !== undefined && database.get(key) !== undefined;
  const isDone = only === undefined || isThere === (only === "XX");
  if (isDone) {
    if (keepsTime) database.put(key, value);
    else database.replace(key, value, deadline);
    redis.record(
      deadline === undefined
        ? keepsTime ? ["SET", key, value, "KEEPTTL"] : ["SET", key, value]
        : ["SET", key, value, "PXAT", String(deadline)],
    );
  }
  if (isGet) out.bulk(old);
  else if (isDone) out.simple("OK");
  else out.null();
}

function setFor(unit: "EX" | "PX", name: string): Command["run"] {
  return ([, key, time, value], out, { database }, redis) => {
    const deadline = deadlineOf(time, unit, redis.now(), name);
    database.replace(key, value, deadline);
    redis.record(["SET", key, value, "PXAT", String(deadline)]);
    out.simple("OK");
  };
}

function increment(
  key: string,
  by: number | bigint,
  out: ReplyWriter,
  { database }: Client,
): void {
  const text = database.text(key);
  const value = add(text === undefined ? 0 : integerOf(text), by);
  database.put(key, String(value));
  out.integer(value);
}

function decrementOf(text: string): number | bigint {
  const value = integerOf(text);
  if (value === -(2n ** 63n)) {
    throw new ReplyError("ERR decrement would overflow");
  }
  return -value;
}

function append(
  [, key, more]: readonly string[],
  out: ReplyWriter,
  { database }: Client,
): void {
  const old = database.text(key) ?? "";
  if (old.length + more.length > MAX_BULK_SIZE) {
    throw new ReplyError(
      "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
    );
  }
  database.put(key, old + more);
  out.integer(old.length + more.length);
}

function checkPairs(args: readonly string[]): void {
  if (args.length % 2 === 1) return;
  const name = args[0].toLowerCase();
  throw new ReplyError(`ERR wrong number of arguments for '${name}' command`);
}

function setAll(args: readonly string[], { database }: Client): void {
  checkPairs(args);
  for (let i = 1; i < args.length; i += 2) {
    database.replace(args[i], args[i + 1]);
  }
}

const WRITE = "write denyoom fast";

/** Of texts. */
export const strings: readonly Command[] = [
  command(
    "get",
    2,
    "readonly fast",
    ONE_KEY,
    (args, out, client) => out.bulk(client.database.text(args[1])),
  ),
  command("set", -3, "write denyoom", ONE_KEY, set),
  command("setnx", 3, WRITE, ONE_KEY, ([, key, value], out, { database }) => {
    const isThere = database.get(key) !== undefined;
    if (!isThere) database.replace(key, value);
    out.integer(isThere ? 0 : 1);
  }),
  command("setex", 4, "write denyoom", ONE_KEY, setFor("EX", "setex")),
  command("psetex", 4, "write denyoom", ONE_KEY, setFor("PX", "psetex")),
  command("getset", 3, WRITE, ONE_KEY, ([, key, value], out, { database }) => {
    const old = database.text(key);
    database.replace(key, value);
    out.bulk(old);
  }),
  command("getdel", 2, "write fast", ONE_KEY, ([, key], out, { database }) => {
    out.bulk(database.text(key));
    database.delete(key);
  }),
  command(
    "incr",
    2,
    WRITE,
    ONE_KEY,
    (args, out, client) => increment(args[1], 1, out, client),
  ),
  command(
    "decr",
    2,
    WRITE,
    ONE_KEY,
    (args, out, client) => increment(args[1], -1, out, client),
  ),
  command(
    "incrby",
    3,
    WRITE,
    ONE_KEY,
    ([, key, by], out, client) => increment(key, integerOf(by), out, client),
  ),
  command(
    "decrby",
    3,
    WRITE,
    ONE_KEY,
    ([, key, by], out, client) => increment(key, decrementOf(by), out, client),
  ),
  command("mget", -2, "readonly fast", ALL_KEYS, (args, out, client) => {
    out.array(args.length - 1);
    for (let i = 1; i < args.length; i++) {
      const value = client.database.get(args[i]);
      out.bulk(typeof value === "string" ? value : undefined);
    }
  }),
  command("mset", -3, "write denyoom", [1, -1, 2], (args, out, client) => {
    setAll(args, client);
    out.simple("OK");
  }),
  command("msetnx", -3, "write denyoom", [1, -1, 2], (args, out, client) => {
    const { database } = client;
    checkPairs(args);
    const isFree = args.every((key, i) =>
      i % 2 === 0 || database.get(key) === undefined
    );
    if (isFree) setAll(args, client);
    out.integer(isFree ? 1 : 0);
  }),
  command("append", 3, WRITE, ONE_KEY, append),
  command(
    "strlen",
    2,
    "readonly fast",
    ONE_KEY,
    (args, out, client) =>
      out.integer(client.database.text(args[1])?.length ?? 0),
  ),
];
