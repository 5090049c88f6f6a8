// @ts-check
//
// Distributes the test files over processes. Starting a runtime and loading the
// library takes longer than most test files, so many files share a process: one
// file imports the others. Such processes mostly compute. They alternate with
// those of slow files, which also wait; these go from the longest to the
// shortest, so that none is left running alone at the end.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** @typedef {{ title: string, files: string[] }} Shard */

/**
 * Files that are slow, measure their process, or test what a process finds out
 * only once, and so do not share one. The longest come first.
 */
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
  "tests/adapters/first_write.test.ts",
  "tests/tls/node_tls.test.ts",
  "tests/threads/crashed_worker.test.ts",
  "bun.test.ts",
  "deno.test.ts",
  "deno_std.test.ts",
];

/** The number of processes per runtime for all other files. */
const SHARED = 6;

/** One runtime per engine; Node has the engine of Deno. */
const ENGINES = ["bun", "deno"];

/**
 * Files that only some runtimes run on behalf of all: those that only read
 * texts, and slow ones that use no sockets, threads or clock of a runtime, as
 * tests/docs/players.test.ts checks. The seeds of property tests are shared out
 * by tests/support/sharing.ts.
 *
 * @type {{ [file: string]: string | string[] }}
 */
export const PLAYERS = {
  "tests/docs/architecture.test.ts": "bun",
  "tests/docs/connection_state.test.ts": "bun",
  "tests/docs/doc_comments.test.ts": "bun",
  "tests/docs/examples.test.ts": "bun",
  "tests/docs/figures.test.ts": "bun",
  "tests/docs/guides.test.ts": "bun",
  "tests/docs/links.test.ts": "bun",
  "tests/docs/mutants.test.ts": "bun",
  "tests/docs/options.test.ts": "bun",
  "tests/docs/tuning.test.ts": "bun",
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
  "tests/examples/simulation_runs.test.ts": "bun",
  "tests/reliability/reliability.test.ts": ENGINES,
  "tests/toolkit/requests_simulated.test.ts": "node",
  "tests/toolkit/both_ways_simulated.test.ts": "bun",
  "tests/toolkit/unused_clients.test.ts": "deno",
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
 * Files that start so many threads that loading the library in each takes most
 * of the time. Every runtime runs these with the library joined. In other
 * tests, threads load the sources.
 */
const JOINED = new Set([
  "tests/examples/chat.test.ts",
  "tests/examples/redis_server/threads.test.ts",
  "tests/inspector/threads.test.ts",
  "tests/threads/asking.test.ts",
  "tests/threads/commands.test.ts",
  "tests/threads/draining.test.ts",
  "tests/threads/failures.test.ts",
  "tests/threads/hostile_commands.test.ts",
  "tests/threads/listen_all.test.ts",
  "tests/threads/mqtt_broker.test.ts",
  "tests/threads/names.test.ts",
  "tests/threads/own_adapter.test.ts",
  "tests/threads/restarts.test.ts",
  "tests/threads/starting.test.ts",
  "tests/threads/stats.test.ts",
  "tests/threads/stopping.test.ts",
  "tests/threads/telling.test.ts",
  "tests/threads/web_socket.test.ts",
]);

/** True if every runtime runs `file` with the library joined. */
export function isJoined(/** @type {string} */ file) {
  return JOINED.has(file);
}

/** The files that `runtime` runs when all runtimes are tested. */
export function filesOf(
  /** @type {string} */ runtime,
  /** @type {string[]} */ files,
) {
  return files.filter((file) =>
    [PLAYERS[file] || runtime].flat().includes(runtime)
  );
}

/**
 * Distributes `files` over processes, in the order in which these should start.
 */
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

/**
 * Creates a file that imports `files`, and deletes it when this process exits.
 * `ending` is the end of its name.
 */
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
