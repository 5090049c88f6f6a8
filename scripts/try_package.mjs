// @ts-check
//
// Tries the npm package as a stranger would: installs it into an empty folder,
// checks programs against its types, and runs them on every runtime. The package
// is built for that, or is the one in the folder that is named.
//
// node scripts/try_package.mjs <node_modules of the tools> [folder]

import { execSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { askNodeWith, nodePackage } from "./npx.mjs";
import { packageJson } from "./npm_package.mjs";
import { buildPackage, packPackage } from "./try_package/pack.mjs";

/** The oldest TypeScript and the newest Node that it is tried with, too. */
const OLD_TYPESCRIPT = "5.9.3";
const NEW_NODE = "24";

/** The milliseconds that a program may take. */
const LIMIT = 60_000;

const PROGRAMS = ["echo", "threaded_echo", "simulation"];

/** What strict users write into their tsconfig.json; `skipLibCheck` is off. */
const common = {
  strict: true,
  exactOptionalPropertyTypes: true,
  rewriteRelativeImportExtensions: true,
};
const CONFIGS = {
  nodenext: { ...common, module: "nodenext", outDir: "out" },
  bundler: {
    ...common,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    noEmit: true,
  },
};

const [modules, folder] = process.argv.slice(2);
const newTsc = path.join(modules, "typescript/bin/tsc");
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-"));
const home = path.join(temporary, "home");
/** @type {string[]} */
const failures = [];
try {
  installPackage();
  checkTypes();
  runPrograms();
} finally {
  fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
}
if (failures.length > 0) {
  console.error(`The package failed: ${failures.join(", ")}`);
  process.exitCode = 1;
}

/** Makes the stranger's folder, with nothing in it but the programs and the package. */
function installPackage() {
  const built = path.join(temporary, "built");
  if (folder === undefined) buildPackage(newTsc, built);
  else fs.cpSync(folder, built, { recursive: true, filter: isNoModules });
  const tarball = packPackage(built);
  const { name } = packageJson();
  fs.cpSync("scripts/try_package/programs", home, { recursive: true });
  write("package.json", { private: true, type: "module" });
  write("deno.json", {
    nodeModulesDir: "manual",
    imports: { [name]: `npm:${name}` },
  });
  for (const [name, compilerOptions] of Object.entries(CONFIGS)) {
    write(`tsconfig.${name}.json`, { compilerOptions });
  }
  // By a shell: on Windows, npm is a script.
  execSync(`npm install --no-audit --no-fund "${tarball}"`, {
    cwd: home,
    stdio: "inherit",
  });
}

/** Checks the programs with two TypeScripts and all settings; also compiles them. */
function checkTypes() {
  const bin = askNodeWith([`typescript@${OLD_TYPESCRIPT}`], "process.env.PATH")
    .split(path.delimiter)[0];
  const oldTsc = path.join(bin, "../typescript/bin/tsc");
  for (const tsc of [oldTsc, newTsc]) {
    const { version } = JSON.parse(
      fs.readFileSync(path.join(tsc, "../../package.json"), "utf8"),
    );
    for (const name of Object.keys(CONFIGS)) {
      const args = [tsc, "--project", `tsconfig.${name}.json`];
      attempt(`types, TypeScript ${version}, ${name}`, process.execPath, args);
    }
  }
}

function runPrograms() {
  // Not the package `node`: an install script of its own fetches the program.
  const newNode = askNodeWith([nodePackage(NEW_NODE)], "process.execPath");
  const permissions = ["--allow-net=127.0.0.1", "--allow-read"];
  /** @type {[title: string, program: string, ...args: string[]][]} */
  const runtimes = [
    [`Node ${process.versions.node}`, process.execPath],
    [`Node ${NEW_NODE}`, newNode],
    ["Bun", "bun"],
    ["Deno", "deno", "run", "--no-prompt", ...permissions],
  ];
  for (const [title, runtime, ...args] of runtimes) {
    for (const program of PROGRAMS) {
      const script = `out/${program}.js`;
      attempt(`${program}, ${title}`, runtime, [...args, script], "done\n");
    }
  }
}

/** Runs a program in the stranger's folder: all that it prints is to be `expected`. */
function attempt(
  /** @type {string} */ title,
  /** @type {string} */ program,
  /** @type {string[]} */ args,
  expected = "",
) {
  const start = Date.now();
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd: home,
    encoding: "utf8",
    timeout: LIMIT,
  });
  const ms = Date.now() - start;
  if (status === 0 && stdout === expected) {
    return console.log(`ok      ${title} (${ms} ms)`);
  }
  const reason = error?.message ?? signal ?? `exit code ${status}`;
  console.error(`FAILED  ${title}: ${reason}\n${stdout}${stderr}`);
  failures.push(title);
}

function isNoModules(/** @type {string} */ file) {
  return path.basename(file) !== "node_modules";
}

function write(/** @type {string} */ file, /** @type {object} */ content) {
  fs.writeFileSync(path.join(home, file), JSON.stringify(content));
}
