// @ts-check
//
// Runs the tests on Windows builds of the runtimes, under Wine:
//
// npm run test:windows -- [--all] [--root FOLDER] [FILE …]
//
// Tests Node; with --all also Deno and Bun. FOLDER is the root of a system with
// a newer Wine. FILE is a test file; by default, all that make sense here are
// run. Fails if a test fails that is not listed in windows/known_failures.mjs.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { outcomesIn } from "./windows/outcomes.mjs";
import { fetchRuntimes, programOf, RUNTIMES } from "./windows/runtimes.mjs";
import { Verdict } from "./windows/verdict.mjs";
import { Wine } from "./windows/wine.mjs";

/** The time limit of a test file in milliseconds. */
const LIMIT = 10 * 60_000;

/** Top-level entries that a copy of the project does not need. */
const NOT_COPIED = [".git", "coverage", "npm", "api"];

/**
 * Tests that do not depend on the system, that need the other runtimes as well,
 * or that need Linux.
 */
const NOT_RUN = [
  "tests/bench/load_generator.test.ts",
  "tests/docs/blocks.test.ts",
  "tests/examples/programs.test.ts",
  "tests/reliability/reliability.test.ts",
];

const NO_WINE = `Wine is not installed. On Debian and Ubuntu, as root:

  apt-get install wine wine64

Then run the command again.`;

const NEW_ROOT = `Debian 13 has it; as root:

  apt-get install debootstrap
  debootstrap --variant=minbase --include=wine,wine64 trixie FOLDER
  npm run test:windows -- --all --root FOLDER`;

const OLD_WINE = `Deno and Bun need Wine 10. ${NEW_ROOT}`;

const NO_ROOT =
  `--root is no root of a system with a Wine that runs. ${NEW_ROOT}`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: "string", default: "" },
    deno: { type: "string", default: "" },
    bun: { type: "string", default: "" },
    all: { type: "boolean", default: false },
    root: { type: "string" },
  },
});
/** @type {{ [runtime: string]: string }} */
const versions = flags.all
  ? { node: flags.node, deno: flags.deno, bun: flags.bun }
  : { node: flags.node };

for (const [name, version] of Object.entries(versions)) {
  if (version === "") fail(`Which ${name}? npm run test:windows tells that.`);
}
if (process.platform === "win32") {
  fail("This is Windows: npm test runs the tests on it.");
}
if (flags.root !== undefined) checkRoot(flags.root);
const wine = new Wine(flags.root);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => process.exit(1));
}
process.on("exit", () => wine.close());
checkWine();
await wine.prepare();
try {
  fetchRuntimes(versions, wine.folder);
} catch {
  fail(
    "Check the network and npm's proxy settings, then run the command again.",
  );
}
const project = path.join(wine.folder, "project");
fs.cpSync(".", project, {
  recursive: true,
  filter: (source) => !NOT_COPIED.includes(path.relative(".", source)),
});
const logs = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-windows-logs-"));
let hasFailed = false;
for (const runtime of Object.keys(versions)) {
  const { failures } = await runAll(runtime);
  if (failures.length > 0) hasFailed = true;
}
if (hasFailed) fail(`What the tests printed is in ${logs}`);
fs.rmSync(logs, { recursive: true, force: true });

/** Exits if the Wine of another root cannot be run. */
function checkRoot(/** @type {string} */ root) {
  if (process.getuid?.() !== 0) fail("Only root can run the Wine of --root.");
  if (!fs.existsSync(path.join(root, "usr/bin/wine"))) fail(NO_ROOT);
}

/** Exits unless there is a Wine that can run all selected runtimes. */
function checkWine() {
  const { version } = wine;
  if (version === undefined) return fail(flags.root ? NO_ROOT : NO_WINE);
  console.log(version);
  const needed = Object.keys(versions).map((name) => RUNTIMES[name].wine);
  const major = Number(/\d+/.exec(version));
  if (major < Math.max(...needed)) fail(OLD_WINE);
}

/** Runs the tests on a runtime, and prints the outcome. */
async function runAll(/** @type {string} */ runtime) {
  const verdict = new Verdict(runtime);
  const isAll = positionals.length === 0;
  for (const file of isAll ? testFiles() : positionals) {
    await runFile(runtime, file, verdict);
  }
  const { countPassed, countKnown, failures, surprises, missing } = verdict;
  if (isAll) failures.push(...missing.map((name) => `${name} (not run)`));
  console.log(
    `${runtime}: ${countPassed} passed, ${countKnown} failed by Wine, ${failures.length} failed`,
  );
  for (const name of surprises) console.log(`passed all the same: ${name}`);
  for (const name of failures) console.error(`FAILED: ${name}`);
  return verdict;
}

function testFiles() {
  return fs.readdirSync("tests", { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `tests/${file}`)
    .filter((file) => !NOT_RUN.includes(file))
    .sort();
}

async function runFile(
  /** @type {string} */ runtime,
  /** @type {string} */ file,
  /** @type {Verdict} */ verdict,
) {
  const start = Date.now();
  const log = path.join(logs, `${runtime}-${file.replaceAll("/", "-")}.log`);
  const command = [
    programOf(runtime, wine.folder),
    ...RUNTIMES[runtime].argsFor(file),
  ];
  const end = await wine.run(command, project, log, LIMIT);
  const outcomes = outcomesIn(fs.readFileSync(log, "utf8"));
  const isExpected = verdict.add(file, outcomes, end);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(
    `${isExpected ? "ok    " : "FAILED"}  ${runtime} ${file} (${seconds} s)`,
  );
}

/** @returns {never} */
function fail(/** @type {string} */ message) {
  console.error(message);
  process.exit(1);
}
