// @ts-check
//
// Defines the npm package for scripts/build_npm.ts, which builds it for
// publication, and scripts/try_package.mjs, which tries it out.

import fs from "node:fs";

/** The modules that users import, by their names in `exports`. */
export const ENTRIES = /** @type {Record<string, string>} */ (
  read("deno.json").exports
);

/** The program that each thread runs. */
export const WORKER_PROGRAM = "src/threads/worker.ts";

/** The modules from which the package is built. */
export const ENTRY_POINTS = [
  ...Object.values(ENTRIES).map((path) => path.replace("./", "")),
  WORKER_PROGRAM,
];

/** The program of threads: the only module with side effects. */
const WORKER = "./esm/src/threads/worker.js";

/** The import name of the module that picks this runtime's sockets. */
const HOST = "#host";

/**
 * The modules in `esm` that import it, and the specifiers that they were built
 * with.
 */
const HOST_USERS = {
  "mod.js": "./src/adapters/host.js",
  "src/runtime.js": "./adapters/host.js",
  "src/threads/threaded_reactor_mgr.js": "../adapters/host.js",
};

/** The libraries of the optional entries, in the tested versions. */
export const LIBRARIES = /** @type {Record<string, string>} */ (
  read("package.json").devDependencies
);

/**
 * The runtimes for which a bundle needs only their own sockets. Deno and Bun
 * also match the condition "node", so they come first.
 */
const RUNTIMES = ["deno", "bun", "node"];

/** The program behind the command `reactio`. */
const COMMAND = "./esm/src/entries/cli.js";

/** Files of the package besides code. */
const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** Creates the package.json of a package whose code is in `esm`. */
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
    // By default, npm makes scoped packages private.
    publishConfig: { access: "public" },
  };
}

/** Maps the `exports` of deno.json to those of the package. */
export function npmExports(/** @type {Record<string, string>} */ entries) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, path]) => {
      const module = path.replace("./", "./esm/").replace(/\.ts$/, "");
      return [name, { types: `${module}.d.ts`, default: `${module}.js` }];
    }),
  );
}

/** Completes the package that was built in `folder`. */
export function completePackage(/** @type {string} */ folder) {
  for (const { types } of Object.values(npmExports(ENTRIES))) {
    completeTypes(`${folder}/${types}`);
  }
  splitHost(folder);
  // It only repeats the outer one, without `sideEffects`, which bundlers need.
  fs.rmSync(`${folder}/esm/package.json`, { force: true });
  for (const file of DOCUMENTS) fs.copyFileSync(file, `${folder}/${file}`);
  const manifest = JSON.stringify(packageJson(), undefined, 2);
  fs.writeFileSync(`${folder}/package.json`, manifest);
}

/**
 * Makes each runtime, and each bundler that targets one, load only the sockets
 * of that runtime.
 */
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
  // For `Symbol.dispose`, which a user's own settings may lack. JSR does not
  // allow modules to declare this.
  const library = `/// <reference lib="esnext.disposable" />\n`;
  fs.writeFileSync(types, library + fs.readFileSync(types, "utf8"));
}

function read(/** @type {string} */ file) {
  const url = new URL(`../${file}`, import.meta.url);
  return JSON.parse(fs.readFileSync(url, "utf8"));
}
