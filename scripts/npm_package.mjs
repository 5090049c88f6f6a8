// @ts-check
//
// What the npm package is, whoever builds it: scripts/build_npm.ts to publish
// it, scripts/try_package.mjs to try it.

import fs from "node:fs";

/** The modules that the package is made from: what users import, and what threads run. */
export const ENTRY_POINTS = ["mod.ts", "src/threads/worker.ts"];

/** What threads run: the one module that does something as it is loaded. */
const WORKER = "./esm/src/threads/worker.js";

/** What is in the package besides code. */
const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** The package.json of the package, its code being in `esm`. */
export function packageJson() {
  const { name, version, license } = read("deno.json");
  const { private: _private, scripts: _scripts, ...shared } = read(
    "package.json",
  );
  const main = { types: "./esm/mod.d.ts", default: "./esm/mod.js" };
  return {
    name,
    version,
    license,
    ...shared,
    main: main.default,
    types: main.types,
    exports: { ".": main },
    sideEffects: [WORKER],
    // What has a scope is private to npm, if nothing is said.
    publishConfig: { access: "public" },
  };
}

/** Completes the package that was built into `folder`. */
export function completePackage(/** @type {string} */ folder) {
  completeTypes(`${folder}/esm/mod.d.ts`);
  // It says what the one above says, too, but hides from bundlers which modules
  // they may leave out.
  fs.rmSync(`${folder}/esm/package.json`, { force: true });
  for (const file of DOCUMENTS) fs.copyFileSync(file, `${folder}/${file}`);
  const manifest = JSON.stringify(packageJson(), undefined, 2);
  fs.writeFileSync(`${folder}/package.json`, manifest);
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
