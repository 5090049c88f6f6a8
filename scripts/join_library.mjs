// @ts-check
//
// Joins the emitted modules of the library into a few files: bun
// join_library.mjs <folder>
//
// Finding, reading and linking hundreds of modules takes up most of the time in
// which Node starts a test, a thread or an example. Each module stays where it
// is and exports the same names, but becomes one line that re-exports them from
// a joined file. Left alone are programs, which export nothing; the optional
// entries, which import third-party libraries; and modules that ask for their
// own URL.

import fs from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * The members of Bun that are used here.
 *
 * @typedef {{ kind: string, path: string }} Import
 *
 * @typedef {object} Build
 * @property {(filter: { filter: RegExp }, resolve: (it: Import & { importer:
 *   string }) => { path: string, external: true } | undefined) => void}
 *   onResolve
 *
 * @typedef {object} Bun
 * @property {(options: object) => Promise<unknown>} build
 * @property {new () => { scan(code: string): { exports: string[], imports:
 *   Import[] } }} Transpiler
 */
const { Bun } = /** @type {{ Bun: Bun }} */ (
  /** @type {unknown} */ (globalThis)
);

/** Modules that ask for their own URL. */
const ASKING = ["src/threads/worker_program.js", "src/util/source_location.js"];

const folder = path.resolve(process.argv[2]);
/**
 * The folder of the joined files. It is inside the library, because that
 * recognizes its own files by their folder.
 */
const target = path.join(folder, "src/joined");
const libraryEntry = path.join(folder, "mod.js");
const otherEntries = path.join(folder, "src/entries/");
const transpiler = new Bun.Transpiler();

const isJoined = fs.readFileSync(libraryEntry, "utf8")
  .includes(`"${specifier(libraryEntry, target)}/`);
if (isJoined) process.exit();
// Of what was emitted before
fs.rmSync(target, { recursive: true, force: true });

/** The exports of each joined module, by file. */
const exportsOf = new Map(
  [libraryEntry, ...modulesOf(path.join(folder, "src"))]
    .map((file) => /** @type {const} */ ([file, namesOf(file)]))
    .filter(([, names]) => names.length > 0),
);
for (const name of ASKING) {
  const file = path.join(folder, name);
  for (const it of reachedFrom(file).add(file)) exportsOf.delete(it);
  // Stack traces must name this file, beside the joined ones, not its source.
  const code = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, code.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}
/**
 * Everything that a thread loads, plus the agents that most thread tests run in
 * it. The rest goes into another joined file, which threads do not load.
 */
const ofThreads = reachedFrom(
  path.join(folder, "tests/threads/agent_module.js"),
  reachedFrom(path.join(folder, "src/threads/worker.js")),
);

/** The code of each joined file. */
const joined = /** @type {Map<string, string>} */ (new Map());
/** The line that replaces each module. */
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
// The entry also imports the modules that are loaded on demand, so that they
// are loaded already when they are asked for.
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

/**
 * Makes joined code import modules that are not joined, or loaded on demand.
 */
function leaveOut(/** @type {Build} */ build) {
  build.onResolve({ filter: /^\./ }, ({ kind, path: name, importer }) => {
    const file = path.resolve(path.dirname(importer), name);
    if (kind !== "dynamic-import" && exportsOf.has(file)) return undefined;
    const relative = specifier(path.join(target, "any.js"), file);
    return { path: relative, external: true };
  });
}

/** The modules in `folder`, except the optional entries. */
function modulesOf(/** @type {string} */ folder) {
  return fs.readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".js"))
    .map((file) => path.join(folder, file))
    .filter((file) => !file.startsWith(otherEntries))
    .sort();
}

/** The names that the module `file` exports, including those of `export *`. */
function namesOf(/** @type {string} */ file) {
  const code = fs.readFileSync(file, "utf8");
  /** @type {string[]} */
  const ofOthers = [...code.matchAll(/^export \* from "(.+)";$/gm)]
    .flatMap(([, name]) => namesOf(path.resolve(path.dirname(file), name)));
  return [...new Set([...transpiler.scan(code).exports, ...ofOthers])];
}

/** The joined modules that `file` imports, directly or indirectly. */
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

/** The import specifier for `file` in the module `importer`. */
function specifier(
  /** @type {string} */ importer,
  /** @type {string} */ file,
) {
  const relative = path.relative(path.dirname(importer), file)
    .replaceAll(path.sep, "/");
  return relative.startsWith(".") ? relative : `./${relative}`;
}
