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

/** Where optional entries are, a file for each; a folder of the same name has its parts. */
const FOLDER = "src/entries";

/**
 * What is wrong with the entries: `mod.ts` is the one of all that has no
 * dependencies; what stands on somebody else's library has an optional entry of
 * its own, which is exported by its name, and which nothing in the library
 * imports.
 */
export function faultsOfEntries(
  { exports, npm, sources, imports }: Entries,
): string[] {
  const files = sources.filter((path) => posix.dirname(path) === FOLDER);
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
    ...imports.filter(({ from, to }) =>
      to.startsWith(`${FOLDER}/`) && nameOf(from) !== nameOf(to)
    ).map(({ from, to }) => `${from} imports ${to}`),
  ];
}

/** The entry that the source at `path` is of; undefined if it is of none. */
function nameOf(path: string): string | undefined {
  return /^src\/entries\/([\w-]+)/.exec(path)?.[1];
}

/** Where the npm package has what the source at `path` becomes. */
function moduleOf(path: string): string {
  return path.replace("./", "./esm/").replace(/\.ts$/, ".js");
}

/** What package.json and deno.json say of libraries, and which of them the sources import. */
export interface Libraries {
  /** Those that are tried: the exact version. */
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Those that users bring: the range. */
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional: boolean }>
  >;
  /** Where deno.json has them from. */
  readonly denoImports: Readonly<Record<string, string>>;
  readonly imports: readonly Import[];
  /** Those that the tests alone import, to try an entry with. */
  readonly onlyTested: readonly string[];
}

/**
 * What is wrong with the libraries: only optional entries import them; users
 * bring them, and need not; Deno and JSR have the same range; and those that are
 * tried are of one version, as are those that tests alone import.
 */
export function faultsOfLibraries(
  { devDependencies, peerDependencies, peerDependenciesMeta, ...rest }:
    Libraries,
): string[] {
  const { denoImports, imports, onlyTested } = rest;
  const tried = Object.keys(devDependencies)
    .filter((name) => !onlyTested.includes(name));
  const names = new Set([
    ...tried,
    ...Object.keys(peerDependencies),
    ...imports.map(({ to }) => to),
  ]);
  return [
    ...imports.filter(({ from }) => nameOf(from) === undefined).map((
      { from, to },
    ) => `${from} imports ${to}`),
    ...onlyTested.filter((name) =>
      denoImports[name] !== `npm:${name}@${devDependencies[name]}`
    ).map((name) => `${name} of the tests is not of one version`),
    ...[...names].flatMap((name) => {
      const range = peerDependencies[name];
      return [
        ...(/^\d+\.\d+\.\d+$/.test(devDependencies[name])
          ? []
          : [`${name} is tried in no version`]),
        ...(peerDependenciesMeta[name]?.optional ? [] : [
          `${name} is not optional`,
        ]),
        ...(range !== undefined && denoImports[name] === `npm:${name}@${range}`
          ? []
          : [`${name} is ${denoImports[name]} to Deno, and ${range} to npm`]),
        ...(imports.some(({ to }) => to === name) ? [] : [
          `${name} is used by no entry`,
        ]),
      ];
    }),
  ];
}
