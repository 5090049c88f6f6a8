// @ts-check
//
// Joins the modules of the library, as TypeScript has emitted them into a folder,
// in a few files: bun join_library.mjs <folder>
//
// To find, read and link hundreds of modules is most of what it takes Node to
// start a test, a thread or an example. Each module stays where it is and exports
// what it did, but is one line that takes it from a joined file. What exports
// nothing, being a program, stays as it was, and so does what stands on somebody
// else's library, and what asks where it is.

import fs from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * What is used of Bun.
 *
 * @typedef {{ kind: string, path: string }} Import
 *
 * @typedef {object} Build
 * @property {(filter: { filter: RegExp }, resolve: (it: Import & { importer: string }) => { path: string, external: true } | undefined) => void} onResolve
 *
 * @typedef {object} Bun
 * @property {(options: object) => Promise<unknown>} build
 * @property {new () => { scan(code: string): { exports: string[], imports: Import[] } }} Transpiler
 */
const { Bun } = /** @type {{ Bun: Bun }} */ (
  /** @type {unknown} */ (globalThis)
);

/** What asks where it is. */
const ASKING = ["src/threads/worker_program.js", "src/util/source_location.js"];

const folder = path.resolve(process.argv[2]);
/** Where the joined files lie: among the library, which knows its own by that. */
const target = path.join(folder, "src/joined");
const libraryEntry = path.join(folder, "mod.js");
const otherEntries = path.join(folder, "src/entries/");
const transpiler = new Bun.Transpiler();

/** What each module exports that is joined, by its file. */
const exportsOf = new Map(
  [libraryEntry, ...modulesOf(path.join(folder, "src"))]
    .map((file) => /** @type {const} */ ([file, namesOf(file)]))
    .filter(([, names]) => names.length > 0),
);
for (const name of ASKING) {
  const file = path.join(folder, name);
  for (const it of reachedFrom(file).add(file)) exportsOf.delete(it);
  // It is to find itself beside what is joined, not where its source is.
  const code = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, code.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}
/** What a thread loads, and the agents that most tests of threads put into it. All others are joined in a file of their own, which these do not load. */
const ofThreads = reachedFrom(
  path.join(folder, "tests/threads/agent_module.js"),
  reachedFrom(path.join(folder, "src/threads/worker.js")),
);

/** What is in each joined file, by the file. */
const joined = /** @type {Map<string, string>} */ (new Map());
/** What becomes of each module. */
const lines = /** @type {Map<string, string>} */ (new Map());
for (const [file, names] of exportsOf) {
  const name = ofThreads.has(file) ? "threads.js" : "others.js";
  const entry = path.join(target, name);
  const mark = `$${lines.size}`;
  const there = names.map((name) => `${name} as ${name}${mark}`).join(", ");
  const here = names.map((name) => `${name}${mark} as ${name}`).join(", ");
  const line = `export { ${there} } from "${specifier(entry, file)}";\n`;
  joined.set(entry, (joined.get(entry) ?? "") + line);
  lines.set(file, `export { ${here} } from "${specifier(file, entry)}";\n`);
}
// What is loaded when it is asked for is at hand at once where it was.
const askedFor = new Set(
  [...exportsOf.keys()].flatMap((file) => importsOf(file, "dynamic-import")),
);
for (const file of reachedFrom(libraryEntry)) {
  if (!askedFor.has(file)) continue;
  const line = `import "${specifier(libraryEntry, file)}";\n`;
  lines.set(libraryEntry, lines.get(libraryEntry) + line);
}
fs.mkdirSync(target);
for (const [entry, code] of joined) fs.writeFileSync(entry, code);
await Bun.build({
  entrypoints: [...joined.keys()],
  outdir: target,
  target: "node",
  splitting: true,
  plugins: [{ name: "what is joined", setup: leaveOut }],
});
for (const [file, line] of lines) fs.writeFileSync(file, line);

/** Has what is joined import what is not, and what is loaded when it is asked for. */
function leaveOut(/** @type {Build} */ build) {
  build.onResolve({ filter: /^\./ }, ({ kind, path: name, importer }) => {
    const file = path.resolve(path.dirname(importer), name);
    if (kind !== "dynamic-import" && exportsOf.has(file)) return undefined;
    const relative = specifier(path.join(target, "any.js"), file);
    return { path: relative, external: true };
  });
}

/** The modules in `folder`, but for the optional entries: these stand on somebody else's library. */
function modulesOf(/** @type {string} */ folder) {
  return fs.readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".js"))
    .map((file) => path.join(folder, file))
    .filter((file) => !file.startsWith(otherEntries))
    .sort();
}

/** What the module `file` exports, also of those that it exports all of. */
function namesOf(/** @type {string} */ file) {
  const code = fs.readFileSync(file, "utf8");
  /** @type {string[]} */
  const ofOthers = [...code.matchAll(/^export \* from "(.+)";$/gm)]
    .flatMap(([, name]) => namesOf(path.resolve(path.dirname(file), name)));
  return [...new Set([...transpiler.scan(code).exports, ...ofOthers])];
}

/** The modules that `file` imports, and that these do, of those that are joined. */
function reachedFrom(
  /** @type {string} */ file,
  reached = /** @type {Set<string>} */ (new Set()),
) {
  for (const imported of importsOf(file, "import-statement")) {
    if (!exportsOf.has(imported) || reached.has(imported)) continue;
    reachedFrom(imported, reached.add(imported));
  }
  return reached;
}

function importsOf(/** @type {string} */ file, /** @type {string} */ kind) {
  const { imports } = transpiler.scan(fs.readFileSync(file, "utf8"));
  return imports.filter((it) => it.kind === kind)
    .map((it) => path.resolve(path.dirname(file), it.path));
}

/** How the module `importer` names `file`. */
function specifier(
  /** @type {string} */ importer,
  /** @type {string} */ file,
) {
  const relative = path.relative(path.dirname(importer), file)
    .replaceAll(path.sep, "/");
  return relative.startsWith(".") ? relative : `./${relative}`;
}
