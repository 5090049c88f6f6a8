// @ts-check
//
// Runs programs that test, some at a time: node side_by_side.mjs <JSON of Program[]>
//
// They are started in their order, two for each core, for much of what they do is
// waiting. What a program prints is shown if it fails, as one piece. Fails if one
// of them does, or has tested nothing.

import { spawn } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {object} Program
 * @property {string} title
 * @property {string[]} command
 */

/** The milliseconds a program may take: what hangs is stopped. */
const LIMIT = 10 * 60000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
// Who takes too long is stopped, and with it what it runs; what that has printed is still shown.
process.on("SIGTERM", () => {
  waiting.length = 0;
  for (const child of running) child.kill();
});

/** @type {Program[]} */
const programs = JSON.parse(process.argv[2]);
const waiting = [...programs];
/** @type {string[]} */
const failed = [];
let testCount = 0;
await Promise.all(
  Array.from({ length: 2 * os.availableParallelism() }, runNext),
);
console.log(`\n${testCount} tests passed`);
if (failed.length > 0) {
  console.log(["", "── Failed:", ...failed].join("\n"));
  process.exitCode = 1;
}

async function runNext() {
  for (;;) {
    const program = waiting.shift();
    if (program === undefined) return;
    if (!await run(program)) failed.push(program.title);
  }
}

/** @returns {Promise<boolean>} */
function run(/** @type {Program} */ { title, command: [program, ...args] }) {
  const start = Date.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  /** @type {Uint8Array[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => void output.push(chunk));
  }
  return new Promise((resolve) => {
    const end = (/** @type {string} */ outcome, succeeded = false) => {
      running.delete(child);
      clearTimeout(limit);
      const seconds = ((Date.now() - start) / 1000).toFixed(1);
      const text = `${Buffer.concat(output)}`;
      const count = passedIn(text);
      const isPassed = succeeded && count > 0;
      testCount += count;
      console.log(`── ${title}: ${outcome} in ${seconds} s, ${count} tests`);
      if (!isPassed) console.log(text);
      resolve(isPassed);
    };
    child.on("error", (error) => end(`not run: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0) end("passed", true);
      else end(code === null ? `ended by ${signal}` : `failed with ${code}`);
    });
  });
}

/** How many tests have passed, by what a runtime says of them at the end; those within others count as well. */
function passedIn(/** @type {string} */ output) {
  const text = stripVTControlCharacters(output);
  const [, onBun] = /^ *(\d+) pass$/m.exec(text) || [];
  const [, onNode] = /^\W*pass (\d+)$/m.exec(text) || [];
  const [, onDeno, steps = 0] =
    /\| (\d+) passed (?:\((\d+) steps?\) )?\|/.exec(text) || [];
  return Number(onBun || onNode || 0) + Number(onDeno || 0) + Number(steps);
}
