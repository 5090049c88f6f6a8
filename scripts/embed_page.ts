// Embeds the page of the inspector in src/inspector/page/embedded.ts, so that
// every runtime and bundler can load it: `deno run -A scripts/embed_page.ts`. A
// test fails if that was forgotten.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import process from "node:process";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Generates the module that embeds the files in `folder`. */
export function embedded(folder: URL): string {
  const files = readdirSync(folder).filter((file) => extname(file) in TYPES)
    .toSorted();
  const entries = files.map((file) => {
    // A checkout may have other line endings.
    const text = readFileSync(new URL(file, folder), "utf8")
      .replaceAll("\r\n", "\n");
    return `  "${file}": {
    type: "${TYPES[extname(file)]}",
    body:
      ${quoted(text)},
  },
`;
  });
  return `// Generated from its neighbours by scripts/embed_page.ts.

/** A file of the page. */
export interface PageFile {
  /** Its \`Content-Type\`. */
  readonly type: string;
  readonly body: string;
}

/** The page of the inspector, by the names of its files. */
export const PAGE: Readonly<Record<string, PageFile>> = {
${entries.join("")}};
`;
}

/** `text` as a literal, formatted like `deno fmt`. */
function quoted(text: string): string {
  const json = JSON.stringify(text);
  const isDouble = text.split('"').length <= text.split("'").length;
  if (isDouble) return json;
  const inside = json.slice(1, -1).replaceAll('\\"', '"');
  return `'${inside.replaceAll("'", "\\'")}'`;
}

if (process.argv[1]?.endsWith("embed_page.ts")) {
  const folder = new URL("../src/inspector/page/", import.meta.url);
  writeFileSync(new URL("embedded.ts", folder), embedded(folder));
}
