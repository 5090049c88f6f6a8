import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of the project, with a slash at its end: what Node runs may lie elsewhere. */
export const root: URL = find();

function find(): URL {
  let folder = new URL("./", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) {
    const parent = new URL("../", folder);
    if (parent.href === folder.href) {
      return pathToFileURL(`${process.cwd()}/`);
    }
    folder = parent;
  }
  return folder;
}

/** The text of a file of the project, whose path has slashes on every system. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8").replaceAll("\r\n", "\n");
}

/** The text of a source without its comments. */
export function withoutComments(path: string): string {
  return read(path).replace(/\/\*[^]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

/** True if the project has a file or folder at `path`. */
export function exists(path: string): boolean {
  return existsSync(new URL(path, root));
}

/** The files below `folder` (`""` for those of the root alone) whose names end with `ending`. */
export function list(folder: string, ending: string): string[] {
  const entries = readdirSync(fileURLToPath(new URL(folder, root)), {
    encoding: "utf8",
    recursive: folder !== "",
  });
  return entries
    .map((entry) => folder + entry.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(ending))
    .sort();
}

/** The files that users import: `mod.ts` and the optional entries. */
export function entries(): string[] {
  const { exports } = JSON.parse(read("deno.json"));
  return Object.values<string>(exports).map((path) => path.replace("./", ""));
}

/** What users import, its names: the text of all entries. */
export function entryText(): string {
  return entries().map(read).join("\n");
}

/** The documents of the project. */
export function documents(): string[] {
  return [...list("", ".md"), ...list("docs/", ".md")];
}

/** The table under the heading `heading` of a document: its rows, the first without its rule, and their cells. */
export function tableUnder(path: string, heading: string): string[][] {
  const [, section] = read(path).split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`${path} has no "${heading}"`);
  const rows: string[][] = [];
  for (const line of section.split("\n")) {
    if (/^#+ /.test(line) || (rows.length > 0 && line === "")) break;
    if (!line.startsWith("|") || /^\|[ :|-]+$/.test(line)) continue;
    const cells = line.slice(1, -1).split(/(?<!\\)\|/);
    rows.push(cells.map((cell) => cell.trim()));
  }
  return rows.slice(1);
}

/** What stands between backticks in `text`. */
export function quoted(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, word]) => word);
}
