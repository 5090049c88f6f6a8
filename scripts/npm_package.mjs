// @ts-check
//
// What the npm package is, whoever builds it: scripts/build_npm.ts to publish
// it, scripts/try_package.mjs to try it.

import fs from "node:fs";

/** The modules that the package is made from: what users import, and what threads run. */
export const ENTRY_POINTS = [
  { name: ".", path: "mod.ts" },
  { name: "./worker", path: "src/threads/worker.ts" },
];

/** What is in the package besides code. */
export const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** The package.json of the package, its code being in `esm`. */
export function packageJson() {
  const { name, version, license } = read("deno.json");
  const { private: _private, scripts: _scripts, ...shared } = read(
    "package.json",
  );
  const exports = Object.fromEntries(
    ENTRY_POINTS.map(({ name, path }) => {
      const base = `./esm/${path.replace(/\.ts$/, "")}`;
      return [name, { types: `${base}.d.ts`, default: `${base}.js` }];
    }),
  );
  return {
    name,
    version,
    license,
    ...shared,
    main: exports["."].default,
    types: exports["."].types,
    exports,
    sideEffects: [exports["./worker"].default],
  };
}

/** Completes the types of the package in `folder`. */
export function completeTypes(/** @type {string} */ folder) {
  const types = `${folder}/esm/mod.d.ts`;
  // For `Symbol.dispose`, which users' own settings may lack; JSR allows no
  // module to say this by itself.
  const library = `/// <reference lib="esnext.disposable" />\n`;
  fs.writeFileSync(types, library + fs.readFileSync(types, "utf8"));
}

function read(/** @type {string} */ file) {
  const url = new URL(`../${file}`, import.meta.url);
  return JSON.parse(fs.readFileSync(url, "utf8"));
}
