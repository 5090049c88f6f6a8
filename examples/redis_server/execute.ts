import type { Client, Transaction } from "./client.ts";
import { call } from "./commands/call.ts";
import { type Command, fits } from "./commands/command.ts";
import { commandOf } from "./commands/table.ts";
import type { Redis } from "./redis.ts";
import type { ReplyWriter } from "./replies.ts";
import { quoted } from "./reply_error.ts";

/** A larger transaction is refused. Each argument counts its bytes, and so many more. */
const MAX_TRANSACTION_SIZE = 64 * 1024 * 1024;
const ARGUMENT_SIZE = 16;
/** What a client of RESP2 may do while it is subscribed. */
const WHILE_SUBSCRIBED = /^(?:p?(?:un)?subscribe|ping|quit|reset)$/;
/** The beginning of a request of a browser, whose body may hold commands that a web page has made up. */
const OF_BROWSERS = /^(?:post|host:)$/i;
/** How many characters of an unknown command the error repeats. */
const MAX_SHOWN = 128;

/** Executes a request and writes its reply, or queues it in a transaction. */
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

/** Returns the error for a command that is refused. It breaks the transaction; if the command is EXEC, it ends it. */
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

/** Why a command may not be executed now; undefined if it may. */
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

/** The error for an unknown command; or, if there is `whole`, for an unknown subcommand of it. */
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
