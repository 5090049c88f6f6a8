// CLIENT: settings of a connection, and information about all of them.

import type { Client } from "../client.ts";
import { tryInteger } from "../numbers.ts";
import type { Redis } from "../redis.ts";
import type { ReplyWriter } from "../replies.ts";
import { quoted, ReplyError, syntaxError } from "../reply_error.ts";
import { container } from "./container.ts";

export function nameOf(text: string): string {
  if (/^[!-~]*$/.test(text)) return text;
  throw new ReplyError(
    "ERR Client names cannot contain spaces, newlines or special characters.",
  );
}

function setInfo(args: readonly string[], out: ReplyWriter): void {
  if (!/^lib-(?:name|ver)$/i.test(args[2])) {
    throw new ReplyError(`ERR Unrecognized option '${quoted(args[2])}'`);
  }
  out.simple("OK");
}

function acceptSwitch(args: readonly string[], out: ReplyWriter): void {
  if (!/^o(?:n|ff)$/i.test(args[2])) syntaxError();
  out.simple("OK");
}

function describe(client: Client): string {
  const { id, connection, name, database, protocol } = client;
  return `id=${id} addr=${connection.peer} name=${name} db=${database.index} sub=${client.channels.size} psub=${client.patterns.size} multi=${
    client.transaction?.queue.length ?? -1
  } cmd=${client.commandName} resp=${protocol}\n`;
}

/** Filters clients by type. All are `normal` or `pubsub`. */
function isOfType(text: string): (client: Client) => boolean {
  const type = text.toLowerCase();
  if (!/^(?:normal|master|slave|replica|pubsub)$/.test(type)) {
    throw new ReplyError(`ERR Unknown client type '${quoted(text)}'`);
  }
  return ({ subscriptionCount }) =>
    type === (subscriptionCount > 0 ? "pubsub" : "normal");
}

function idOf(text: string, least: number, wrong: string): number {
  const id = tryInteger(text);
  if (id !== undefined && id >= least) return Number(id);
  throw new ReplyError(`ERR ${wrong}`);
}

function list(
  [, , by, ...rest]: readonly string[],
  out: ReplyWriter,
  _client: Client,
  { clients }: Redis,
): void {
  const isById = /^id$/i.test(by) && rest.length > 0;
  const isByType = /^type$/i.test(by) && rest.length === 1;
  if (by !== undefined && !isById && !isByType) syntaxError();
  const found = isById
    ? rest.map((text) =>
      clients.get(idOf(text, -Infinity, "Invalid client ID"))
    )
    : Array.from(clients.values()).filter(
      isByType ? isOfType(rest[0]) : () => true,
    );
  out.verbatim(
    found.filter((client) => client !== undefined).map(describe).join(""),
  );
}

function kill(
  args: readonly string[],
  out: ReplyWriter,
  client: Client,
  redis: Redis,
): void {
  const isOld = args.length === 3; // by the address alone, the own one as well
  const isMeant = isOld
    ? ({ connection }: Client) => connection.peer === args[2]
    : victimsOf(args, client);
  const victims = Array.from(redis.clients.values()).filter(isMeant);
  if (isOld && victims.length === 0) throw new ReplyError("ERR No such client");
  for (const victim of victims) {
    if (victim === client) client.connection.close();
    else victim.connection.end();
  }
  if (isOld) out.simple("OK");
  else out.integer(victims.length);
}

/** The filter that pairs of a word and a value describe. */
function victimsOf(
  args: readonly string[],
  self: Client,
): (client: Client) => boolean {
  const all: ((client: Client) => boolean)[] = [];
  let isSkipped = true;
  for (let i = 2; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) syntaxError();
    switch (args[i].toUpperCase()) {
      case "ID": {
        const wanted = idOf(value, 1, "client-id should be greater than 0");
        all.push(({ id }) => id === wanted);
        break;
      }
      case "TYPE":
        all.push(isOfType(value));
        break;
      case "ADDR":
        all.push(({ connection }) => connection.peer === value);
        break;
      case "USER":
        if (value !== "default") {
          throw new ReplyError(`ERR No such user '${quoted(value)}'`);
        }
        break;
      case "SKIPME":
        if (!/^(?:yes|no)$/i.test(value)) syntaxError();
        isSkipped = /^yes$/i.test(value);
        break;
      default:
        syntaxError();
    }
  }
  return (client) =>
    !(isSkipped && client === self) && all.every((isMeant) => isMeant(client));
}

export const client = container("client", "noscript loading stale fast", {
  id: [2, (_args, out, client) => out.integer(client.id)],
  getname: [2, (_args, out, { name }) => out.bulk(name || undefined)],
  setname: [3, (args, out, client) => {
    client.name = nameOf(args[2]);
    out.simple("OK");
  }],
  setinfo: [4, setInfo],
  "no-evict": [3, acceptSwitch], // nobody is
  "no-touch": [3, acceptSwitch], // nor does it matter who was
  info: [2, (_args, out, client) => out.verbatim(describe(client))],
  list: [-2, list],
  kill: [-3, kill],
});
