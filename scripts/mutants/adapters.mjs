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
];
