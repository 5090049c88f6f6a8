import process from "node:process";
import { matches } from "../glob.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { ReplyError, syntaxError } from "../reply_error.ts";
import {
  type Command,
  command,
  type CommandHandler,
  NO_KEYS,
} from "./command.ts";
import { container } from "./container.ts";
import { VERSION } from "./version.ts";

type Section = readonly [name: string, lines: (redis: Redis) => string[]];

const SECTIONS: readonly Section[] = [
  ["Server", (redis) => [
    `redis_version:${VERSION}`,
    "redis_mode:standalone",
    "server_name:reactio",
    `process_id:${process.pid}`,
    `uptime_in_seconds:${Math.floor((redis.now() - redis.startedAt) / 1000)}`,
  ]],
  ["Clients", ({ clients }) => [
    `connected_clients:${clients.size}`,
    "blocked_clients:0", // no command waits
  ]],
  ["Memory", () => {
    const { heapUsed, rss } = process.memoryUsage();
    return [`used_memory:${heapUsed}`, `used_memory_rss:${rss}`];
  }],
  ["Persistence", ({ settings }) => [
    "loading:0",
    `aof_enabled:${settings.appendonly === "yes" ? 1 : 0}`,
  ]],
  ["Stats", (redis) => [
    `total_connections_received:${redis.clientCount}`,
    `total_commands_processed:${redis.commandCount}`,
    `expired_keys:${redis.expiredCount}`,
    `pubsub_channels:${redis.pubSub.count("channels")}`,
    `pubsub_patterns:${redis.pubSub.count("patterns")}`,
  ]],
  ["Replication", () => ["role:master", "connected_slaves:0"]],
  [
    "Keyspace",
    ({ databases }) =>
      databases.filter(({ size }) => size > 0).map((database) =>
        `db${database.index}:keys=${database.size},expires=${database.expiringCount},avg_ttl=0`
      ),
  ],
];

function info(
  args: readonly string[],
  out: ReplyWriter,
  redis: Redis,
): void {
  const wanted = args.slice(1).map((name) => name.toLowerCase());
  const isWanted = (name: string) =>
    wanted.length === 0 || wanted.includes(name.toLowerCase()) ||
    wanted.some((one) => ["all", "default", "everything"].includes(one));
  const text = SECTIONS.filter(([name]) => isWanted(name))
    .map(([name, lines]) => [`# ${name}`, ...lines(redis), ""].join("\r\n"))
    .join("\r\n");
  out.verbatim(text);
}

function config(
  args: readonly string[],
  out: ReplyWriter,
  { settings }: Redis,
): void {
  const found = Object.entries(settings).filter(([name]) =>
    args.slice(2).some((pattern) => matches(pattern.toLowerCase(), name))
  );
  out.map(found.length);
  for (const [name, value] of found) {
    out.bulk(name);
    out.bulk(value);
  }
}

function rewrite(out: ReplyWriter, redis: Redis): void {
  let hasFile: boolean;
  try {
    hasFile = redis.rewriteFile();
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new ReplyError(`ERR ${why}`);
  }
  if (!hasFile) throw new ReplyError("ERR There is no append-only file");
  out.simple("Background append only file rewriting started");
}

/** Of the server. */
export const server: readonly Command[] = [
  command(
    "info",
    -1,
    "loading stale",
    NO_KEYS,
    (args, out, _client, redis) => info(args, out, redis),
  ),
  container("config", "admin noscript loading stale", {
    get: [-3, (args, out, _client, redis) => config(args, out, redis)],
  }),
  command(
    "bgrewriteaof",
    1,
    "admin noscript no_multi", // not in the middle of a transaction
    NO_KEYS,
    (_args, out, _client, redis) => rewrite(out, redis),
  ),
  command("time", 1, "loading stale fast", NO_KEYS, (_args, out, _c, redis) => {
    const now = redis.now();
    out.array(2);
    out.bulk(String(Math.floor(now / 1000)));
    out.bulk(String(Math.floor((now % 1000) * 1000)));
  }),
];

/** COMMAND, which tells about all `commands`. */
export function commandAbout(commands: () => readonly Command[]): Command {
  const describeAll: CommandHandler = (_args, out) => {
    out.array(commands().length);
    for (const one of commands()) describe(one, out);
  };
  return container("command", "loading stale", {
    count: [2, (_args, out) => out.integer(commands().length)],
    list: [-2, ({ length }, out) => {
      if (length > 2) syntaxError(); // FILTERBY is not known
      out.bulks(commands().map(({ name }) => name), commands().length);
    }],
    info: [-2, (args, ...rest) => {
      if (args.length === 2) return describeAll(args, ...rest);
      const [out] = rest;
      out.array(args.length - 2);
      for (const name of args.slice(2)) {
        const found = commands().find((one) => one.name === name.toLowerCase());
        if (found === undefined) out.null();
        else describe(found, out);
      }
    }],
    docs: [-2, (_args, out) => out.map(0)], // there are none: Redis has them
  }, describeAll);
}

function describe(
  { name, arity, flags, keys }: Command,
  out: ReplyWriter,
): void {
  out.array(10);
  out.bulk(name);
  out.integer(arity);
  out.set(flags.length);
  for (const flag of flags) out.simple(flag);
  for (const place of keys) out.integer(place);
  // Categories, tips, specifications of keys, subcommands.
  out.set(0);
  for (let i = 0; i < 3; i++) out.array(0);
}
