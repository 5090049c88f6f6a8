import { documents, list, read } from "./project.ts";

/** A block of code in a document or a doc comment. */
export interface Block {
  /** The file that it is in, and the line that it begins at. */
  readonly path: string;
  readonly line: number;
  /** What stands behind the fence: `ts`, `sh`, `ts ignore`. */
  readonly language: string;
  readonly code: string;
}

/** All blocks of the documents and of the doc comments. */
export const blocks: readonly Block[] = [
  ...documents().flatMap((path) => blocksOf(path, read(path).split("\n"))),
  ...["mod.ts", ...list("src/", ".ts")].flatMap((path) =>
    blocksOf(path, commentsOf(read(path)))
  ),
];

/** Which block it is, for messages: `README.md:22`. */
export function placeOf({ path, line }: Block): string {
  return `${path}:${line}`;
}

/** The lines of a source, those that are not of a doc comment empty, the others without their margin. */
function commentsOf(source: string): string[] {
  let isComment = false;
  return source.split("\n").map((line) => {
    if (/^\s*\/\*\*/.test(line)) isComment = true;
    const text = isComment ? line.replace(/^\s*(\/\*\*|\*(?!\/)) ?/, "") : "";
    if (line.includes("*/")) isComment = false;
    return text;
  });
}

function blocksOf(path: string, lines: readonly string[]): Block[] {
  const found: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^( *)(`{3,})(.*)$/.exec(lines[i]);
    if (fence === null) continue;
    const [, margin, ticks, language] = fence;
    const line = i + 1;
    const code: string[] = [];
    while (++i < lines.length && lines[i] !== margin + ticks) {
      code.push(lines[i].slice(margin.length));
    }
    found.push({ path, line, language, code: code.join("\n") + "\n" });
  }
  return found;
}
