/**
 * Creates a copy of the library that does not count or time messages, for
 * comparison.
 */

import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** The folder of the copy, in which its benchmarks must run. */
export const UNCOUNTED = ".node/uncounted";

/** The files to copy. */
const COPIED = ["mod.ts", "src", "bench", "tests/support"]
  .concat("deno.json", "package.json", "tsconfig.node.json");

/**
 * The pieces of code that count, by file, and how often each occurs. Messages
 * that come in are counted in any case, to bound what a turn hands out.
 */
const COUNTING: Readonly<Record<string, readonly [string, number][]>> = {
  "src/io/inbound_bytes.ts": [["    this.bytesIn += length;\n", 1]],
  "src/io/outbound_bytes.ts": [
    ["    if (size > this.bytesQueuedPeak) this.bytesQueuedPeak = size;\n", 2],
  ],
  "src/io/outbound_buffer.ts": [
    ["    if (size > 0) this.messagesOut++;\n", 1],
    ["      this.messagesOut++;\n", 2],
    ["    if (isSent) this.messagesOut++;\n", 1],
    ["    this.messagesOut++;\n", 1],
  ],
  "src/core/reactor_context.ts": [
    ["    const startedAt = this.loop.handlerTimes.begin();\n", 1],
    ["      if (startedAt !== UNTIMED) this.#onTimed(startedAt);\n", 1],
  ],
  "src/core/turn_loop.ts": [
    ["    this.#turnRequestedAt = this.turnDelays.begin();\n", 1],
    ["    const requestedAt = this.#turnRequestedAt;\n", 1],
    [
      "    if (requestedAt !== UNTIMED) this.turnDelays.end(requestedAt);\n",
      1,
    ],
    ["    const startedAt = this.turnTimes.begin();\n", 2],
    ["    if (startedAt !== UNTIMED) this.turnTimes.end(startedAt);\n", 2],
  ],
};

/** The files that count. */
export const COUNTING_FILES: readonly string[] = Object.keys(COUNTING);

/** Returns the text of `file` without those pieces. */
export function uncounted(file: string): string {
  let text = `\n${readFileSync(file, "utf8")}`;
  for (const [piece, times] of COUNTING[file]) {
    const parts = text.split(`\n${piece}`);
    if (parts.length !== times + 1) {
      throw new Error(
        `${file} has ${parts.length - 1} times and not ${times}: ${piece}`,
      );
    }
    text = parts.join("\n");
  }
  return text.slice(1);
}

/** Creates the copy. Must run in the folder of the project. */
export function makeUncounted(): void {
  rmSync(UNCOUNTED, { recursive: true, force: true });
  for (const path of COPIED) {
    cpSync(path, `${UNCOUNTED}/${path}`, { recursive: true });
  }
  for (const file of COUNTING_FILES) {
    writeFileSync(`${UNCOUNTED}/${file}`, uncounted(file));
  }
  const { status, error } = spawnSync(
    "tsc",
    ["--project", "tsconfig.node.json"],
    { cwd: UNCOUNTED, stdio: "inherit" },
  );
  if (status !== 0) {
    throw new Error("The copy that does not count was not built", {
      cause: error,
    });
  }
}
