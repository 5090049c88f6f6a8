// @ts-check

const NAMES = [{ file: "tests/threads/names.test.ts" }];
const FAILURES = [{ file: "tests/threads/failures.test.ts" }];

/**
 * Bugs of what goes between threads.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const threadMutants = [
  {
    name: "name-overwritten",
    planted: "a name is overwritten before the duplicate is refused",
    file: "src/threads/name_registry.ts",
    old: "const holder = this.names.find(name);",
    new:
      "const holder = this.names.find(name);\n    this.names.set(name, uid);",
    suites: NAMES,
  },
  {
    name: "name-has-no-owner",
    planted: "a name is removed whoever has it",
    file: "src/threads/names.ts",
    old: "isSameReactor(found, uid) &&\n",
    new: "",
    suites: NAMES,
  },
  {
    name: "names-of-the-dead",
    planted: "the names of a thread that ended stay",
    file: "src/threads/threaded_reactor_mgr.ts",
    old: "void this.#names.removeRuntime(runtimeId);",
    new: "",
    suites: FAILURES,
  },
  {
    name: "dead-thread-answers-never",
    planted:
      "what waits for the answer of a thread that ended is never completed",
    file: "src/threads/link.ts",
    old:
      "this.#loop.defer(() => command.fail(withAction(error, command.action)));",
    new: "",
    suites: FAILURES,
  },
  {
    name: "ids-reused-after-restart",
    planted: "a thread that was restarted gives ids that it gave before",
    file: "src/threads/threaded_reactor_mgr.ts",
    old: "incarnation: this.#restarts.begin(runtimeId),",
    new: "incarnation: this.#restarts.begin(runtimeId) * 0,",
    suites: FAILURES,
  },
  {
    name: "order-between-threads",
    planted: "a command that goes alone overtakes those that are collected",
    file: "src/threads/link.ts",
    old: "this.#postOutbox();\n    try {",
    new: "try {",
    suites: [{ file: "tests/threads/commands.test.ts" }],
  },
  {
    name: "drive-as-a-protocol",
    planted: "a path that begins with a drive of Windows passes for a URL",
    file: "src/threads/threaded_reactor_options.ts",
    old: "if (DRIVE.test(url.protocol)) throw noUrl(module);",
    new: "",
    suites: [{ file: "tests/threads/starting.test.ts", only: "is a path" }],
  },
];
