// @ts-check
//
// Shows that the tests find bugs: npm run mutants -- [--only NAME]
//
// Plants the bugs of scripts/mutants, one at a time, in a copy of the project,
// and runs the tests that are to find each. Fails if a bug survives, if its
// place in the source is not found exactly once, or if those tests fail without
// it. A run of all that succeeds writes docs/mutants.md.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { adapterMutants } from "./mutants/adapters.mjs";
import { codecMutants } from "./mutants/codec.mjs";
import { connectingMutants } from "./mutants/connecting.mjs";
import { coreMutants } from "./mutants/core.mjs";
import { exampleMutants } from "./mutants/examples.mjs";
import { flowMutants } from "./mutants/flow.mjs";
import { inspectorMutants } from "./mutants/inspector.mjs";
import { ioMutants } from "./mutants/io.mjs";
import { messageMutants } from "./mutants/messages.mjs";
import { proxyMutants } from "./mutants/proxy.mjs";
import { redisMutants } from "./mutants/redis.mjs";
import { reliabilityMutants } from "./mutants/reliability.mjs";
import { requestMutants } from "./mutants/requests.mjs";
import { simMutants } from "./mutants/sim.mjs";
import { statsMutants } from "./mutants/stats.mjs";
import { threadMutants } from "./mutants/threads.mjs";
import { timeMutants } from "./mutants/time.mjs";
import { tlsMutants } from "./mutants/tls.mjs";
import { utilMutants } from "./mutants/util.mjs";
import { webSocketMutants } from "./mutants/websocket.mjs";
import { report } from "./mutants/report.mjs";

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} planted What is wrong with it, in words.
 * @property {string} file
 * @property {string} old What the bug replaces: exactly once in the file.
 * @property {string} new
 * @property {Suite[]} suites Those that are to find it; one of them is enough.
 */

/**
 * @typedef {object} Suite
 * @property {string} file
 * @property {string} [only] A pattern: the tests whose names match.
 * @property {"bun" | "deno"} [runtime] Bun if left out: it starts first.
 * @property {number} [seeds] How many the reliability suite plays.
 */

/** @typedef {{ passed: boolean, hung: boolean, test: string, ms: number, output: string }} Run */

/** @typedef {{ mutant: Mutant, killedBy: string, hung: boolean, ms: number }} Kill */

/** The milliseconds one test may take: what hangs is ended. */
const TEST_LIMIT = 10_000;

/** A suite may take that, and so many times as long as without a bug. */
const SLOWDOWN = 3;

/** What a suite may take without a bug. */
const SOUND_LIMIT = 60_000;

/** What a copy of the project does without. */
const NOT_COPIED = [".git", ".node", "node_modules", "coverage", "npm"];

/** @type {Mutant[]} */
const all = [
  ...coreMutants,
  ...connectingMutants,
  ...proxyMutants,
  ...tlsMutants,
  ...timeMutants,
  ...codecMutants,
  ...flowMutants,
  ...inspectorMutants,
  ...ioMutants,
  ...utilMutants,
  ...adapterMutants,
  ...threadMutants,
  ...simMutants,
  ...reliabilityMutants,
  ...messageMutants,
  ...requestMutants,
  ...statsMutants,
  ...webSocketMutants,
  ...exampleMutants,
  ...redisMutants,
];

const root = fileURLToPath(new URL("..", import.meta.url));
const chosen = chosenMutants(process.argv.slice(2));
const copy = fs.mkdtempSync(path.join(os.tmpdir(), "mutants-"));
/** @type {Map<string, number>} How many milliseconds each suite may take. */
const limits = new Map();
/** @type {number | undefined} The process group of the suite that runs. */
let group = undefined;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => process.exit(1));
}
process.on("exit", () => {
  endGroup();
  fs.rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
});

await main();

async function main() {
  const start = Date.now();
  fs.cpSync(root, copy, {
    recursive: true,
    filter: (source) => !NOT_COPIED.includes(path.basename(source)),
  });
  const libraries = path.join(root, "node_modules");
  fs.symlinkSync(libraries, path.join(copy, "node_modules"), "junction");
  const failures = [
    ...chosen.flatMap(misplaced),
    ...await failingSuites(),
  ];
  if (failures.length > 0) fail(failures);
  /** @type {Kill[]} */
  const kills = [];
  for (const mutant of chosen) {
    const result = await hunt(mutant);
    if (typeof result === "string") failures.push(result);
    else kills.push(result);
  }
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`${kills.length} of ${chosen.length} killed in ${seconds} s`);
  if (failures.length > 0) fail(failures);
  if (chosen.length < all.length) return;
  fs.mkdirSync(path.join(root, "docs"), { recursive: true });
  fs.writeFileSync(path.join(root, "docs/mutants.md"), report(kills, seconds));
}

/** The mutants that `args` ask for. */
function chosenMutants(/** @type {string[]} */ args) {
  if (new Set(all.map(({ name }) => name)).size < all.length) {
    fail(["Two mutants have the same name"]);
  }
  if (args.length === 0) return all;
  const [flag, name, ...rest] = args;
  const found = all.filter((mutant) => mutant.name === name);
  if (flag === "--only" && found.length === 1 && rest.length === 0) {
    return found;
  }
  return fail([
    "Usage: npm run mutants -- [--only NAME], NAME being one of",
    ...all.map((mutant) => `  ${mutant.name}`),
  ]);
}

/** What is wrong with the place of a mutant. */
function misplaced(/** @type {Mutant} */ mutant) {
  const count = read(mutant.file).split(mutant.old).length - 1;
  if (count === 1) return [];
  return [
    `${mutant.name}: its place is found ${count} times in ${mutant.file}`,
  ];
}

/** Runs every suite once without a bug. */
async function failingSuites() {
  /** @type {Map<string, Suite>} */
  const suites = new Map();
  for (const mutant of chosen) {
    for (const suite of mutant.suites) suites.set(JSON.stringify(suite), suite);
  }
  console.log(`${suites.size} suites without a bug`);
  const failures = [];
  for (const [key, suite] of suites) {
    const run = await runSuite(suite, SOUND_LIMIT);
    limits.set(key, TEST_LIMIT + SLOWDOWN * run.ms);
    if (run.passed) continue;
    const { file, only = "" } = suite;
    failures.push(`${file} ${only} fails without a bug:\n${run.output}`);
  }
  return failures;
}

/**
 * Plants a bug and runs its suites; returns what killed it, or why nothing did.
 *
 * @returns {Promise<Kill | string>}
 */
async function hunt(/** @type {Mutant} */ mutant) {
  const { name, file } = mutant;
  const sound = read(file);
  fs.writeFileSync(
    path.join(copy, file),
    sound.replace(mutant.old, () => mutant.new),
  );
  try {
    for (const suite of mutant.suites) {
      const limit = limits.get(JSON.stringify(suite)) ?? SOUND_LIMIT;
      const { passed, hung, test, ms, output } = await runSuite(suite, limit);
      if (passed) continue;
      if (test === "" && !hung) {
        return `${name}: ${suite.file} failed, but no test of it:\n${output}`;
      }
      const how = hung ? "hung" : "failed";
      console.log(`${name}: ${how} after ${ms} ms: ${suite.file} ${test}`);
      return { mutant, killedBy: suite.file, hung, ms };
    }
  } finally {
    fs.writeFileSync(path.join(copy, file), sound);
  }
  console.log(`${name}: survived`);
  return `${name} survived: ${mutant.planted}`;
}

/**
 * Runs a suite in the copy, up to the first test that fails.
 *
 * @returns {Promise<Run>}
 */
function runSuite(/** @type {Suite} */ suite, /** @type {number} */ limitMs) {
  const [program, ...args] = commandOf(suite);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, {
      cwd: copy,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...seedsOf(suite), NO_COLOR: "1" },
    });
    group = child.pid;
    let output = "";
    let isOver = false;
    const limit = setTimeout(() => {
      isOver = true;
      endGroup();
    }, limitMs);
    const collect = (/** @type {Buffer} */ chunk) => void (output += chunk);
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    // What a failed test has left behind would keep the output open.
    child.on("exit", endGroup);
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({
        passed: code === 0,
        hung: isOver || /timed out after \d+ ?ms/.test(output),
        test: failedTest(output),
        ms: Math.round(performance.now() - start),
        output,
      });
    });
  });
}

function seedsOf(/** @type {Suite} */ { seeds }) {
  return seeds === undefined ? {} : { REACTIO_SEEDS: String(seeds) };
}

/** @returns {string[]} */
function commandOf(/** @type {Suite} */ { file, only, runtime = "bun" }) {
  if (runtime === "bun") {
    const names = only === undefined ? [] : ["-t", only];
    const limit = ["--timeout", String(TEST_LIMIT)];
    return ["bun", "test", "--bail", ...limit, ...names, `./${file}`];
  }
  // Not checked: a bug may well leave something unused.
  const names = only === undefined ? [] : ["--filter", `/${only}/`];
  const allowed = ["net", "read", "env", "sys", "run"]
    .map((what) => `--allow-${what}`);
  const flags = ["--no-check", "--no-prompt", "--fail-fast"];
  return ["deno", "test", ...flags, ...allowed, ...names, file];
}

/** The name of the first test that failed, empty if none did. */
function failedTest(/** @type {string} */ output) {
  const [, name = ""] = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output) ??
    /^ *(.+?) \.\.\. FAILED/m.exec(output) ?? [];
  return name.split(" > ").at(-1) ?? "";
}

/** Ends the suite that runs, with all that it has started. */
function endGroup() {
  if (group === undefined) return;
  const pid = group;
  group = undefined;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended, and left nothing behind.
  }
}

function read(/** @type {string} */ file) {
  return fs.readFileSync(path.join(copy, file), "utf8");
}

/** @returns {never} */
function fail(/** @type {string[]} */ lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}
