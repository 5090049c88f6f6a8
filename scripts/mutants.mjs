// @ts-check
//
// Shows that the tests find bugs: npm run mutants -- [--only NAME ...]
//
// Plants the bugs of scripts/mutants one at a time in a copy of the project,
// and runs the tests that should find each, in as many processes as there are
// processors. Fails if a bug survives, if its `old` text is not found exactly
// once, or if its tests fail without it. A complete successful run writes
// docs/mutants.md. If a run is stopped, the next one continues from there,
// unless a file of the project has changed.

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
import { tlsRecordMutants } from "./mutants/tls_records.mjs";
import { utilMutants } from "./mutants/util.mjs";
import { webSocketMutants } from "./mutants/websocket.mjs";
import { Progress } from "./mutants/progress.mjs";
import { report } from "./mutants/report.mjs";
import { SuiteRunner } from "./mutants/suite_runner.mjs";

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} planted A description of the bug.
 * @property {string} file
 * @property {string} old The text to replace, which occurs once in the file.
 * @property {string} new
 * @property {Suite[]} suites The suites that should find it; one is enough.
 */

/**
 * @typedef {object} Suite
 * @property {string} file
 * @property {string} [only] A pattern for the names of the tests to run.
 * @property {"bun" | "deno"} [runtime] Default: Bun, which starts fastest.
 * @property {number} [seeds] How many seeds the reliability suite plays.
 */

/**
 * @typedef {object} Kill
 * @property {string} name Of the mutant.
 * @property {string} file The test file that failed.
 * @property {boolean} hung Whether a test exceeded its time limit.
 * @property {number} ms
 */

/** Time limits of a single test, and of a suite without a bug. */
const TEST_LIMIT_MS = 10_000;
const SOUND_LIMIT_MS = 60_000;

/**
 * How many times as long a suite may take with a bug as without, apart from a
 * constant.
 */
const SLOWDOWN = 3;
/**
 * The constant in a first attempt. A suite that takes longer may be slow rather
 * than hanging, so it is run again with a longer limit.
 */
const SOON_MS = 2_000;

/** @type {Mutant[]} */
const all = [
  ...coreMutants,
  ...connectingMutants,
  ...proxyMutants,
  ...tlsMutants,
  ...tlsRecordMutants,
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
/** @type {SuiteRunner[]} */
const runners = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => process.exit(1));
}
process.on("exit", () => runners.forEach((runner) => runner.end()));
while (runners.length < Math.min(os.availableParallelism(), chosen.length)) {
  runners.push(new SuiteRunner(root));
}
const progress = new Progress(
  chosen === all ? runners[0].fingerprint() : undefined,
);
/**
 * @type {Map<string, Promise<string>>} By suite: what is wrong with it without
 *   a bug.
 */
const soundness = new Map();

await main();

async function main() {
  const failures = chosen.flatMap(misplaced);
  if (failures.length > 0) fail(failures);
  const left = chosen.filter(({ name }) => !progress.kills.has(name)).values();
  await Promise.all(runners.map(async (runner) => {
    for (const mutant of left) {
      const why = await hunt(mutant, runner);
      if (why === undefined) continue;
      console.log(why);
      failures.push(why);
    }
  }));
  const kills = chosen.flatMap(({ name }) => progress.kills.get(name) ?? []);
  const seconds = Math.round(progress.ms / 1000);
  console.log(`${kills.length} of ${chosen.length} killed in ${seconds} s`);
  if (failures.length > 0) fail(failures);
  if (chosen.length < all.length) return;
  const page = path.join(root, "docs/mutants.md");
  fs.writeFileSync(page, report(all, progress.kills, seconds));
  progress.remove();
}

/** The mutants that `args` select. */
function chosenMutants(/** @type {string[]} */ args) {
  if (new Set(all.map(({ name }) => name)).size < all.length) {
    fail(["Two mutants have the same name"]);
  }
  if (args.length === 0) return all;
  const [flag, ...names] = args;
  if (flag !== "--only" || names.length === 0) {
    return fail(["Usage: npm run mutants -- [--only NAME ...]"]);
  }
  const found = all.filter(({ name }) => names.includes(name));
  if (found.length === names.length) return found;
  return fail([
    "Not all of these are mutants, or one is named twice",
    ...names,
  ]);
}

/** What is wrong with the `old` text of a mutant. */
function misplaced(/** @type {Mutant} */ mutant) {
  const count = runners[0].placesOf(mutant);
  if (count === 1) return [];
  return [
    `${mutant.name}: its place is found ${count} times in ${mutant.file}`,
  ];
}

/**
 * Plants a bug and runs its suites. Resolves to the reason why no suite found
 * it; undefined if one did.
 */
async function hunt(
  /** @type {Mutant} */ mutant,
  /** @type {SuiteRunner} */ runner,
) {
  const { name, suites, planted } = mutant;
  for (const suite of suites) {
    const wrong = await soundnessOf(suite, runner);
    if (wrong !== "") return `${name}: ${wrong}`;
    const mend = runner.plant(mutant);
    const { passed, hung, test, ms, output } = await runWithBug(suite, runner)
      .finally(mend);
    if (passed) continue;
    const { file } = suite;
    if (test === "" && !hung) {
      return `${name}: ${file} failed, but no test of it:\n${output}`;
    }
    const how = hung ? "hung" : "failed";
    console.log(`${name}: ${how} after ${ms} ms: ${file} ${test}`);
    progress.addKill({ name, file, hung, ms });
    return undefined;
  }
  return `${name} survived: ${planted}`;
}

/**
 * Runs a suite with the bug planted: first with a short time limit, then, if it
 * exceeded that, with a longer one.
 */
async function runWithBug(
  /** @type {Suite} */ suite,
  /** @type {SuiteRunner} */ runner,
) {
  const slowMs = SLOWDOWN * soundMsOf(suite);
  const soonMs = SOON_MS + slowMs;
  const soon = await runner.run(suite, soonMs, soonMs);
  if (!soon.hung) return soon;
  return await runner.run(suite, TEST_LIMIT_MS, TEST_LIMIT_MS + slowMs);
}

/** What is wrong with a suite without a bug; empty if it passes. */
function soundnessOf(
  /** @type {Suite} */ suite,
  /** @type {SuiteRunner} */ runner,
) {
  const key = JSON.stringify(suite);
  if (progress.soundMs.has(key)) return "";
  const known = soundness.get(key) ?? tryWithoutBug(suite, runner);
  soundness.set(key, known);
  return known;
}

async function tryWithoutBug(
  /** @type {Suite} */ suite,
  /** @type {SuiteRunner} */ runner,
) {
  const { passed, ms, output } = await runner.run(
    suite,
    TEST_LIMIT_MS,
    SOUND_LIMIT_MS,
  );
  if (!passed) return `${suite.file} fails without a bug:\n${output}`;
  progress.addSuite(JSON.stringify(suite), ms);
  return "";
}

function soundMsOf(/** @type {Suite} */ suite) {
  return progress.soundMs.get(JSON.stringify(suite)) ?? 0;
}

/** @returns {never} */
function fail(/** @type {string[]} */ lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}
