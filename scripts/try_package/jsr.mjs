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
  const files = reachableFrom(exports)
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
  const main = exports.replace(/\.ts$/, ".js");
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name, version, type: "module", exports: { ".": main } }),
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
