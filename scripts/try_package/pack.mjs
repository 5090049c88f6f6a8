// @ts-check

import { execFileSync, execSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { completePackage, ENTRY_POINTS, LIBRARIES } from "../npm_package.mjs";

/**
 * Installs the package in `folder`, or else one that it builds, and the
 * libraries of its optional entries.
 */
export function installPackage(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
  /** @type {string} */ tsc,
  /** @type {string | undefined} */ folder,
) {
  const built = path.join(stranger.folder, "built");
  if (folder === undefined) buildPackage(tsc, built);
  else fs.cpSync(folder, built, { recursive: true, filter: isNoModules });
  const libraries = Object.entries(LIBRARIES).map((it) => it.join("@"));
  stranger.install(packPackage(built), ...libraries);
}

function isNoModules(/** @type {string} */ file) {
  return path.basename(file) !== "node_modules";
}

/**
 * Builds in `folder` the package that dnt would build, but with `tsc`. Throws
 * if that fails.
 */
function buildPackage(
  /** @type {string} */ tsc,
  /** @type {string} */ folder,
) {
  const options = {
    target: "es2022",
    lib: "esnext,dom",
    module: "nodenext",
    rewriteRelativeImportExtensions: "true",
    declaration: "true",
    noCheck: "true", // `npm run check` does that, with the types of Deno
    rootDir: ".",
    outDir: path.join(folder, "esm"),
  };
  const flags = Object.entries(options)
    .flatMap(([name, value]) => [`--${name}`, value]);
  execFileSync(process.execPath, [tsc, ...flags, ...ENTRY_POINTS], {
    stdio: "inherit",
  });
  const inside = { type: "module" };
  fs.writeFileSync(
    path.join(folder, "esm/package.json"),
    JSON.stringify(inside),
  );
  completePackage(folder);
}

/** Packs the package in `folder`. Returns the path of the tarball. */
export function packPackage(/** @type {string} */ folder) {
  // Through a shell, because npm is a script on Windows.
  const output = execSync("npm pack --json --ignore-scripts", {
    cwd: folder,
    encoding: "utf8",
  });
  return path.join(folder, JSON.parse(output)[0].filename);
}
