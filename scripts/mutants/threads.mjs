// @ts-check

const NAMES = [{ file: "tests/threads/names.test.ts" }];
const STARTING = [{
  file: "tests/threads/starting.test.ts",
  only: "the start",
}];
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
    name: "worker-not-in-the-graph",
    planted: "nothing imports what a thread runs, so that registries lack it",
    file: "src/threads/worker_program.ts",
    old: 'import type {} from "./worker.ts";',
    new: "",
    suites: [{ file: "tests/architecture.test.ts" }],
  },
  {
    name: "own-program-ignored",
    planted:
      "threads run the library's worker, whatever the option worker says",
    file: "src/threads/worker_program.ts",
    old: "program === undefined ? ownProgram() : new URL(program)",
    new: "ownProgram()",
    suites: STARTING,
  },
  {
    name: "module-and-worker",
    planted: "threads start with both a module and a worker, or with neither",
    file: "src/threads/threaded_reactor_options.ts",
    old: "if ((module === undefined) === (worker === undefined)) {",
    new: "if (threads === 0) {",
    suites: STARTING,
  },
  {
    name: "own-program-unchecked",
    planted: "a program of threads runs reactors that are none",
    file: "src/threads/run_reactors.ts",
    old: "() => defineReactors(module)",
    new: "() => module",
    suites: STARTING,
  },
];
