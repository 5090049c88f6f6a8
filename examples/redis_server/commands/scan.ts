// SCAN and its like: iterations that can stop and go on.

import { matches } from "../glob.ts";
import { integerOf } from "../numbers.ts";
import type { ReplyWriter } from "../replies.ts";
import { ReplyError, syntaxError } from "../reply_error.ts";
import {
  type Command,
  command,
  type CommandHandler,
  NO_KEYS,
  ONE_KEY,
} from "./command.ts";
import { typeOf } from "./types.ts";

/** The options after the cursor. */
interface ScanOptions {
  readonly pattern: string;
  readonly count: number;
  readonly type: string | undefined;
}

/** A cursor of 64 bits without a sign, as the C function reads it that Redis calls: an empty one is 0, and a negative one counts from the end. */
function cursorOf(text: string): number {
  const [, sign, digits] = /^([+-]?)0*(\d{1,20})$/.exec(text || "0") ?? [];
  const value = digits === undefined ? 2n ** 64n : BigInt(digits);
  if (value >= 2n ** 64n) throw new ReplyError("ERR invalid cursor");
  return Number(sign === "-" ? BigInt.asUintN(64, -value) : value);
}

/** The options that `words` give; TYPE is for keys alone. */
function optionsOf(words: readonly string[], areKeys: boolean): ScanOptions {
  let [pattern, count] = ["*", 10];
  let type: string | undefined = undefined;
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i].toUpperCase();
    const value = words[i + 1];
    if (value === undefined) syntaxError();
    if (word === "MATCH") pattern = value;
    else if (word === "COUNT") count = Number(integerOf(value));
    else if (word === "TYPE" && areKeys) type = value.toLowerCase();
    else syntaxError();
    if (count < 1) syntaxError();
  }
  return { pattern, count, type };
}

function reply(out: ReplyWriter, next: number, found: readonly string[]): void {
  out.array(2);
  out.bulk(String(next));
  out.bulks(found, found.length);
}

const scan: CommandHandler = ([, cursor, ...words], out, { database }) => {
  const from = cursorOf(cursor);
  const { pattern, count, type } = optionsOf(words, true);
  const { keys, next } = database.scan(from, count);
  const found = keys.filter((key) =>
    matches(pattern, key) &&
    (type === undefined || typeOf(database.get(key)) === type)
  );
  reply(out, next, found);
};

/** All of a value at once, as Redis does with a small one. */
function scanOf(
  name: string,
  entriesOf: (
    ...args: Parameters<CommandHandler>
  ) => Iterable<readonly string[]> | undefined,
): Command {
  return command(name, -3, "readonly", ONE_KEY, (args, ...rest) => {
    cursorOf(args[2]);
    const [out] = rest;
    const entries = entriesOf(args, ...rest);
    if (entries === undefined) return reply(out, 0, []);
    const { pattern } = optionsOf(args.slice(3), false);
    const found = Array.from(entries).filter(([key]) => matches(pattern, key));
    reply(out, 0, found.flat());
  });
}

/** Of walks. */
export const scans: readonly Command[] = [
  command("scan", -2, "readonly", NO_KEYS, scan),
  scanOf("hscan", ([, key], _out, { database }) => database.hash(key)),
  scanOf("sscan", ([, key], _out, { database }) => {
    const set = database.set(key);
    return set && Array.from(set, (member) => [member]);
  }),
];
