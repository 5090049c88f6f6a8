import { posix } from "node:path";

/** An import of a source, or an export of something that another one has. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** What users import, and what the sources are. */
export interface Entries {
  /** What deno.json exports. */
  readonly exports: Readonly<Record<string, string>>;
  /** What package.json of the npm package exports. */
  readonly npm: Readonly<Record<string, { readonly default: string }>>;
  readonly sources: readonly string[];
  readonly imports: readonly Import[];
}

/** Where optional entries are, a file for each. */
const FOLDER = "src/entries/";

/**
 * What is wrong with the entries: `mod.ts` is the one of all that has no
 * dependencies; what stands on somebody else's library has an optional entry of
 * its own, which is exported by its name, and which nothing in the library
 * imports.
 */
export function faultsOfEntries(
  { exports, npm, sources, imports }: Entries,
): string[] {
  const files = sources.filter((path) => path.startsWith(FOLDER));
  const expected: Record<string, string> = { ".": "./mod.ts" };
  for (const path of files) {
    expected[`./${posix.basename(path, ".ts")}`] = `./${path}`;
  }
  const names = new Set([...Object.keys(expected), ...Object.keys(exports)]);
  return [
    ...[...names].filter((name) => exports[name] !== expected[name]).map(
      (name) => `${name} is ${exports[name]}, and not ${expected[name]}`,
    ),
    ...Object.entries(exports).filter(([name, path]) =>
      npm[name]?.default !== moduleOf(path)
    ).map(([name]) => `${name} is not in the npm package`),
    ...imports.filter(({ to }) => to.startsWith(FOLDER)).map(({ from, to }) =>
      `${from} imports ${to}`
    ),
  ];
}

/** Where the npm package has what the source at `path` becomes. */
function moduleOf(path: string): string {
  return path.replace("./", "./esm/").replace(/\.ts$/, ".js");
}
