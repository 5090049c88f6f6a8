// @ts-check

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * Builds in `folder` the npm package that JSR would generate. It contains only
 * modules that are reachable by imports from the exports.
 */
export function buildJsrPackage(
  /** @type {string} */ tsc,
  /** @type {string} */ folder,
) {
  const { name, version, exports, imports } = JSON.parse(
    fs.readFileSync("deno.json", "utf8"),
  );
  const sources = path.join(folder, "sources");
  /** @type {[name: string, path: string][]} */
  const entries = Object.entries(exports);
  const reached = new Set(entries.flatMap(([, entry]) => reachableFrom(entry)));
  const files = [...reached].filter((url) => url.startsWith("file:"))
    .map((url) => path.relative(process.cwd(), fileURLToPath(url)));
  for (const file of files) fs.cpSync(file, path.join(sources, file));
  const options = ["--target", "es2022", "--module", "nodenext", "--noCheck"];
  execFileSync(
    process.execPath,
    [
      tsc,
      ...options,
      "--rewriteRelativeImportExtensions",
      ...["--rootDir", sources, "--outDir", folder],
      ...files.map((file) => path.join(sources, file)),
    ],
    { stdio: "inherit" },
  );
  fs.rmSync(sources, { recursive: true });
  const built = entries.map(([name, entry]) => [
    name,
    entry.replace(/\.ts$/, ".js"),
  ]);
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({
      name,
      version,
      type: "module",
      exports: Object.fromEntries(built),
      dependencies: dependenciesOf(reached, imports),
    }),
  );
}

/**
 * The npm packages among `reached`, in the versions that `imports` of deno.json
 * allows.
 */
function dependenciesOf(
  /** @type {Set<string>} */ reached,
  /** @type {Record<string, string>} */ imports,
) {
  const names = [...reached]
    .map((url) => /^npm:\/?(@?[^@]+)@/.exec(url)?.[1] ?? "");
  return Object.fromEntries(
    names.filter((name) => name in imports)
      .map((name) => [name, imports[name].replace(`npm:${name}@`, "")]),
  );
}

/**
 * The URLs of all modules that `file` imports, directly or indirectly,
 * including imports of types.
 */
function reachableFrom(/** @type {string} */ file) {
  const output = execFileSync("deno", ["info", "--json", file], {
    encoding: "utf8",
    maxBuffer: 2 ** 26, // the output lists the position of every import
  });
  /** @type {{ modules: { specifier: string }[] }} */
  const { modules } = JSON.parse(output);
  return modules.map(({ specifier }) => specifier);
}
