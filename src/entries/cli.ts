#!/usr/bin/env node
/**
 * The command `reactio`: `reactio top <address>` shows in a terminal what an
 * {@linkcode inspect inspector} shows in a browser.
 *
 * @example For a server that was started with an inspector
 * ```sh
 * npx @reactio/reactio top 127.0.0.1:9229
 * deno run --allow-net --allow-env jsr:@reactio/reactio/cli top 127.0.0.1:9229
 * bunx @reactio/reactio top 127.0.0.1:9229
 * ```
 *
 * @module
 */

import process from "node:process";
import { commandLine, USAGE } from "./cli/command_line.ts";
import { top } from "./cli/top.ts";

const command = commandLine(process.argv.slice(2), process.env);
if (command.kind === "top") {
  process.exitCode = await top(command);
} else if (command.kind === "help") {
  console.log(USAGE);
} else {
  console.error(`${command.why}\n\n${USAGE}`);
  process.exitCode = 2;
}
