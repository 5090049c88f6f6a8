// @ts-check
//
// What the npm package is, whoever builds it: scripts/build_npm.ts to publish
// it, scripts/try_package.mjs to try it.

import fs from "node:fs";

/** What users import: where it is, by its name in `exports`. */
export const ENTRIES = /** @type {Record<string, string>} */ (
  read("deno.json").exports
);

/** What threads run. */
export const WORKER_PROGRAM = "src/threads/worker.ts";

/** The modules that the package is made from. */
export const ENTRY_POINTS = [
  ...Object.values(ENTRIES).map((path) => path.replace("./", "")),
  WORKER_PROGRAM,
];

/** What threads run: the one module that does something as it is loaded. */
const WORKER = "./esm/src/threads/worker.js";

/** The sockets of this runtime, as the package names the module that picks them. */
const HOST = "#host";

/** The modules that import it, in `esm`, and how they name it as they were built. */
const HOST_USERS = {
  "mod.js": "./src/adapters/host.js",
  "src/runtime.js": "./adapters/host.js",
  "src/threads/threaded_reactor_mgr.js": "../adapters/host.js",
};

/** The libraries that optional entries stand on, in the versions that they are tried with. */
export const LIBRARIES = /** @type {Record<string, string>} */ (
  read("package.json").devDependencies
);

/** The runtimes whose sockets are all that a bundle for them needs; Deno and Bun also say that they are Node. */
const RUNTIMES = ["deno", "bun", "node"];

/** The program that is the command `reactio`. */
const COMMAND = "./esm/src/entries/cli.js";

/** What is in the package besides code. */
const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** The package.json of the package, its code being in `esm`. */
export function packageJson() {
  const { name, version, license } = read("deno.json");
  const {
    private: _private,
    scripts: _scripts,
    devDependencies: _devDependencies,
    ...shared
  } = read("package.json");
  const exports = npmExports(ENTRIES);
  const main = exports["."];
  return {
    name,
    version,
    license,
    ...shared,
    main: main.default,
    types: main.types,
    exports,
    imports: {
      [HOST]: {
        ...Object.fromEntries(RUNTIMES.map((it) => [it, hostModule(it)])),
        default: "./esm/src/adapters/host.js",
      },
    },
    bin: { reactio: COMMAND },
    sideEffects: [WORKER, COMMAND],
    // What has a scope is private to npm, if nothing is said.
    publishConfig: { access: "public" },
  };
}

/** What the package exports, its code being in `esm`, of what `entries` of deno.json say. */
export function npmExports(/** @type {Record<string, string>} */ entries) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, path]) => {
      const module = path.replace("./", "./esm/").replace(/\.ts$/, "");
      return [name, { types: `${module}.d.ts`, default: `${module}.js` }];
    }),
  );
}

/** Completes the package that was built into `folder`. */
export function completePackage(/** @type {string} */ folder) {
  for (const { types } of Object.values(npmExports(ENTRIES))) {
    completeTypes(`${folder}/${types}`);
  }
  splitHost(folder);
  // It says what the one above says, too, but hides from bundlers which modules
  // they may leave out.
  fs.rmSync(`${folder}/esm/package.json`, { force: true });
  for (const file of DOCUMENTS) fs.copyFileSync(file, `${folder}/${file}`);
  const manifest = JSON.stringify(packageJson(), undefined, 2);
  fs.writeFileSync(`${folder}/package.json`, manifest);
}

/** Has each runtime, and each bundler that is told its runtime, load the sockets of that runtime alone. */
function splitHost(/** @type {string} */ folder) {
  for (const [user, host] of Object.entries(HOST_USERS)) {
    const file = `${folder}/esm/${user}`;
    const source = fs.readFileSync(file, "utf8");
    const split = source.replace(`"${host}"`, `"${HOST}"`);
    if (split === source) throw new Error(`${user} does not import ${host}`);
    fs.writeFileSync(file, split);
  }
  for (const runtime of RUNTIMES) {
    const adapter = `${runtime}Adapter`;
    fs.writeFileSync(
      `${folder}/${hostModule(runtime)}`,
      `import { ${adapter} } from "./${runtime}.js";
export function hostAdapter() {
  return ${adapter};
}
`,
    );
  }
}

function hostModule(/** @type {string} */ runtime) {
  return `./esm/src/adapters/host_${runtime}.js`;
}

function completeTypes(/** @type {string} */ types) {
  // For `Symbol.dispose`, which users' own settings may lack; JSR allows no
  // module to say this by itself.
  const library = `/// <reference lib="esnext.disposable" />\n`;
  fs.writeFileSync(types, library + fs.readFileSync(types, "utf8"));
}

function read(/** @type {string} */ file) {
  const url = new URL(`../${file}`, import.meta.url);
  return JSON.parse(fs.readFileSync(url, "utf8"));
}
