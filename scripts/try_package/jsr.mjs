// @ts-check

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * Builds into `folder` what JSR makes of the package for npm: of the modules
 * that the imports of its exports reach, and of no others.
 */
export function buildJsrPackage(
  /** @type {string} */ tsc,
  /** @type {string} */ folder,
) {
  const { name, version, exports } = JSON.parse(
    fs.readFileSync("deno.json", "utf8"),
  );
  const sources = path.join(folder, "sources");
  /** @type {[name: string, path: string][]} */
  const entries = Object.entries(exports);
  const reached = entries.flatMap(([, entry]) => reachableFrom(entry));
  const files = [...new Set(reached)]
    .map((file) => path.relative(process.cwd(), file));
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
    }),
  );
}

/** The files that the imports of `file` reach, those of types included. */
function reachableFrom(/** @type {string} */ file) {
  const output = execFileSync("deno", ["info", "--json", file], {
    encoding: "utf8",
  });
  /** @type {{ modules: { specifier: string }[] }} */
  const { modules } = JSON.parse(output);
  return modules.map(({ specifier }) => fileURLToPath(specifier));
}
