// @ts-check
//
// Deals the files of tests out to processes. To start a runtime and to load the
// library there takes longer than most files: many files share a process, in
// which one of them imports the others. Those processes, which mostly compute,
// take turns with those of the files that take long, which also wait, from the
// longest down, so that none is left to be waited for in the end.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** @typedef {{ title: string, files: string[] }} Shard */

/** What takes long, or measures its process: each has one of its own. The longest first. */
const ALONE = [
  "tests/sim/adapter.test.ts",
  "tests/adapters/node.test.ts",
  "tests/adapters/host.test.ts",
  "tests/websocket/transport.test.ts",
  "tests/adapters/unix_sockets.test.ts",
  "tests/reliability/reliability.test.ts",
  "tests/threads/starting.test.ts",
  "tests/docs/blocks.test.ts",
  "tests/sim/greedy_system.test.ts",
  "tests/tls/simulated.test.ts",
  "tests/relay/conformance.test.ts",
  "tests/core/command_queue.test.ts",
  "tests/threads/stopping.test.ts",
  "bun.test.ts",
  "deno.test.ts",
  "deno_std.test.ts",
];

/** How many processes of a runtime share the other files. */
const SHARED = 6;

/** One runtime of each engine: Node's is that of Deno. */
const ENGINES = ["bun", "deno"];

/**
 * Who runs for all what looks at texts alone, or at what touches nothing of a
 * runtime, no socket, no thread, no clock, and takes long; tests/docs/players.test.ts
 * checks that. Seeds are dealt out by tests/support/sharing.ts.
 *
 * @type {{ [file: string]: string | string[] }}
 */
export const PLAYERS = {
  "tests/docs/architecture.test.ts": "bun",
  "tests/docs/connection_state.test.ts": "bun",
  "tests/docs/doc_comments.test.ts": "bun",
  "tests/docs/guides.test.ts": "bun",
  "tests/docs/links.test.ts": "bun",
  "tests/docs/mutants.test.ts": "bun",
  "tests/docs/options.test.ts": "bun",
  "tests/docs/two_ends.test.ts": "bun",
  "tests/docs/workflows.test.ts": "bun",
  "tests/sim/greedy_system.test.ts": "bun",
  "tests/codec/test_codec.test.ts": "bun",
  "tests/core/command_queue.test.ts": "bun",
  "tests/core/deadlines.test.ts": "bun",
  "tests/core/draining.test.ts": "deno",
  "tests/examples/http_hello/codec.test.ts": "node",
  "tests/examples/http_hello/server.test.ts": "deno",
  "tests/toolkit/keep_connected.test.ts": "node",
  "tests/toolkit/messages_simulated.test.ts": "deno",
  "tests/examples/mqtt_broker.test.ts": "node",
  "tests/io/msg_reader.test.ts": ENGINES,
  "tests/io/msg_sender.test.ts": ENGINES,
  "tests/core/peer_log.test.ts": "node",
  "tests/properties/groups.test.ts": "deno",
  "tests/examples/proxy.test.ts": "bun",
  "tests/core/proxy_simulated.test.ts": "deno",
  "tests/examples/redis_server/requests.test.ts": "bun",
  "tests/reliability/reliability.test.ts": ENGINES,
  "tests/toolkit/requests_simulated.test.ts": "node",
  "tests/io/send_bytes.test.ts": ENGINES,
  "tests/sim/chance.test.ts": "bun",
  "tests/sim/socket.test.ts": "bun",
  "tests/core/time_limits.test.ts": "deno",
  "tests/tls/faults_simulated.test.ts": "node",
  "tests/tls/programs_simulated.test.ts": "node",
  "tests/tls/simulated.test.ts": "bun",
  "tests/toolkit/with_refusals.test.ts": "node",
};

/**
 * What starts so many threads that to load the library in each is most of what
 * it takes: every runtime runs these with the library joined. The others that
 * start threads load the sources there.
 */
const JOINED = new Set([
  "tests/inspector/threads.test.ts",
  "tests/threads/asking.test.ts",
  "tests/threads/commands.test.ts",
  "tests/threads/failures.test.ts",
  "tests/threads/hostile_commands.test.ts",
  "tests/threads/listen_all.test.ts",
  "tests/threads/names.test.ts",
  "tests/threads/restarts.test.ts",
  "tests/threads/starting.test.ts",
  "tests/threads/stats.test.ts",
  "tests/threads/stopping.test.ts",
  "tests/threads/telling.test.ts",
]);

/** True if every runtime is to run `file` with the library joined. */
export function isJoined(/** @type {string} */ file) {
  return JOINED.has(file);
}

/** Those of `files` that `runtime` runs when all runtimes are tested. */
export function filesOf(
  /** @type {string} */ runtime,
  /** @type {string[]} */ files,
) {
  return files.filter((file) =>
    [PLAYERS[file] || runtime].flat().includes(runtime)
  );
}

/** Deals `files` out to processes, in the order in which they are to start. */
export function shardsOf(/** @type {string[]} */ files) {
  const alone = ALONE.filter((file) => files.includes(file));
  const others = files.filter((file) => !ALONE.includes(file));
  const shared = Array.from(
    { length: Math.min(SHARED, others.length) },
    (_, i) => others.filter((_, index) => index % SHARED === i),
  );
  const mixed = alone.flatMap((file, i) => [[file], ...shared.slice(i, i + 1)]);
  mixed.push(...shared.slice(alone.length));
  /** @type {Shard[]} */
  const shards = mixed.map((files) => ({
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
