// @ts-check
//
// Tries the packages as a user would: installs the npm package into an empty
// folder, checks programs against its types, and runs them on every runtime.
// Also tries what registries generate from the sources. Builds the package for
// that, unless a folder that contains it is given.
//
// node scripts/try_package.mjs <node_modules of the tools> [folder]

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { askNodeWith, nodePackage } from "./npx.mjs";
import { packageJson } from "./npm_package.mjs";
import { tryCache } from "./try_package/cache.mjs";
import { buildJsrPackage } from "./try_package/jsr.mjs";
import { installPackage, packPackage } from "./try_package/pack.mjs";
import { checkSize } from "./try_package/size.mjs";
import { DONE, Stranger } from "./try_package/stranger.mjs";

/** The oldest TypeScript and the newest Node that are tried. */
const OLD_TYPESCRIPT = "5.9.3";
const NEW_NODE = "24";

/** The programs of scripts/try_package/programs that run without a bundler. */
const PROGRAMS = [
  "echo",
  "on_demand",
  "threaded_echo",
  "main",
  "simulation",
  "web_socket",
];

/** Strict settings, as in a user's tsconfig.json; `skipLibCheck` is off. */
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
const stranger = new Stranger();
const jsrUser = new Stranger();
try {
  installPackage(stranger, newTsc, folder);
  const { name } = packageJson();
  stranger.write("deno.json", {
    nodeModulesDir: "manual",
    imports: { [name]: `npm:${name}` },
  });
  checkManifest();
  await checkTypes();
  await runPrograms();
  await checkSize(stranger);
  if (folder === undefined) {
    await tryCache(stranger);
    await tryJsrPackage();
  }
} finally {
  stranger.remove();
  jsrUser.remove();
}
const failures = [...stranger.failures, ...jsrUser.failures];
if (failures.length > 0) {
  console.error(`The package failed: ${failures.join(", ")}`);
  process.exitCode = 1;
}

/** Checks that the published package.json is the one from `packageJson`. */
function checkManifest() {
  const { name } = packageJson();
  const file = path.join(stranger.folder, "node_modules", name, "package.json");
  const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
  const title = "package.json is as it should be";
  if (JSON.stringify(manifest) === JSON.stringify(packageJson())) {
    return console.log(`ok      ${title}`);
  }
  stranger.fail(title, JSON.stringify(manifest, undefined, 2));
}

/**
 * Type-checks the programs with two versions of TypeScript and all settings,
 * and compiles them.
 */
async function checkTypes() {
  const bin = askNodeWith([`typescript@${OLD_TYPESCRIPT}`], "process.env.PATH")
    .split(path.delimiter)[0];
  const oldTsc = path.join(bin, "../typescript/bin/tsc");
  for (const [name, compilerOptions] of Object.entries(CONFIGS)) {
    stranger.write(`tsconfig.${name}.json`, {
      compilerOptions,
      include: ["*.ts"],
    });
  }
  for (const tsc of [oldTsc, newTsc]) {
    const { version } = JSON.parse(
      fs.readFileSync(path.join(tsc, "../../package.json"), "utf8"),
    );
    for (const name of Object.keys(CONFIGS)) {
      const title = `types, TypeScript ${version}, ${name}`;
      const args = [tsc, "--project", `tsconfig.${name}.json`];
      await stranger.attempt(title, process.execPath, args);
    }
  }
}

async function runPrograms() {
  // Not the package `node`, whose install script downloads the program.
  const newNode = askNodeWith([nodePackage(NEW_NODE)], "process.execPath");
  const permissions = [
    ...["--allow-net=127.0.0.1", "--allow-read"],
    "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE",
  ];
  /** @type {[title: string, program: string, ...args: string[]][]} */
  const runtimes = [
    [`Node ${process.versions.node}`, process.execPath],
    [`Node ${NEW_NODE}`, newNode],
    ["Bun", "bun"],
    ["Deno", "deno", "run", "--no-prompt", ...permissions],
  ];
  for (const [title, runtime, ...args] of runtimes) {
    for (const program of PROGRAMS) {
      await stranger.attempt(
        `${program}, ${title}`,
        runtime,
        [...args, `out/${program}.js`],
        DONE,
      );
    }
  }
}

/** Runs threads of the package that JSR generates for npm. */
async function tryJsrPackage() {
  const built = path.join(jsrUser.folder, "built");
  buildJsrPackage(newTsc, built);
  jsrUser.install(packPackage(built));
  const out = path.join(jsrUser.folder, "out");
  fs.cpSync(path.join(stranger.folder, "out"), out, { recursive: true });
  for (const runtime of [process.execPath, "bun"]) {
    const title = runtime === "bun" ? "Bun" : `Node ${process.versions.node}`;
    await jsrUser.attempt(
      `threaded_echo, ${title}, JSR's package for npm`,
      runtime,
      ["out/threaded_echo.js"],
      DONE,
    );
  }
}
