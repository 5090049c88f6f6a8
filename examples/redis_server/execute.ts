import type { Client, Transaction } from "./client.ts";
import { call } from "./commands/call.ts";
import { type Command, fits } from "./commands/command.ts";
import { commandOf } from "./commands/table.ts";
import type { Redis } from "./redis.ts";
import type { ReplyWriter } from "./replies.ts";
import { quoted } from "./reply_error.ts";

/** A transaction of more bytes is not queued; so many are counted for each argument besides its own. */
const MAX_TRANSACTION_SIZE = 64 * 1024 * 1024;
const ARGUMENT_SIZE = 16;
/** A client of RESP2 that listens may do nothing else. */
const WHILE_SUBSCRIBED = /^(?:p?(?:un)?subscribe|ping|quit|reset)$/;
/** What a browser says that a page sends here: what comes behind it may be commands of whoever made the page. */
const OF_BROWSERS = /^(?:post|host:)$/i;
/** So much of an unknown command is said again. */
const MAX_SHOWN = 128;

/** Executes a request, and writes its reply; or queues it, in a transaction. */
export function execute(
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  redis.commandCount++;
  const { transaction } = client;
  const whole = commandOf(args[0]);
  if (whole === undefined && OF_BROWSERS.test(args[0])) {
    return client.connection.close();
  }
  const command = whole?.parts === undefined || args.length === 1
    ? whole
    : whole.parts.get(args[1].toLowerCase());
  const refusal = command === undefined
    ? unknown(args, whole)
    : refusalOf(command, args, client);
  if (command === undefined || refusal !== undefined) {
    return out.error(refuse(refusal ?? "", command, client, redis));
  }
  client.commandName = command.name;
  if (transaction === undefined || command.flags.includes("no_multi")) {
    return call(command, args, out, client, redis);
  }
  queue(
    transaction,
    args,
    out,
    (later) => call(command, args, later, client, redis),
  );
}

/** What is replied in place of a command, which breaks the transaction; if that is EXEC itself, it ends it. */
function refuse(
  why: string,
  command: Command | undefined,
  client: Client,
  redis: Redis,
): string {
  if (command?.name !== "exec") {
    if (client.transaction !== undefined) client.transaction.isBroken = true;
    return why;
  }
  client.transaction = undefined;
  redis.watches.clear(client);
  return `EXECABORT Transaction discarded because of: ${
    why.replace("ERR ", "")
  }`;
}

function queue(
  transaction: Transaction,
  args: readonly string[],
  out: ReplyWriter,
  later: (out: ReplyWriter) => void,
): void {
  for (const arg of args) transaction.size += ARGUMENT_SIZE + arg.length;
  if (transaction.size > MAX_TRANSACTION_SIZE) {
    transaction.isBroken = true;
    transaction.queue.length = 0;
    return out.error("ERR transaction is too large");
  }
  transaction.queue.push(later);
  out.simple("QUEUED");
}

/** Why a command is not carried out; undefined if it is. */
function refusalOf(
  { name, arity }: Command,
  { length }: readonly string[],
  { protocol, subscriptionCount }: Client,
): string | undefined {
  if (!fits(arity, length)) {
    return `ERR wrong number of arguments for '${name}' command`;
  }
  const isSubscribed = protocol === 2 && subscriptionCount > 0;
  if (!isSubscribed || WHILE_SUBSCRIBED.test(name)) return undefined;
  return `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`;
}

/** Says that there is no such command; or, if there is `whole`, no such subcommand. */
function unknown(
  [name, ...args]: readonly string[],
  whole: Command | undefined,
): string {
  if (whole !== undefined) {
    const part = quoted(args[0], MAX_SHOWN);
    return `ERR unknown subcommand '${part}'. Try ${whole.name.toUpperCase()} HELP.`;
  }
  let shown = "";
  for (const arg of args) {
    if (shown.length >= MAX_SHOWN) break;
    shown += `'${quoted(arg, MAX_SHOWN - shown.length)}' `;
  }
  const start = quoted(name, MAX_SHOWN);
  return `ERR unknown command '${start}', with args beginning with: ${shown}`;
}
