// @ts-check
//
// Runs the commands of docs/bundling.md as they are written: every bundler, and
// its bundle of a program with threads. Builds the package for that, unless a
// folder that contains it is given.
//
// node scripts/try_bundles.mjs <node_modules of the tools> [folder]

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { installPackage } from "./try_package/pack.mjs";
import { ESBUILD } from "./try_package/size.mjs";
import { DONE, Stranger } from "./try_package/stranger.mjs";

/** In addition to Bun and Deno, which the runner has. */
const BUNDLERS = [
  ESBUILD,
  "rollup@4.68.8",
  "@rollup/plugin-node-resolve@16.0.3",
  "rolldown@1.3.3",
  "vite@8.4.0",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
  "@rspack/core@2.3.3",
  "@rspack/cli@2.2.8",
];

/**
 * A program by somebody who has not read the document: the bundle loads, and
 * explains what is wrong.
 */
const UNREAD = `
## Without this document

With \`webpack.config.js\` or \`rspack.config.js\`:

\`\`\`js
export default {
  mode: "production",
  target: "node",
  entry: { main: "./out/no_worker.js" },
};
\`\`\`

\`\`\`sh
npx esbuild out/no_worker.js --bundle --platform=node --format=cjs --log-level=error --outfile=dist/main.cjs
node dist/main.cjs
\`\`\`

\`\`\`sh
npx esbuild out/no_worker.js --bundle --platform=node --format=esm --outfile=dist/main.js
node dist/main.js
\`\`\`

\`\`\`sh
npx webpack
node dist/main.js
\`\`\`

\`\`\`sh
npx rspack build
node dist/main.js
\`\`\`
`;

const [modules, folder] = process.argv.slice(2);
const tsc = path.join(modules, "typescript/bin/tsc");
const stranger = new Stranger();
try {
  installPackage(stranger, tsc, folder);
  stranger.install(...BUNDLERS);
  compile();
  const document = fs.readFileSync("docs/bundling.md", "utf8");
  for (const section of `${document}${UNREAD}`.split(/^## /m).slice(1)) {
    await trySection(section);
  }
} finally {
  stranger.remove();
}
if (stranger.failures.length > 0) {
  console.error(`These failed: ${stranger.failures.join("; ")}`);
  process.exitCode = 1;
}

/** Emits the programs to `out/`. */
function compile() {
  const options = ["--target", "es2022", "--module", "nodenext", "--noCheck"];
  const programs = ["main.ts", "worker.ts", "no_worker.ts"];
  execFileSync(
    process.execPath,
    [
      tsc,
      ...options,
      "--rewriteRelativeImportExtensions",
      ...["--outDir", "out", ...programs],
    ],
    { cwd: stranger.folder, stdio: "inherit" },
  );
}

/** Runs the commands of a section with the settings shown there. */
async function trySection(/** @type {string} */ section) {
  const [heading] = section.split("\n");
  const [settings] = blocksOf(section, "js");
  const names = Array.from(
    section.matchAll(/`(\w+\.config\.js)`/g),
    ([, name]) => name,
  );
  for (const name of names) {
    fs.writeFileSync(path.join(stranger.folder, name), settings);
  }
  for (const commands of blocksOf(section, "sh")) {
    await tryCommands(heading, commands.trim().split("\n"));
  }
  for (const name of names) fs.rmSync(path.join(stranger.folder, name));
}

/**
 * Runs commands. The last one runs the bundle, which prints that it is done;
 * the others must print no warnings.
 */
async function tryCommands(
  /** @type {string} */ heading,
  /** @type {string[]} */ commands,
) {
  const dist = path.join(stranger.folder, "dist");
  fs.rmSync(dist, { recursive: true, force: true });
  for (const [index, command] of commands.entries()) {
    const isLast = index === commands.length - 1;
    const title = `${heading}: ${command}`;
    const expected = isLast ? DONE : /^(?![^]*\bwarnings?\b)/i;
    await stranger.attempt(title, command, undefined, expected);
  }
}

function blocksOf(
  /** @type {string} */ section,
  /** @type {string} */ language,
) {
  const blocks = section.matchAll(
    new RegExp("^```" + language + "\\n([^]*?)^```$", "gm"),
  );
  return Array.from(blocks, ([, code]) => code);
}
