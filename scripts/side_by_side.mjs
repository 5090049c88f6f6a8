// @ts-check
//
// Runs programs at the same time: node side_by_side.mjs <JSON of Program[]>
//
// What each prints is kept until it has ended, and then shown as one piece.
// Fails if one of them does.

import { spawn } from "node:child_process";
import process from "node:process";

/**
 * @typedef {object} Program
 * @property {string} title
 * @property {string[]} command
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
// Who takes too long is stopped, and with it what it runs; what that has printed is still shown.
process.on("SIGTERM", () => {
  for (const child of running) child.kill();
});

/** @type {Program[]} */
const programs = JSON.parse(process.argv[2]);
const results = await Promise.all(programs.map(run));
process.exitCode = results.every((succeeded) => succeeded) ? 0 : 1;

/** @returns {Promise<boolean>} */
function run(/** @type {Program} */ { title, command: [program, ...args] }) {
  const start = Date.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  /** @type {Uint8Array[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => void output.push(chunk));
  }
  return new Promise((resolve) => {
    const end = (/** @type {string} */ outcome, succeeded = false) => {
      running.delete(child);
      const seconds = ((Date.now() - start) / 1000).toFixed(1);
      process.stdout.write(
        `\n── ${title}: ${outcome} in ${seconds} s\n${Buffer.concat(output)}`,
      );
      resolve(succeeded);
    };
    child.on("error", (error) => end(`not run: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0) end("passed", true);
      else end(code === null ? `ended by ${signal}` : `failed with ${code}`);
    });
  });
}
