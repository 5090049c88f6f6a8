import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import {
  type Entries,
  faultsOfEntries,
  faultsOfLibraries,
  type Libraries,
} from "./entries.ts";
import {
  entries,
  exists,
  list,
  quoted,
  read,
  root,
  tableUnder,
  withoutComments,
} from "./project.ts";

// The rules are the tables of ARCHITECTURE.md; this only compares.

interface Layer {
  readonly name: string;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Layers it may import from, and layers of which it may only name types. */
  readonly values: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
  /** True of what is loaded when it is needed. */
  readonly isLater: boolean;
  /** True of one from npm. */
  readonly isPackage: boolean;
}

const names = (cell: string) => new Set(cell.match(/[a-z]+/g) ?? []);

const layers: Layer[] = tableUnder("ARCHITECTURE.md", "## What may import what")
  .map(([name, paths, values, types]) => ({
    name,
    paths: quoted(paths),
    values: names(values),
    types: names(types),
  }));

const sources = ["mod.ts", ...list("src/", ".ts")];
const [imports, packages] = [false, true].map((isPackage) =>
  sources.flatMap(importsOf).filter((one) => one.isPackage === isPackage)
);

/** What stands beside the library. */
const programs = ["bench/", "examples/", "soak/", "tests/"]
  .flatMap((folder) => list(folder, ".ts"));

/** Folders whose files know of the library what any user knows. */
const USERS = [
  "bench/",
  "examples/",
  "soak/",
  "tests/conformance/",
  "tests/reliability/",
  "tests/support/",
];

function importsOf(from: string): Import[] {
  const source = withoutComments(from);
  const statements =
    /^(?:import\s|(?:import|export)\b([^;"]*?)\bfrom\s)\s*"([^"]+)"/gm;
  // What is loaded when it is needed is imported, too, wherever that stands.
  const calls = /(\btypeof\s+)?\bimport\(\s*"([^"]+)"/g;
  const found = [
    ...Array.from(source.matchAll(statements), ([, what = "", specifier]) => ({
      specifier,
      isType: /^\s*type\b/.test(what) || namesTypesOnly(what),
      isLater: false,
    })),
    ...Array.from(source.matchAll(calls), ([, isType, specifier]) => ({
      specifier,
      isType: isType !== undefined,
      isLater: isType === undefined,
    })),
  ];
  // What is built in is of "What touches the outside".
  const others = found.filter(({ specifier }) =>
    !specifier.startsWith("node:")
  );
  return others.map(({ specifier, isType, isLater }) => {
    const isPackage = !specifier.startsWith(".");
    const path = posix.join(posix.dirname(from), specifier);
    const to = isPackage ? specifier : path;
    return { from, to, isType, isLater, isPackage };
  });
}

/** True for `{ type A, type B }`. */
function namesTypesOnly(what: string): boolean {
  const [, inside] = /^\s*\{([^}]*)\}\s*$/.exec(what) ?? [];
  return inside !== undefined &&
    inside.split(",").every((one) => /^\s*(type\s.*)?$/.test(one));
}

/** The layer of a file: that of the longest path. */
function layerOf(path: string): Layer {
  const fits = (layer: Layer) =>
    Math.max(0, ...layer.paths.map((p) => path.startsWith(p) ? p.length : 0));
  const [best] = layers.toSorted((a, b) => fits(b) - fits(a));
  assert.ok(fits(best) > 0, `${path} is in no layer of ARCHITECTURE.md`);
  return best;
}

test("a file imports only from the layers that ARCHITECTURE.md allows to its own", () => {
  const crooked = imports.filter(({ from, to, isType }) => {
    const layer = layerOf(from);
    const other = layerOf(to).name;
    return layer.name !== other && !layer.values.has(other) &&
      !(isType && layer.types.has(other));
  });
  assert.deepEqual(crooked, []);
});

test("what is imported where it is needed is known to bundlers and caches: only threads load what a URL says", () => {
  const open = sources.filter((path) =>
    /\bimport\(\s*(?!\s|"\.)/.test(withoutComments(path))
  );
  assert.deepEqual(open, ["src/threads/worker.ts"]);
});

/** What is of use only to what is loaded when it is needed: in a bundle no program has it that does not ask for it. */
const ONLY_LATER = [
  "src/adapters/socket_files.ts",
  "src/adapters/tls/",
  "src/codec/",
  "src/core/accept_rate.ts",
  "src/core/header_intake.ts",
  "src/core/race_failures.ts",
  "src/core/tls_handshake.ts",
  "src/core/trusted_proxies.ts",
  "src/core/upgrade_handshake.ts",
  "src/io/header_sending.ts",
  "src/toolkit/",
  "src/util/ip_addresses.ts",
  "src/util/networks.ts",
];

test("what a runtime loads when it is needed is not loaded before", () => {
  const reached = new Set(["src/runtime.ts"]);
  for (const path of reached) {
    for (const { from, to, isType, isLater } of imports) {
      if (from === path && !isType && !isLater) reached.add(to);
    }
  }
  const later = imports.filter(({ from, isLater }) =>
    isLater && reached.has(from)
  );
  assert.ok(later.length > 5);
  assert.deepEqual(later.filter(({ to }) => reached.has(to)), []);
  for (const place of ONLY_LATER) {
    const there = sources.filter((path) => path.startsWith(place));
    assert.ok(there.length > 0, place);
    assert.deepEqual(there.filter((path) => reached.has(path)), []);
  }
});

test("ARCHITECTURE.md allows no import that nobody needs", () => {
  const needed = (layer: Layer, other: string, isType: boolean) =>
    imports.some((one) =>
      layerOf(one.from) === layer && layerOf(one.to).name === other &&
      one.isType === isType
    );
  const idle = layers.flatMap((layer) => [
    ...[...layer.values].filter((other) => !needed(layer, other, false)).map((
      other,
    ) => `${layer.name} imports nothing from ${other}`),
    ...[...layer.types].filter((other) => !needed(layer, other, true)).map((
      other,
    ) => `${layer.name} names no type of ${other}`),
  ]);
  assert.deepEqual(idle, []);
});

test("no layer imports from one that imports from it, by whatever way round", () => {
  const below = (name: string, seen: string[]): void => {
    assert.ok(!seen.includes(name), [...seen, name].join(" imports from "));
    const layer = layers.find((one) => one.name === name);
    assert.ok(layer !== undefined, `${name} is no layer of ARCHITECTURE.md`);
    for (const other of layer.values) below(other, [...seen, name]);
  };
  for (const { name } of layers) below(name, []);
});

/** A way by imports from a file back to itself; none if there is no circle. */
function circleIn(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) {
    targets.set(from, [...targets.get(from) ?? [], to]);
  }
  const done = new Set<string>();
  const visit = (path: string, seen: string[]): string[] => {
    if (seen.includes(path)) return [...seen.slice(seen.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const to of targets.get(path) ?? []) {
      const circle = visit(to, [...seen, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const path of targets.keys()) {
    const circle = visit(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

/** The types that the files at `paths` declare, or export if `areExported`, each with these files. */
function typesIn(
  paths: readonly string[],
  areExported = false,
): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  const declaration =
    /^(export )?(?:abstract )?(?:class|interface|type) (\w+)/gm;
  for (const path of paths) {
    for (
      const [, isExported, name] of withoutComments(path).matchAll(declaration)
    ) {
      if (areExported && isExported === undefined) continue;
      owners.set(name, new Set([...owners.get(name) ?? [], path]));
    }
  }
  return owners;
}

test("a type that a source declares has a name of its own: a word means one thing", () => {
  const owners = typesIn(sources);
  const shared = Array.from(owners, ([name, paths]) => [name, ...paths])
    .filter(({ length }) => length > 2);
  assert.ok(owners.size > 900, `${owners.size}`);
  assert.deepEqual(shared, []);
});

test("a function that a source declares has a name of its own, too", () => {
  const declaration = /^(?:export )?(?:async )?function\*? ?(\w+)/gm;
  const owners = new Map<string, string[]>();
  for (const path of sources) {
    for (const [, name] of withoutComments(path).matchAll(declaration)) {
      owners.set(name, [...owners.get(name) ?? [], path]);
    }
  }
  assert.ok(owners.size > 700, `${owners.size}`);
  assert.deepEqual([...owners].filter(([, { length }]) => length > 1), []);
});

/** Names of the library that programs use as well: for the same, or since their protocol has no other word. */
const SHARED_NAMES = new Set([
  "Command",
  "HttpCodec",
  "HttpRequest",
  "HttpResponse",
  "Link",
  "NativeBunSocket",
  "Packet",
]);

test("a type that a program beside the library exports is called as none of the library's", () => {
  const exported = typesIn(
    programs.filter((path) => !path.startsWith("tests/")),
    true,
  );
  const owners = typesIn(sources);
  const shared = [...exported.keys()].filter((name) => owners.has(name));
  assert.ok(exported.size > 150, `${exported.size}`);
  assert.deepEqual(new Set(shared), SHARED_NAMES);
});

test("words that were given up for those of the field are not used again", () => {
  const givenUp =
    /\b(?:stage|lent|isLent|halt|halts|halted|foreign|parting|setNote|mishaps?|temper)\b/i;
  const folders = ["src/", "tests/", "bench/", "soak/", "examples/"];
  const files = folders.flatMap((folder) => list(folder, ".ts"))
    .filter((path) => path !== "tests/docs/architecture.test.ts");
  assert.ok(files.length > 600, `${files.length}`);
  assert.deepEqual(files.filter((path) => givenUp.test(read(path))), []);
});

test("a circle of imports is found, one of types too", () => {
  const by = (from: string, to: string, isType: boolean) => ({
    from,
    to,
    isType,
    isLater: false,
    isPackage: false,
  });
  const straight = [by("a", "b", false), by("b", "c", true)];
  assert.deepEqual(circleIn([...straight, by("a", "c", true)]), []);
  const round = [...straight, by("c", "b", true)];
  assert.deepEqual(circleIn(round), ["b", "c", "b"]);
});

test("no file imports from one that imports from it, by whatever way round, not even types", () => {
  assert.deepEqual(circleIn([...imports, ...programs.flatMap(importsOf)]), []);
});

test("every source is reached from what is exported by imports, those of types included: registries and caches have no others", () => {
  const exported: string[] = Object.values(
    JSON.parse(read("deno.json")).exports,
  );
  const reached = new Set(exported.map((path) => path.replace("./", "")));
  for (const path of reached) {
    for (const { from, to } of imports) if (from === path) reached.add(to);
  }
  assert.deepEqual(sources.filter((path) => !reached.has(path)), []);
});

test("mod.ts is the entry of what has no dependencies; every other is optional, exported by its name, and imported by nothing", async () => {
  const { exports } = JSON.parse(read("deno.json"));
  const { packageJson } = await import(
    new URL("scripts/npm_package.mjs", root).href
  );
  const npm = packageJson().exports;
  assert.deepEqual(faultsOfEntries({ exports, npm, sources, imports }), []);
});

test("an optional entry that is not exported, is nowhere, is not packed or is imported is found", () => {
  const good: Entries = {
    exports: { ".": "./mod.ts", "./a": "./src/entries/a.ts" },
    npm: {
      ".": { default: "./esm/mod.js" },
      "./a": { default: "./esm/src/entries/a.js" },
    },
    sources: ["mod.ts", "src/runtime.ts", "src/entries/a.ts"],
    imports: [
      { from: "mod.ts", to: "src/runtime.ts" },
      { from: "src/entries/a.ts", to: "src/runtime.ts" },
    ],
  };
  const wrong: [change: Partial<Entries>, fault: RegExp][] = [
    [{ exports: { ".": "./mod.ts" } }, /^\.\/a is undefined/],
    [{ exports: { ...good.exports, "./b": "./src/b.ts" } }, /^\.\/b is/],
    [{ exports: { "./a": "./src/entries/a.ts" } }, /^\. is undefined/],
    [{ sources: ["mod.ts"] }, /^\.\/a is/],
    [{ npm: { ".": { default: "./esm/mod.js" } } }, /^\.\/a is not in the npm/],
    [
      { npm: { ...good.npm, "./a": { default: "./esm/a.js" } } },
      /^\.\/a is not in the npm/,
    ],
    [
      { imports: [{ from: "mod.ts", to: "src/entries/a.ts" }] },
      /^mod\.ts imports/,
    ],
    [
      { imports: [{ from: "src/runtime.ts", to: "src/entries/a.ts" }] },
      /^src\/runtime\.ts imports/,
    ],
    [
      { imports: [{ from: "src/entries/b/x.ts", to: "src/entries/a.ts" }] },
      /^src\/entries\/b\/x\.ts imports/,
    ],
  ];
  assert.deepEqual(faultsOfEntries(good), []);
  for (const [change, fault] of wrong) {
    const [first = "nothing"] = faultsOfEntries({ ...good, ...change });
    assert.match(first, fault);
  }
});

test("the sockets of a runtime are reached by src/adapters/host.ts alone", () => {
  const others = imports.filter(({ from, to }) =>
    /^src\/adapters\/(bun|deno|node)/.test(to) && from !== "mod.ts" &&
    !from.startsWith("src/adapters/")
  );
  assert.deepEqual(others, []);
});

test("the adapters have files of the same roles and classes of the same names: who knows one finds their way in the others", () => {
  for (const runtime of ["bun", "deno", "node"]) {
    const prefix = runtime[0].toUpperCase() + runtime.slice(1);
    for (const role of ["listener", "connect", "socket"]) {
      const path = `src/adapters/${runtime}_${role}.ts`;
      const suffix = role[0].toUpperCase() + role.slice(1);
      assert.match(
        read(path),
        new RegExp(`^(?:export )?class ${prefix}${suffix} implements`, "m"),
        path,
      );
    }
  }
});

test("libraries are imported by optional entries alone, brought by users, and tried in one version", () => {
  const { imports: denoImports } = JSON.parse(read("deno.json"));
  const manifest = JSON.parse(read("package.json"));
  const { devDependencies, peerDependencies, peerDependenciesMeta } = manifest;
  assert.deepEqual(
    faultsOfLibraries({
      devDependencies,
      peerDependencies,
      peerDependenciesMeta,
      denoImports,
      imports: packages,
      onlyTested: ["@opentelemetry/sdk-metrics"],
    }),
    [],
  );
});

test("a library that the core imports, that is not optional, has no version or another range on Deno, or is not used, is found", () => {
  const good: Libraries = {
    devDependencies: { a: "1.2.3" },
    peerDependencies: { a: "^1.0.0" },
    peerDependenciesMeta: { a: { optional: true } },
    denoImports: { a: "npm:a@^1.0.0" },
    imports: [{ from: "src/entries/a.ts", to: "a" }],
    onlyTested: [],
  };
  const wrong: [change: Partial<Libraries>, fault: RegExp][] = [
    [{ devDependencies: { a: "^1.2.3" } }, /^a is tried in no version/],
    [{ devDependencies: {} }, /^a is tried in no version/],
    [{ peerDependenciesMeta: {} }, /^a is not optional/],
    [{ peerDependencies: {} }, /^a is npm:a@\^1\.0\.0 to Deno/],
    [{ denoImports: {} }, /^a is undefined to Deno/],
    [{ imports: [] }, /^a is used by no entry/],
    [{ onlyTested: ["b"] }, /^b of the tests is not of one version/],
    [
      { imports: [...good.imports, { from: "mod.ts", to: "a" }] },
      /^mod\.ts imports a/,
    ],
  ];
  assert.deepEqual(faultsOfLibraries(good), []);
  for (const [change, fault] of wrong) {
    const [first = "nothing"] = faultsOfLibraries({ ...good, ...change });
    assert.match(first, fault);
  }
});

test("what is outside of the library is touched only where ARCHITECTURE.md says", () => {
  const rows = tableUnder("ARCHITECTURE.md", "## What touches the outside");
  assert.ok(rows.length > 0);
  for (const [words, paths] of rows) {
    const allowed = quoted(paths);
    for (const word of quoted(words)) {
      const end = /\w$/.test(word) ? "(?!\\w)" : "";
      const literal = word.replace(/\W/g, "\\$&");
      // Behind a hyphen it is part of a text: deno fmt has a space behind a minus.
      const pattern = new RegExp(`(?<![\\w#]|\\w-)${literal}${end}`);
      const users = sources.filter((path) =>
        pattern.test(withoutComments(path))
      );
      const strangers = users.filter((path) =>
        !allowed.some((one) => path.startsWith(one))
      );
      assert.deepEqual(strangers, [], `${word} is used`);
      for (const one of allowed) {
        assert.ok(
          users.some((path) => path.startsWith(one)),
          `${one} does not use ${word}`,
        );
      }
    }
  }
});

test("no source that Node is to run as it is has what Node 22 cannot parse", () => {
  const files = ["", "src/", "tests/", "examples/", "soak/"]
    .flatMap((folder) => list(folder, ".ts"))
    .filter((path) => !/^\w+\.test\.ts$/.test(path)); // of Deno and Bun alone
  assert.ok(files.includes("mod.ts") && files.length > 200);
  const crooked = files.filter((path) =>
    /^\s*(?:await )?using \w+ =/m.test(withoutComments(path))
  );
  assert.deepEqual(crooked, [], "`using`");
});

test("every test is in a folder that CONTRIBUTING.md lists, and those of sources are there under the same name", () => {
  const [[ofSources], ...others] = tableUnder(
    "CONTRIBUTING.md",
    "### The folders of tests/",
  );
  const listed = [ofSources, ...others.map(([folders]) => folders)]
    .flatMap(quoted).sort();
  const used = list("tests/", ".ts").map((path) =>
    /^tests\/([^/]+\/)/.exec(path)?.[1] ?? path
  );
  assert.deepEqual([...new Set(used)].sort(), listed);
  for (const folder of quoted(ofSources)) {
    assert.ok(exists(`src/${folder}`), folder);
  }
});

test("examples stand on what is exported alone", () => {
  const crooked = list("examples/", ".ts").flatMap(importsOf).filter(({ to }) =>
    !entries().includes(to) && !to.startsWith("examples/") &&
    !to.includes("node:")
  );
  assert.deepEqual(crooked, []);
});

test("the benchmarks, the soak, and the suites that run on any adapter know of the library what is exported", () => {
  const files = USERS.flatMap((folder) => list(folder, ".ts"));
  const crooked = files.flatMap(importsOf).filter(({ to }) =>
    to.startsWith("src/") && !entries().includes(to)
  );
  assert.deepEqual(crooked, []);
  for (const folder of USERS) {
    const ownFiles = files.filter((path) => path.startsWith(folder));
    assert.ok(
      ownFiles.flatMap(importsOf).some(({ to }) => to === "mod.ts"),
      `nothing in ${folder} imports mod.ts`,
    );
  }
});
