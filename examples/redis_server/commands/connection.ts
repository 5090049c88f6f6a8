import type { Client } from "../client.ts";
import { tryInteger } from "../numbers.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { quoted, ReplyError, syntaxError } from "../reply_error.ts";
import { client, nameOf } from "./client.ts";
import { type Command, command, NO_KEYS } from "./command.ts";
import { VERSION } from "./version.ts";

const FLAGS = "noscript loading stale fast";

function ping(
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
): void {
  if (args.length > 2) {
    throw new ReplyError("ERR wrong number of arguments for 'ping' command");
  }
  if (client.protocol === 2 && client.subscriptionCount > 0) {
    out.array(2);
    out.bulk("pong");
    out.bulk(args[1] ?? "");
  } else if (args.length === 2) out.bulk(args[1]);
  else out.simple("PONG");
}

function select(
  [, text]: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  const index = tryInteger(text);
  if (index === undefined) {
    throw new ReplyError("ERR value is not an integer or out of range");
  }
  if (BigInt.asIntN(32, BigInt(index)) !== BigInt(index)) {
    throw new ReplyError(
      "ERR value is out of range, value must between -2147483648 and 2147483647",
    );
  }
  const database = redis.databases[Number(index)];
  if (database === undefined) {
    throw new ReplyError("ERR DB index is out of range");
  }
  client.database = database;
  out.simple("OK");
}

function hello(
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  const version = args.length > 1 ? tryInteger(args[1]) : client.protocol;
  if (version === undefined) {
    throw new ReplyError(
      "ERR Protocol version is not an integer or out of range",
    );
  }
  if (version !== 2 && version !== 3) {
    throw new ReplyError("NOPROTO unsupported protocol version");
  }
  let { name } = client;
  for (let i = 2; i < args.length; i++) {
    const word = args[i].toUpperCase();
    if (word === "AUTH" && i + 2 < args.length) {
      checkUser(args[i + 1]);
      i += 2;
    } else if (word === "SETNAME" && i + 1 < args.length) {
      name = nameOf(args[++i]);
    } else {
      throw new ReplyError(
        `ERR Syntax error in HELLO option '${quoted(args[i])}'`,
      );
    }
  }
  client.name = name;
  redis.pubSub.changeProtocol(client, version);
  out.protocol = version;
  out.map(7);
  for (const [key, value] of [["server", "redis"], ["version", VERSION]]) {
    out.bulk(key);
    out.bulk(value);
  }
  out.bulk("proto");
  out.integer(version);
  out.bulk("id");
  out.integer(client.id);
  for (const [key, value] of [["mode", "standalone"], ["role", "master"]]) {
    out.bulk(key);
    out.bulk(value);
  }
  out.bulk("modules");
  out.array(0);
}

/** There is one user, who needs no password. */
function checkUser(user: string): void {
  if (user === "default") return;
  throw new ReplyError(
    "WRONGPASS invalid username-password pair or user is disabled.",
  );
}

/** Puts a client back to the state in which it connected. */
function reset(
  _args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  redis.pubSub.leaveAll(client);
  redis.watches.clear(client);
  client.transaction = undefined;
  client.database = redis.databases[0];
  client.protocol = out.protocol = 2;
  client.name = "";
  out.simple("RESET");
}

/** Of the connection. */
export const connection: readonly Command[] = [
  command("ping", -1, "fast", NO_KEYS, ping),
  command("echo", 2, "fast", NO_KEYS, (args, out) => out.bulk(args[1])),
  command("select", 2, "loading stale fast", NO_KEYS, select),
  command("hello", -1, `${FLAGS} no_auth`, NO_KEYS, hello),
  client,
  command("reset", 1, `${FLAGS} no_auth no_multi`, NO_KEYS, reset),
  command("auth", -2, `${FLAGS} no_auth`, NO_KEYS, (args, out) => {
    if (args.length > 3) syntaxError();
    if (args.length === 2) {
      throw new ReplyError(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
      );
    }
    checkUser(args[1]);
    out.simple("OK");
  }),
  command(
    "quit",
    -1,
    `${FLAGS} no_auth no_multi`,
    NO_KEYS,
    (_a, out, client) => {
      out.simple("OK");
      client.connection.close();
    },
  ),
];
