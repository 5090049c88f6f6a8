// @ts-check

const HOST = "tests/host_adapter.test.ts";

/**
 * Bugs of the adapters, each on its own runtime.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const adapterMutants = [
  {
    name: "bun-half-open",
    planted: "Bun closes a connection that it accepted at the peer's FIN",
    file: "src/adapters/bun.ts",
    old: "exclusive: !reusePort,\n      allowHalfOpen: true,",
    new: "exclusive: !reusePort,\n      allowHalfOpen: false,",
    suites: [{ file: HOST, only: "half open|peer.s FIN" }],
  },
  {
    name: "bun-drain-ignored",
    planted: "a socket of Bun that was full never takes more",
    file: "src/adapters/bun.ts",
    old: "connection.events.onWritable();",
    new: "void connection;",
    suites: [{ file: HOST, only: "close sends what is queued" }],
  },
  {
    name: "bun-closes-twice",
    planted:
      "a socket of Bun that is destroyed closes inside the call, and again",
    file: "src/adapters/bun.ts",
    old:
      "closed(error: Error | undefined): void {\n    if (this.#isClosed) return;",
    new: "closed(error: Error | undefined): void {",
    suites: [{ file: HOST, only: "abort" }],
  },
  {
    name: "node-writes-on",
    planted: "a socket of node:net that is full is given more",
    file: "src/adapters/node.ts",
    old: "if (native.writableLength === 0) return end - start;",
    new: "if (native.writableLength >= 0) return end - start;",
    suites: [{
      file: "tests/node_adapter.test.ts",
      only: "by sendNoQueue|beyond maxSendQueue|stalls|closeTimeoutMs",
    }],
  },
  {
    name: "deno-short-write",
    planted: "what a write of Deno left is not written",
    file: "src/adapters/deno_socket.ts",
    old: "if (count < this.#output.length) {",
    new: "if (count === 0) {",
    suites: [{ file: HOST, runtime: "deno", only: "closing|half-close" }],
  },
  {
    name: "bun-polls-too-late",
    planted: "Bun tells that sockets were served before it has polled",
    file: "src/adapters/bun.ts",
    old: "afterTurns(2, callback)",
    new: "afterTurns(1, callback)",
    suites: [{ file: "tests/many_at_once.test.ts" }],
  },
  {
    name: "deno-looks-too-late",
    planted: "Deno tells that sockets were served before it has looked",
    file: "src/adapters/deno_fairness.ts",
    old: "afterTurns(IMMEDIATES_TO_BE_SURE, () => {",
    new: "afterTurns(2, () => {",
    suites: [{
      file: HOST,
      only: "held up for longer",
      runtime: "deno",
    }],
  },
  {
    name: "deno-looks-once",
    planted: "Deno looks once, though it has more to serve than it can at once",
    file: "src/adapters/deno_fairness.ts",
    old: "      else look();",
    new: "      else callback();",
    suites: [{ file: "tests/many_at_once.test.ts", runtime: "deno" }],
  },
  {
    name: "context-of-who-asked",
    planted:
      "handlers run in the asynchronous context of who asked for the turn",
    file: "src/adapters/async_context.ts",
    old: ": nobody.runInAsyncScope(ask, undefined, ...args);",
    new: ": ask(...args);",
    suites: [{ file: HOST, only: "asynchronous contexts" }],
  },
  {
    name: "deno-context-of-who-wrote",
    planted: "on Deno completions run in the asynchronous context of who wrote",
    file: "src/adapters/async_context.ts",
    old: "    new Promise<void>(this.#setSend).then(this.#onSent);",
    new: "    this.send = () => queueMicrotask(this.#onSent);",
    suites: [{
      file: HOST,
      only: "asynchronous contexts",
      runtime: "deno",
    }],
  },
];
