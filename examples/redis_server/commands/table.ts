import type { Command } from "./command.ts";
import { connection } from "./connection.ts";
import { hashes } from "./hashes.ts";
import { keys } from "./keys.ts";
import { lists } from "./lists.ts";
import { channels } from "./channels.ts";
import { commandAbout, server } from "./server.ts";
import { scans } from "./scan.ts";
import { sets } from "./sets.ts";
import { strings } from "./strings.ts";
import { transactions } from "./transactions.ts";

/** All commands. */
export const commands: readonly Command[] = [
  ...strings,
  ...keys,
  ...scans,
  ...lists,
  ...hashes,
  ...sets,
  ...channels,
  ...transactions,
  ...connection,
  ...server,
  commandAbout(() => commands),
];

/** By name, in small letters and in capitals, which is what most clients send. */
const byName = new Map<string, Command>();
for (const command of commands) {
  byName.set(command.name, command);
  byName.set(command.name.toUpperCase(), command);
}

/** The command called `name`, however that is written; undefined if there is none. */
export function commandOf(name: string): Command | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase());
}
