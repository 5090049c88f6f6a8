// @ts-check
//
// Runs the project's jobs: node scripts/run.mjs <job>. See `jobs` below.
//
// Deno, Bun and TypeScript come from npx, which keeps them in its own cache.
// The libraries of the optional entries are installed in node_modules, but only
// for jobs that need them. This file must also parse on Node 12, so that an old
// Node can report that it is too old.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { importFlags, JSR_TESTS, reachesJsr } from "./jsr.mjs";
import { installLibraries } from "./libraries.mjs";
import { ENTRIES } from "./npm_package.mjs";
import { askNodeWith } from "./npx.mjs";
import { entryOf, filesOf, isJoined, shardsOf } from "./test_shards.mjs";

/** The only place with the versions of the tools. */
const version = { deno: "2.9.6", bun: "1.4.5", typescript: "7.0.2" };

/**
 * The Node whose Windows build is tried. Debian 12 has a Wine that runs no
 * later one.
 */
const WINDOWS_NODE = "22";

/**
 * The output folder of TypeScript for Node; the same as in tsconfig.node.json.
 */
const OUT = ".node";

/** True if this Node runs TypeScript directly. */
const runsTypeScript = Boolean(process.features.typescript);

/**
 * The tests that `npm run test:quick` skips, by the beginnings of their paths:
 * those that start threads and whole programs, and repetitions of the
 * conformance suite on other sockets than Bun's.
 */
const SLOW_TESTS = [
  "tests/examples/",
  "tests/soak/",
  "tests/threads/",
  "tests/docs/blocks.test.ts",
  "tests/sim/greedy_system.test.ts",

  "tests/adapters/node.test.ts",
  "tests/adapters/unix_sockets.test.ts",
  "tests/relay/conformance.test.ts",
  "tests/sim/adapter.test.ts",
  "tests/tls/simulated.test.ts",
  "tests/tls/transport.test.ts",
  "tests/websocket/simulated.test.ts",
  "tests/websocket/transport.test.ts",
];

/** How many seeds of the reliability suite `npm run test:quick` plays. */
const QUICK_SEEDS = "500";

/**
 * For how many milliseconds Bun keeps free memory. Returning it and requesting
 * it again for the next test makes up most of the system time of its suites.
 */
const BUN_KEEPS_MS = "1000";

/**
 * The jobs that run or check code that needs the libraries of the optional
 * entries.
 */
const NEED_LIBRARIES = /^(?:test|test:\w+|check|mutants|soak)$/;

/** The time limit of a program in milliseconds. */
const LIMIT = 30 * 60000;

/** True once the library is joined for the suites. */
let isBuilt = false;

const deno = `Deno ${version.deno}`;
const bun = `Bun ${version.bun}`;
const node = `Node ${process.versions.node}`;

/** @typedef {[title: string, run: () => boolean]} Step */

/** @type {Step[]} */
const demos = [
  [`demo on ${deno}`, demoOnDeno],
  [`demo on ${bun}`, () => exec("bun", "examples/demo.ts")],
  [
    `demo on ${node}`,
    () => prepareNode() && runNode(forNode("examples/demo.ts")),
  ],
];

/** @typedef {{ title: string, command: string[] }} Program */

/** @type {{ [runtime: string]: () => Program[] }} */
const suites = { deno: suiteOnDeno, bun: suiteOnBun, node: suiteOnNode };

/** @type {{ [name: string]: Step[] }} */
const jobs = {
  "start": demos,
  "test": [["test on all runtimes, side by side", testAll]],
  "test:deno": [[`test on ${deno}`, () => sideBySide(suites.deno())]],
  "test:bun": [[`test on ${bun}`, () => sideBySide(suites.bun())]],
  "test:node": [[`test on ${node}`, () => sideBySide(suites.node())]],
  "test:quick": [[`test on ${bun}, without the slow ones`, testQuick]],
  "test:clients": [
    ["real clients", () => prepareNode() && testClients()],
  ],
  "check": [
    ["types", checkTypes],
    ["lint", () => exec("deno", "lint")],
    ["format", () => exec("deno", "fmt", "--check")],
    ["documentation", () => exec("deno", "doc", "--lint", ...entries())],
    [
      "package on JSR",
      () => exec("deno", "publish", "--dry-run", "--allow-dirty"),
    ],
    ["package on npm", tryPackage],
  ],
  "docs": [["documentation of the API", writeDocs]],
  "try:package": [["package on npm", tryPackage]],
  "try:bundles": [["threads in bundles", tryBundles]],
  "screenshots": [
    ["pictures of the inspector", () => runNode("scripts/screenshots.mjs")],
  ],
  "build:npm": [
    ["package on npm, by dnt", buildNpm],
  ],
  "publish:jsr": [["publish on JSR", () => exec("deno", "publish")]],
  "build:node": [[`build for ${node}`, build]],
  "bench": [
    ["bench", () => build() && bench()],
  ],
  "bench:profile": [
    ["profile of a server on Bun", () => profile()],
  ],
  "bench:threads": [
    ["bench of the ways between threads", () => build() && benchThreads()],
  ],
  "bench:redis": [
    [
      "bench of a server of the protocol of Redis",
      () => build() && benchRedis(),
    ],
  ],
  "calls": [
    ["build that tells its calls", () => build() && instrument()],
    [`one message on ${deno}`, () => exec("deno", "run", "-A", ...echo())],
    [`one message on ${bun}`, () => exec("bun", ...echo())],
    [`one message on ${node}`, () => runNode(...echo())],
  ],
  "soak": [
    ["soak", () => prepareNode() && soak()],
  ],
  "mutants": [
    ["mutants", mutants],
  ],
  "test:windows": [
    ["test on Windows builds, under Wine", () => build() && testWindows()],
  ],
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [job, ...flags] = process.argv.slice(2);
/** True if the runtimes share the tests that do not depend on a runtime. */
const isShared = job === "test";
requireNode();
if (!Object.keys(jobs).includes(job)) {
  fail(`Usage: node scripts/run.mjs ${Object.keys(jobs).join(" | ")}`);
}
const modules = fetchTools();
if (NEED_LIBRARIES.test(job)) fetchLibraries();
runJob(jobs[job]);

/** Runs all steps, even after one fails, and prints a summary. */
function runJob(/** @type {Step[]} */ steps) {
  const start = Date.now();
  const failed = [];
  for (const [title, run] of steps) {
    heading(title);
    if (!run()) failed.push(title);
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const passed = `${steps.length - failed.length} of ${steps.length} passed`;
  heading(`${job}: ${passed} in ${seconds} s`);
  if (failed.length > 0) fail(`Failed: ${failed.join(", ")}`);
}

/** Exits if package.json does not allow this version of Node. */
function requireNode() {
  const { engines } = JSON.parse(fs.readFileSync("package.json", "utf8"));
  const [ourMajor, ourMinor] = process.versions.node.split(".").map(Number);
  /** @type {string[]} Such as ["^20.16", ">=22.3"]. */
  const ranges = engines.node.split(" || ");
  const isAllowed = ranges.some((range) => {
    const [major, minor] = range.replace(/^\D+/, "").split(".").map(Number);
    return ourMajor === major
      ? ourMinor >= minor
      : ourMajor > major && range.startsWith(">=");
  });
  if (isAllowed) return;
  fail(
    `Reactio needs Node ${engines.node}, and this is ${node}.`,
    "Install a newer Node, then run the command again.",
  );
}

/**
 * Makes npx fetch the tools, and adds them to the PATH. Returns their
 * node_modules.
 */
function fetchTools() {
  heading(`tools: ${deno}, ${bun}, TypeScript ${version.typescript}`);
  const packages = Object.entries(version).map((tool) => tool.join("@"));
  let paths = "";
  try {
    paths = askNodeWith(packages, "process.env.PATH");
  } catch (error) {
    fail(
      /** @type {Error} */ (error).message,
      "Check the network and npm's proxy settings, then run the command again.",
    );
  }
  const bin = paths.split(path.delimiter)[0];
  const modules = path.dirname(bin);
  // On Windows, .bin contains scripts; the programs themselves are in these
  // folders.
  const programs = [
    bin,
    path.join(modules, "deno"),
    path.join(modules, "bun/bin"),
  ];
  process.env.PATH = [...programs, process.env.PATH].join(path.delimiter);
  process.env.DENO_NO_UPDATE_CHECK = "1";
  return modules;
}

/** Makes npm install the libraries of the optional entries. */
function fetchLibraries() {
  try {
    installLibraries();
  } catch (error) {
    fail(
      /** @type {Error} */ (error).message.trimEnd(),
      "Check the network and npm's proxy settings, then run the command again.",
    );
  }
}

/** The modules that users import: `mod.ts` and the optional entries. */
function entries() {
  return Object.values(ENTRIES).map((file) => file.replace("./", ""));
}

function demoOnDeno() {
  const allowed = ["--no-prompt", "--allow-net=127.0.0.1"];
  // Makes every download fail: the demo must need nothing but the tools.
  const unaided = ["--no-config", "--no-remote", "--no-npm"];
  return exec("deno", "run", ...unaided, ...allowed, "examples/demo.ts");
}

/** The longest programs come first, whichever runtime they are for. */
function testAll() {
  const all = Object.values(suites).map((programs) => programs());
  const longest = Math.max(...all.map((programs) => programs.length));
  /** @type {Program[]} */
  const mixed = [];
  for (let i = 0; i < longest; i++) {
    for (const programs of all) mixed.push(...programs.slice(i, i + 1));
  }
  return sideBySide(mixed);
}

function sideBySide(/** @type {Program[]} */ programs) {
  return runNode("scripts/side_by_side.mjs", JSON.stringify(programs));
}

function suiteOnDeno() {
  const names = ["net", "read", "write", "env", "sys", "run"];
  const command = [
    ...["deno", "test"],
    "--config=deno.json",
    "--no-check", // `npm run check` checks the types
    "--no-prompt",
    ...names.map((name) => `--allow-${name}`),
    ...importFlags(),
  ];
  prepareJoined();
  return programs("deno", [...testFiles(), ...ofDenoAlone()], (files) => [
    ...command,
    entryOf(files.map((file) => orJoined(file)), ".test.ts"),
  ]);
}

function suiteOnBun() {
  prepareJoined();
  return programs(
    "bun",
    [...testFiles(), "bun.test.ts"],
    (files) => onBun(files.map((file) => orJoined(file))),
  );
}

function onBun(/** @type {string[]} */ files) {
  process.env.MIMALLOC_PURGE_DELAY = BUN_KEEPS_MS;
  // On a slow machine, what takes some seconds elsewhere takes a minute.
  return ["bun", "test", "--timeout=180000", entryOf(files, ".test.ts")];
}

function suiteOnNode() {
  prepareJoined();
  return programs("node", testFiles(), (files) => [
    process.execPath,
    "--enable-source-maps",
    "--max-semi-space-size=64", // in MiB; makes the simulated suites a tenth faster
    // Several processes share few cores: each collects less often, by itself.
    "--initial-old-space-size=256",
    "--single-threaded-gc",
    "--test-reporter=spec",
    entryOf(files.map((file) => orJoined(file, forNode(file))), ".mjs"),
  ]);
}

/**
 * The file to run for the test `file`: the joined one if it is to run that way,
 * otherwise `other`.
 */
function orJoined(/** @type {string} */ file, other = file) {
  return isJoined(file) ? emitted(file) : other;
}

/**
 * The programs that run `files`, or the share of them that `runtime` has.
 * `command` returns the command for some files.
 */
function programs(
  /** @type {string} */ runtime,
  /** @type {string[]} */ files,
  /** @type {(files: string[]) => string[]} */ command,
) {
  if (isShared) process.env.REACTIO_SHARED = "1";
  const ours = isShared ? filesOf(runtime, files) : files;
  return shardsOf(ours).map((shard) => ({
    title: `${runtime}: ${shard.title}`,
    command: command(shard.files),
  }));
}

function testQuick() {
  process.env.REACTIO_SEEDS = QUICK_SEEDS;
  const files = testFiles()
    .filter((file) => !SLOW_TESTS.some((start) => file.startsWith(start)));
  return sideBySide(
    shardsOf(files).map(({ title, files }) => ({
      title,
      command: onBun(files),
    })),
  );
}

/** The tests that only Deno can run, as far as their imports are available. */
function ofDenoAlone() {
  return reachesJsr() ? ["deno.test.ts", JSR_TESTS] : ["deno.test.ts"];
}

function checkTypes() {
  const scripts = fs.readdirSync("scripts")
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => `scripts/${file}`);
  return exec(
    "deno",
    "check",
    ...importFlags(),
    ...["mod.ts", "bun.test.ts", ...ofDenoAlone()],
    ...["src", "tests", "examples", "bench", "soak"],
    ...["scripts/calls", "scripts/real_clients", "scripts/try_package"],
    ...scripts,
  );
}

function writeDocs() {
  return exec(
    "deno",
    "doc",
    "--html",
    "--name=Reactio",
    "--output=api",
    ...entries(),
  );
}

function buildNpm() {
  return exec("deno", "run", "--allow-all", "scripts/build_npm.ts");
}

/** Emits JavaScript for Node. */
function build() {
  fs.rmSync(OUT, { recursive: true, force: true });
  const tsc = path.join(modules, "typescript/bin/tsc");
  return runNode(tsc, "--project", "tsconfig.node.json");
}

/**
 * Joins the library for the suites, so that it loads in a fraction of the time.
 */
function prepareJoined() {
  if (isBuilt) return;
  isBuilt = build() && exec("bun", "scripts/join_library.mjs", OUT);
  if (!isBuilt) fail("Cannot build what the tests are to run.");
}

/** Prepares what this Node is going to run. */
function prepareNode() {
  return runsTypeScript || build();
}

/** The file that this Node runs for the source `file`. */
function forNode(/** @type {string} */ file) {
  return runsTypeScript ? file : emitted(file);
}

/** The output of TypeScript for the source `file`. */
function emitted(/** @type {string} */ file) {
  return `${OUT}/${file.replace(/\.ts$/, ".js")}`;
}

/** The test files of all runtimes. */
function testFiles() {
  return fs.readdirSync("tests", { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `tests/${file.replaceAll(path.sep, "/")}`)
    .sort();
}

function runNode(/** @type {string[]} */ ...args) {
  return exec(process.execPath, "--enable-source-maps", ...args);
}

/** Without a time limit, because each of its programs has one. */
function testClients() {
  const built = runsTypeScript ? [] : [OUT];
  return runNode("scripts/real_clients.mjs", ...built);
}

/** Without a time limit, because each of its programs has one. */
function tryPackage() {
  return runNode("scripts/try_package.mjs", modules, ...flags);
}

/** Without a time limit, because each of its programs has one. */
function tryBundles() {
  return runNode("scripts/try_bundles.mjs", modules, ...flags);
}

/** Takes as long as its flags say. Each measurement has a time limit. */
function bench() {
  return execWithin(Infinity, "bun", ["bench/run.ts", ...flags]);
}

function profile() {
  return exec("bun", "bench/profile.ts", ...flags);
}

/** Takes as long as its flags say. Each measurement has a time limit. */
function benchThreads() {
  return execWithin(Infinity, "bun", ["bench/threads_run.ts", ...flags]);
}

/** Takes as long as its flags say. Each measurement has a time limit. */
function benchRedis() {
  return execWithin(Infinity, "bun", ["bench/redis.ts", ...flags]);
}

/** Makes the build tell which of its functions are entered. */
function instrument() {
  return runNode("scripts/calls/instrument.mjs", modules, OUT);
}

/** The program that lists the functions that one message enters. */
function echo() {
  return ["scripts/calls/echo.mjs", OUT];
}

/** Takes as long as its flags say, and ends by itself. */
function soak() {
  return execWithin(Infinity, process.execPath, [
    "--enable-source-maps",
    forNode("soak/run.ts"),
    ...flags,
  ]);
}

/**
 * Takes as long as the number of mutants requires. Each suite has a time limit,
 * and a stopped run can be continued.
 */
function mutants() {
  return execWithin(Infinity, process.execPath, [
    "scripts/mutants.mjs",
    ...flags,
  ]);
}

/**
 * Takes as long as the number of runtimes requires. Each suite has a time
 * limit.
 */
function testWindows() {
  return execWithin(Infinity, process.execPath, [
    "scripts/test_windows.mjs",
    `--node=${WINDOWS_NODE}`,
    `--deno=${version.deno}`,
    `--bun=${version.bun}`,
    ...flags,
  ]);
}

/** Runs a program that shares our output. Returns true if it succeeds. */
function exec(/** @type {string} */ program, /** @type {string[]} */ ...args) {
  return execWithin(LIMIT, program, args);
}

function execWithin(
  /** @type {number} */ limit,
  /** @type {string} */ program,
  /** @type {string[]} */ args,
) {
  const start = Date.now();
  const { status, signal, error } = spawnSync(program, args, {
    stdio: "inherit",
    timeout: limit === Infinity ? undefined : limit,
  });
  const name = path.basename(program);
  if (Date.now() - start >= limit) {
    console.error(`${name}: stopped after ${limit / 60000} minutes`);
  } else if (error) {
    console.error(`${name}: ${error.message}`);
  } else if (signal) {
    console.error(`${name}: ended by ${signal}`);
  }
  return status === 0;
}

function heading(/** @type {string} */ text) {
  console.log(`\n── ${text}`);
}

/** @returns {never} */
function fail(/** @type {string[]} */ ...lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}
