// @ts-check
//
// Makes every function of the emitted library say when it is entered:
// node instrument.mjs <node_modules of TypeScript> <folder>
//
// The first statement of each then calls `globalThis.onCall`, if there is such
// a function, with a name like "io/send_queue SendQueue.append".

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/**
 * The members of a syntax tree of TypeScript that are used here.
 *
 * @typedef {{ kind: number, end: number, parent: Node, name?: Node,
 *   text?: string, body?: Node, forEachChild(visit: (child: Node) => void):
 *   void, getStart(): number }} Node
 *
 * @typedef {{ program: { getSourceFileNames(): string[],
 *   getSourceFile(file: string): Node } }} Project
 */

const [modules, folder] = process.argv.slice(2);
const { API } = await importTypescript("api/sync/api.js");
const { SyntaxKind } = await importTypescript("ast/index.js");

const sources = path.resolve(folder, "src") + path.sep;
const entry = path.resolve(folder, "mod.js");
const api = new API();
/** @type {Project} */
const project = api.updateSnapshot({ openFiles: [entry] })
  .getDefaultProjectForFile(entry);
for (const name of project.program.getSourceFileNames()) {
  const file = path.resolve(name);
  if (!file.startsWith(sources)) continue;
  const label = file.slice(sources.length).replace(/\.js$/, "")
    .replaceAll(path.sep, "/");
  fs.writeFileSync(
    file,
    instrumented(project.program.getSourceFile(name), label),
  );
}
api.close();

function importTypescript(/** @type {string} */ module) {
  const file = path.join(modules, "typescript/dist", module);
  return import(pathToFileURL(file).href);
}

/** The code of `source`, with a call at the beginning of each function. */
function instrumented(
  /** @type {Node} */ source,
  /** @type {string} */ label,
) {
  /** @type {[at: number, code: string][]} */
  const insertions = [];
  visit(source);
  let code = /** @type {string} */ (source.text);
  for (const [at, text] of insertions.sort(([a], [b]) => b - a)) {
    code = code.slice(0, at) + text + code.slice(at);
  }
  return code;

  function visit(/** @type {Node} */ node) {
    const { body } = node;
    if (body !== undefined) {
      const call = `globalThis.onCall?.("${label} ${nameOf(node)}")`;
      if (body.kind === SyntaxKind.Block) {
        insertions.push([body.getStart() + 1, `${call};`]);
      } else {
        insertions.push([body.getStart(), `(${call}, `], [body.end, ")"]);
      }
    }
    node.forEachChild(visit);
  }
}

/** The name of a function, such as "SendQueue.get size" or "now". */
function nameOf(/** @type {Node} */ node) {
  const { parent } = node;
  const isNamedByParent = parent.kind === SyntaxKind.VariableDeclaration ||
    parent.kind === SyntaxKind.PropertyDeclaration ||
    parent.kind === SyntaxKind.PropertyAssignment;
  const prefix = node.kind === SyntaxKind.GetAccessor
    ? "get "
    : node.kind === SyntaxKind.SetAccessor
    ? "set "
    : "";
  const name = node.kind === SyntaxKind.Constructor
    ? "constructor"
    : (node.name ?? (isNamedByParent ? parent.name : undefined))?.text ?? "=>";
  const owner = classOf(node)?.name?.text;
  return (owner === undefined ? "" : `${owner}.`) + prefix + name;
}

/** The innermost class around `node`. */
function classOf(/** @type {Node} */ node) {
  /** @type {Node | undefined} */
  let around = node.parent;
  while (around !== undefined && around.kind !== SyntaxKind.ClassDeclaration) {
    around = around.parent;
  }
  return around;
}
