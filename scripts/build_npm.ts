// Builds the npm package into npm/, and runs tests on the build.

import { basename } from "node:path";
import { build, emptyDir } from "@deno/dnt";
import {
  completePackage,
  ENTRIES,
  packageJson,
  WORKER_PROGRAM,
} from "./npm_package.mjs";

/** The contract on real and simulated sockets, the simulation, and threads. */
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
  // No shims: the library detects its runtime by itself.
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
    // A test file that was not found would go unnoticed.
    for (const test of TESTS) {
      Deno.statSync(`${outDir}/esm/tests/${test}.test.js`);
    }
  },
});
// Completed only after its tests have run, so that their dependencies are not
// published.
completePackage(outDir);
