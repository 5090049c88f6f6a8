// @ts-check
//
// Runs test programs concurrently: node side_by_side.mjs <JSON of Program[]>
//
// They start in the given order, two per core, because they spend much of their
// time waiting. The output of a program is printed only if it fails, in one
// piece. Fails if a program fails or runs no tests.

import { spawn } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {object} Program
 * @property {string} title
 * @property {string[]} command
 */

/** The time limit of a program in milliseconds. */
const LIMIT = 10 * 60000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
// On a timeout, ends the programs that are still running, and prints their
// output so far.
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

/**
 * The number of passed tests, according to the summary of a runtime. Nested
 * tests count as well.
 */
function passedIn(/** @type {string} */ output) {
  const text = stripVTControlCharacters(output);
  const [, onBun] = /^ *(\d+) pass$/m.exec(text) || [];
  const [, onNode] = /^\W*pass (\d+)$/m.exec(text) || [];
  const [, onDeno, steps = 0] =
    /\| (\d+) passed (?:\((\d+) steps?\) )?\|/.exec(text) || [];
  return Number(onBun || onNode || 0) + Number(onDeno || 0) + Number(steps);
}
