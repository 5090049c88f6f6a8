// @ts-check

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * Installs the packages of programs that are not on the PATH. Throws if it
 * lacks permission.
 */
export function installMissing(
  /** @type {Record<string, string>} */ programs,
) {
  const missing = Object.entries(programs)
    .filter(([program]) => !isOnPath(program))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --yes ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !isOnPath("apt-get")) {
    throw new Error(
      `Cannot run real clients: install them first, on Debian by "${command}" as root`,
    );
  }
  console.log(`installing ${missing.join(", ")}`);
  aptGet("update");
  aptGet("install", "--yes", "--no-install-recommends", ...missing);
}

function aptGet(/** @type {string[]} */ ...args) {
  execFileSync("apt-get", ["--quiet", "--quiet", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 5 * 60_000,
  });
}

function isOnPath(/** @type {string} */ program) {
  return (process.env.PATH ?? "").split(path.delimiter)
    .some((folder) => fs.existsSync(path.join(folder, program)));
}
