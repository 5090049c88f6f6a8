// @ts-check
//
// Deals the files of tests out to processes. To start a runtime and to load the
// library there takes longer than most files: many files share a process, in
// which one of them imports the others. What takes long has a process of its
// own, which is started first, so that none is left to be waited for in the end.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** @typedef {{ title: string, files: string[] }} Shard */

/** What takes long, or measures its process, the longest first. */
const ALONE = [
  "tests/node_adapter.test.ts",
  "tests/host_adapter.test.ts",
  "tests/reliability.test.ts",
  "tests/docs/blocks.test.ts",
  "tests/sim_adapter.test.ts",
  "tests/unix_sockets.test.ts",
  "tests/web_socket_transport.test.ts",
  "tests/relay/conformance.test.ts",
  "tests/tls_simulated.test.ts",
  "tests/greedy_system.test.ts",
  "tests/threads/starting.test.ts",
  "tests/threads/stopping.test.ts",
  "tests/command_queue.test.ts",
  "bun.test.ts",
  "deno.test.ts",
  "deno_std.test.ts",
];

/** How many processes of a runtime share the other files. */
const SHARED = 6;

/** Deals `files` out, the longest first. */
export function shardsOf(/** @type {string[]} */ files) {
  const alone = ALONE.filter((file) => files.includes(file));
  const others = files.filter((file) => !ALONE.includes(file));
  const shared = Array.from(
    { length: Math.min(SHARED, others.length) },
    (_, i) => others.filter((_, index) => index % SHARED === i),
  );
  /** @type {Shard[]} */
  const shards = [...alone.map((file) => [file]), ...shared].map((files) => ({
    title: files.length === 1
      ? files[0]
      : `${files[0]} and ${files.length - 1} more`,
    files,
  }));
  return shards;
}

/** @type {string | undefined} */
let folder = undefined;
let entryCount = 0;

/** Makes a file that imports `files`, and is gone with this process; its name ends in `ending`. */
export function entryOf(
  /** @type {string[]} */ files,
  /** @type {string} */ ending,
) {
  if (folder === undefined) {
    const made = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-tests-"));
    process.on("exit", () => fs.rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const entry = path.join(folder, `${++entryCount}${ending}`);
  const lines = files.map((file) =>
    `import ${JSON.stringify(pathToFileURL(file).href)};\n`
  );
  fs.writeFileSync(entry, lines.join(""));
  return entry;
}
