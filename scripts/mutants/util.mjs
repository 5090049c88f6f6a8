// @ts-check

const HEAP = [{ file: "tests/properties/timer_heap.test.ts" }];
const SLOTS = [{ file: "tests/properties/slot_map.test.ts" }];

/**
 * Bugs in timers, ids, logs and addresses.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const utilMutants = [
  {
    name: "heap-loses-the-last",
    planted:
      "of the last two deferred commands, one is lost and the other runs twice",
    file: "src/util/slot_heap.ts",
    old: "if (last === slot) return;",
    new: "if (last === slot || this.#slots.length === 1) return;",
    suites: HEAP,
  },
  {
    name: "deferred-order",
    planted: "commands due at the same time run last in, first out",
    file: "src/util/slot_heap.ts",
    old: "return this.#dueTimes.order(slot) < this.#dueTimes.order(other);",
    new: "return this.#dueTimes.order(slot) > this.#dueTimes.order(other);",
    suites: HEAP,
  },
  {
    name: "arguments-of-no-kind",
    planted: "what is no runtime, no statistics and the like is used as such",
    file: "src/api/check_argument.ts",
    old: "  checkMember(value, use, name, InvalidArgumentError, type);",
    new: "",
    suites: [{ file: "tests/api/mistakes.test.ts" }],
  },
  {
    name: "completion-that-is-none",
    planted: "a slice is sent although its completion is no function",
    file: "src/io/outbound_buffer.ts",
    old:
      "    if (completion !== undefined) checkFunction(completion, COMPLETE);\n    const isQueued",
    new: "    const isQueued",
    suites: [{ file: "tests/api/mistakes.test.ts" }],
  },
  {
    name: "options-that-are-none",
    planted: "a number in place of options is ignored",
    file: "src/api/options/rules.ts",
    old: "if (!isObject(options)) this.#refuse(options);",
    new: "",
    suites: [{ file: "tests/api/mistakes.test.ts" }],
  },
  {
    name: "connects-to-any-port",
    planted: "a connect to port 0 is tried",
    file: "src/api/address.ts",
    old: 'target.transport !== "tcp" || target.port !== 0',
    new: 'target.transport !== "tcp" || target.port >= 0',
    suites: [{ file: "tests/api/mistakes.test.ts" }],
  },
  {
    name: "ids-reused",
    planted: "the number of slots is used as an id's generation",
    file: "src/util/slot_map.ts",
    old: "const generation = last === 0 ? this.#firstGeneration : 1 - last;",
    new: "const generation = this.#usedCount;",
    suites: SLOTS,
  },
  {
    name: "generation-not-checked",
    planted: "a stale id reaches the next occupant of its slot",
    file: "src/util/slot_map.ts",
    old: "this.#generation(slot) * SLOTS + slot === id",
    new: "this.#generation(slot) > 0",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*an id is never reused",
    }],
  },
  {
    name: "free-ids-forgotten",
    planted: "only the last freed id slot is reused",
    file: "src/util/slot_map.ts",
    old: "page.firstFree = page.values[index] as number;",
    new: "page.firstFree = END_OF_LIST;",
    suites: [{ file: "tests/util/slot_map.test.ts" }],
  },
  {
    name: "free-slots-forgotten",
    planted: "only the last freed slot is reused",
    file: "src/util/flat_storage.ts",
    old: "this.#firstFree = this.#links[key];",
    new: "this.#firstFree = END_OF_LIST;",
    suites: [{ file: "tests/properties/flat_storage.test.ts" }],
  },
  {
    name: "sink-promise-unwatched",
    planted: "a log sink that rejects ends the process",
    file: "src/util/log.ts",
    old: "watchPromise(result, (thrown) => onSinkFailed(sink, thrown));",
    new: "",
    suites: [{ file: "tests/util/log.test.ts" }],
  },
  {
    name: "location-in-the-library",
    planted: "an error's location points into the library",
    file: "src/util/source_location.ts",
    old: `!(library !== "" && frame.startsWith(library)) && !INTERNAL`,
    new: "!INTERNAL",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*the location is where",
    }],
  },
  {
    name: "location-in-a-message",
    planted: "text in an error's message is parsed as its stack",
    file: "src/util/source_location.ts",
    old: "return stack.slice(start, start + LONGEST_SEARCHED_STACK)",
    new: "return stack.slice(0, start + LONGEST_SEARCHED_STACK)",
    suites: [{
      file: "tests/sim/adapter.test.ts",
      only: "counts, seed 1.*the location is where",
    }],
  },
  {
    name: "log-injection",
    planted: "an error's message may start a new log line",
    file: "src/util/printable.ts",
    old: ".replace(UNPRINTABLE, escape)",
    new: "",
    suites: [{ file: "tests/util/one_line.test.ts" }],
  },
  {
    name: "message-of-lines",
    planted: "an error message shows a value with its line breaks",
    file: "src/util/text.ts",
    old: "return printable(rawTextOf(value, maxLength));",
    new: "return rawTextOf(value, maxLength);",
    suites: [{ file: "tests/util/text.test.ts" }],
  },
  {
    name: "address-of-lines",
    planted: "an error message shows an address with its line breaks",
    file: "src/api/address.ts",
    old: "return printable(plainText(address));",
    new: "return plainText(address);",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "path-of-folder",
    planted: "a path that names a directory is accepted for a Unix socket",
    file: "src/api/address.ts",
    old: 'const fault = kind === "file" && FOLDER.test(path)',
    new: "const fault = false",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "address-read-twice",
    planted: "the properties of an address are read more than once",
    file: "src/api/address.ts",
    old: "const given = copyParts(address);",
    new: "const given = address as never;",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "address-shown-whole",
    planted: "an error message shows every property of an address",
    file: "src/api/address.ts",
    old:
      'if (typeof address !== "object" || address === null) return textOf(address);',
    new: "return JSON.stringify(address);",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "path-taken-for-a-port",
    planted: "a Unix socket path is accepted where a port is expected",
    file: "src/api/address.ts",
    old: "if (UNIX_PATH.test(path)) return",
    new: "if (path.length > 0) return",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
];
