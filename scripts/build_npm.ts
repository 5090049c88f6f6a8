// Builds the npm package into npm/, and runs the tests on what was built.

import { basename } from "node:path";
import { build, emptyDir } from "@deno/dnt";
import {
  completePackage,
  ENTRIES,
  packageJson,
  WORKER_PROGRAM,
} from "./npm_package.mjs";

/** The contract on real and on simulated sockets, the simulation, the threads. */
const TESTS = [
  "adapters/node",
  "sim/adapter",
  "helpers/io_reactor",
  "helpers/simple_io",
  "sim/simulate",
  "threads/commands",
  "threads/listen_all",
  "threads/names",
];

const outDir = "npm";

await emptyDir(outDir);
await build({
  entryPoints: [
    ...Object.entries(ENTRIES).map(([name, path]) => ({ name, path })),
    { name: "./worker", path: WORKER_PROGRAM },
  ],
  outDir,
  package: {
    ...packageJson(),
    devDependencies: { "@types/node": "^20.16.0", "@types/ws": "^8.18.0" },
  },
  // Nothing is shimmed: the library finds out by itself where it runs.
  shims: {},
  polyfills: false,
  scriptModule: false,
  compilerOptions: {
    target: "ES2022",
    lib: ["ESNext", "DOM"],
  },
  rootTestDir: "tests",
  testPattern: `**/{${TESTS.map((test) => basename(test)).join(",")}}.test.ts`,
  testPreloadModule: "scripts/npm_test_preload.ts",
  testIsolation: "process",
  postBuild() {
    // A test that was not found would not be missed.
    for (const test of TESTS) {
      Deno.statSync(`${outDir}/esm/tests/${test}.test.js`);
    }
  },
});
// When its tests have run: what dnt needs for them is not published.
completePackage(outDir);
