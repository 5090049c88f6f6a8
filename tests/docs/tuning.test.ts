import assert from "node:assert/strict";
import { test } from "node:test";
import { exists, list, read, withoutComments } from "./project.ts";

// What could be another number is in src/tuning.ts, with the command that shows
// its effect: ARCHITECTURE.md says so.

/** Their numbers are their own: no message waits for them. */
const BESIDE_MESSAGES =
  /^src\/(?:inspector|sim|testing|adapters\/sim|entries\/cli)\b/;

/** What fixes each other number outside src/tuning.ts: by files, folders, or names. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  "a protocol or a format": [
    "src/adapters/tls/client_hello.ts",
    "src/adapters/tls/tls_records.ts",
    "src/codec/proxy/",
    "src/recording/format.ts",
    "src/util/crc32c.ts",
    "src/util/ip_addresses.ts",
    "src/util/networks.ts",
    "src/util/utf8.ts",
    "ATTEMPT_DELAY_MS", // of RFC 8305
    "BITS",
    "CHECKSUM",
    "CR",
    "LF",
    "LONGEST_NAME",
    "LONGEST_PROTOCOL",
    "LONGEST_RECORD",
    "MAX_TEXT",
    "MAX_TLV",
    "MORE",
    "MOST_BYTES",
    "MOST_TEXT",
    "PROXY_TLV",
  ],
  "a system or a runtime": [
    "src/adapters/unix_table.ts",
    "FIRST_FD",
    "IMMEDIATES_PER_LOOK",
    "LEAST_SHARED",
    "MAX_UNIX_PATH",
    "OPEN",
    "OWNER_ONLY",
    "PAGE_SIZE",
    "PROBE_MS", // Linux answers at once
    "SIGNAL_EXIT",
  ],
  "arithmetic: the numbers of the language, and units": [
    "LEAST_UNSAFE",
    "MAX_INT32",
    "MS_PER_SECOND",
    "ROUNDING_MS",
    "SECOND_MS",
    "SOON_MS",
    "TWO_32",
  ],
  "our own layout: rows, ids, and the buckets that stats have": [
    "src/stats/histogram.ts",
    "src/util/due_times.ts",
    "BUCKETS",
    "GENERATIONS",
    "HEAD_SIZE",
    "MAX_INCARNATIONS",
    "QUARTER",
    "SLOTS",
  ],
  "a bound of what users or peers may give, or a default": [
    "src/api/options/keep_alive.ts",
    "DEFAULT_HIGH_WATER_MARK",
    "LONGEST_CHAIN",
    "LONGEST_DELIMITER",
    "MAX_BYTES",
    "MAX_CONNECTIONS",
    "MAX_FRAME_SIZE",
    "MAX_HEAD",
    "MAX_SOCKETS",
    "MOST",
  ],
  "what a text shows": [
    "src/util/text.ts",
    "MAX_LENGTH",
    "MAX_SHOWN",
  ],
};

/** The constants at the top of `path` that are numbers, or objects of numbers. */
function numbersOf(path: string): { name: string; value: string }[] {
  const constant = /^(?:export )?const ([A-Z][A-Z\d_]*)\b[^=;]*=\s*([^;]*);/gm;
  return Array.from(
    withoutComments(path).matchAll(constant),
    ([, name, value]) => ({ name, value: value.replace(/ as const$/, "") }),
  ).filter(({ value }) =>
    /(?<!\w)\d/.test(value) &&
    /^[\w\s.*+<>(){}:,-]+(?: \/ [\w.]+)?$/.test(value) &&
    !/\bnew |\w\(/.test(value)
  );
}

/** True of a marker such as -1, of counts that begin at 0, and of what follows from other constants. */
function isFree(value: string): boolean {
  return /^-\d+$/.test(value) || /(?<!\.)\b[A-Z]{3,}/.test(value) ||
    value.match(/(?<!\w)\d[\w.]*/g)!.every((number) => Number(number) === 0);
}

test("a number that could be another stands in src/tuning.ts", () => {
  const fixed = Object.values(FIXED).flat();
  const found = list("src/", ".ts")
    .filter((path) => path !== "src/tuning.ts" && !BESIDE_MESSAGES.test(path))
    .flatMap((path) => numbersOf(path).map((one) => ({ path, ...one })))
    .filter(({ value }) => !isFree(value));
  const isFixedBy = (what: string, { path, name }: typeof found[number]) =>
    what.includes("/") ? path.startsWith(what) : name === what;
  const others = found.filter((one) =>
    !fixed.some((what) => isFixedBy(what, one))
  );
  assert.deepEqual(
    others,
    [],
    "what could be another number belongs into src/tuning.ts; for these, say in FIXED what fixes them",
  );
  const idle = fixed.filter((what) =>
    !found.some((one) => isFixedBy(what, one))
  );
  assert.deepEqual(idle, [], "what is no longer needed here");
});

test("each number of src/tuning.ts is used, and names a command that there is", () => {
  const loads = list("bench/experiments/", ".ts").map(read).join();
  const scripts = JSON.parse(read("package.json")).scripts;
  const sources = list("src/", ".ts")
    .filter((path) => path !== "src/tuning.ts").map(withoutComments).join();
  const tuned = read("src/tuning.ts").matchAll(
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+)/g,
  );
  const names = new Set<string>();
  for (const [, comment, name] of tuned) {
    names.add(name);
    const says = comment.replace(/\n \* ?/g, " ");
    const [, other] = /See \{@linkcode (\w+)\}/.exec(says) ?? [];
    const commands = /`((?:npm run|deno test|bun) [^`]+)`/.exec(says);
    assert.ok(names.has(other) || commands, `${name} names no command`);
    assert.match(sources, new RegExp(`\\b${name}\\b`), `${name} is not used`);
    const [, command = ""] = commands ?? [];
    const [, script] = /^npm run (\S+)/.exec(command) ?? [];
    if (script !== undefined) assert.ok(script in scripts, command);
    for (const [, load] of command.matchAll(/--load (\S+)/g)) {
      assert.ok(loads.includes(`"${load}"`), command);
    }
    for (const [path] of command.matchAll(/(?:tests|bench)\/\S*/g)) {
      assert.ok(exists(path), command);
    }
  }
  assert.ok(names.size > 80, `${names.size}`);
});
