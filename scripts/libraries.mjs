// @ts-check

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { LIBRARIES } from "./npm_package.mjs";

const INSTALL =
  "npm install --no-audit --no-fund --ignore-scripts --no-package-lock";

/**
 * Installs the libraries of the optional entries in `node_modules`, unless the
 * right versions are there. Throws if npm fails.
 */
export function installLibraries() {
  const missing = Object.entries(LIBRARIES)
    .filter(([name, version]) => installed(name) !== version)
    .map((library) => library.join("@"));
  if (missing.length === 0) return;
  // Through a shell, because npm is a script on Windows.
  const { status, stderr } = spawnSync(INSTALL, {
    shell: true,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return;
  throw new Error(`npm could not install ${missing.join(", ")}:\n${stderr}`);
}

/** The installed version of `name`; undefined if there is none. */
function installed(/** @type {string} */ name) {
  const file = `node_modules/${name}/package.json`;
  if (!fs.existsSync(file)) return undefined;
  return JSON.parse(fs.readFileSync(file, "utf8")).version;
}
