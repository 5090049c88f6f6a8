// @ts-check

const FOLDER = "examples/redis_server";
const server = (/** @type {string} */ only) => [
  { file: "tests/examples/redis_server/server.test.ts", only },
];
const across = (/** @type {string} */ only) => [
  { file: "tests/examples/redis_server/threads.test.ts", only },
];
const kept = (/** @type {string} */ only) => [
  { file: "tests/examples/redis_server/append_only_file.test.ts", only },
];

/**
 * Bugs in examples/redis_server.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const redisMutants = [
  {
    name: "redis-obeys-browsers",
    planted: "a browser's HTTP request is executed as commands",
    file: `${FOLDER}/execute.ts`,
    old: "whole === undefined && OF_BROWSERS.test(args[0])",
    new: "false",
    suites: server("executes nothing that a browser sends"),
  },
  {
    name: "redis-queues-no-subcommand",
    planted: "an unknown subcommand is queued as its parent command",
    file: `${FOLDER}/execute.ts`,
    old: ": whole.parts.get(args[1].toLowerCase());",
    new: ": whole.parts.get(args[1].toLowerCase()) ?? whole;",
    suites: server("breaks a transaction by what it cannot"),
  },
  {
    name: "redis-writes-no-time-it-can-read",
    planted:
      "the latest possible expiry time is written rounded up, and cannot be read back",
    file: `${FOLDER}/commands/times.ts`,
    old: "return Math.min(Number(deadline), LAST);",
    new: "return Number(deadline);",
    suites: server("reads back the last time"),
  },
  {
    name: "redis-kills-later",
    planted: "a killed client still listens to channels and is still listed",
    file: `${FOLDER}/served_client.ts`,
    old: "    this.leave();\n    this.#transport.close();",
    new: "    this.#transport.close();",
    suites: server("ends whom CLIENT KILL means"),
  },
  {
    name: "redis-replies-early",
    planted: "a reply goes out before its change is in the file",
    file: `${FOLDER}/served_client.ts`,
    old: "if (this.#redis.isHolding) {",
    new: "if (this.#redis.isHolding && size < 0) {",
    suites: server("replies when what was changed"),
  },
  {
    name: "redis-held-replies-overwritten",
    planted: "replies held back for the file are overwritten by later ones",
    file: `${FOLDER}/served_client.ts`,
    old: "const bytes = out.copy();",
    new: "const { bytes } = out;",
    suites: server("replies when what was changed"),
  },
  {
    name: "redis-fin-drops-replies",
    planted: "a client that sends FIN loses the replies held back for the file",
    file: `${FOLDER}/reactor.ts`,
    old: `onPeerEnd(): void {
    this.#client?.closeWhenWritten();`,
    new: `onPeerEnd(): void {
    this.#client?.context?.close();`,
    suites: server("replies before it ends"),
  },
  {
    name: "redis-reads-on",
    planted:
      "requests are still read from a client that does not read its replies",
    file: `${FOLDER}/served_client.ts`,
    old: "return this.#out.size < HIGH_WATER_MARK && !this.#isClosing;",
    new: "return !this.#isClosing;",
    suites: server("reads no more"),
  },
  {
    name: "redis-expires-while-loading",
    planted: "expired keys are deleted before the rest of the file is read",
    file: `${FOLDER}/redis.ts`,
    old: "return this.#isLoading ? 0 : Math.floor(this.#clock());",
    new: "return Math.floor(this.#clock());",
    suites: server("has all keys again"),
  },
  {
    name: "redis-keeps-relative-times",
    planted: "an expiry is not recorded as an absolute time",
    file: `${FOLDER}/commands/keys.ts`,
    old: `redis.record(["PEXPIREAT", key, String(deadline)]);`,
    new: "",
    suites: server("has all keys again"),
  },
  {
    name: "redis-message-overtakes",
    planted: "a message overtakes replies held back for the file",
    file: `${FOLDER}/redis.ts`,
    old: "if (!this.isHolding) return this.pubSub.publish(channel, message);",
    new:
      "if (!this.isHolding || channel) return this.pubSub.publish(channel, message);",
    suites: server("says to itself"),
  },
  {
    name: "redis-batch-unchecked",
    planted: "the checksum of a batch in the file is not verified",
    file: `${FOLDER}/append_only/load.ts`,
    old: "if (checksumOf(body) !== checksum) {",
    new: "if (checksum.length === 0) {",
    suites: kept("damaged"),
  },
  {
    name: "redis-header-unchecked",
    planted:
      "the size of a batch is not verified, so that intact data after it is cut off",
    file: `${FOLDER}/append_only/write_batch.ts`,
    old: `if (checksumOf(bytesOf(header)) !== own) return "damaged";`,
    new: "",
    suites: kept("damaged"),
  },
  {
    name: "redis-cut-stays",
    planted: "an incomplete batch stays in the file and counts as damage later",
    file: `${FOLDER}/append_only/load.ts`,
    old: "fs.ftruncateSync(file, offset);",
    new: "",
    suites: kept("cut"),
  },
  {
    name: "redis-rewrites-without-times",
    planted: "a rewritten file has no expiry times",
    file: `${FOLDER}/append_only/snapshot.ts`,
    old: `yield [database.index, ["PEXPIREAT", key, String(deadline)]];`,
    new: "",
    suites: server("writes its file anew with"),
  },
  {
    name: "redis-reads-again",
    planted: "a request that comes in parts is parsed from its start each time",
    file: `${FOLDER}/requests.ts`,
    old: `      this.#left--;
      this.#at = next - start;`,
    new: `      this.#left--;
      this.#at = this.#left === 0 ? next - start : this.#at;`,
    suites: [{ file: "tests/examples/redis_server/requests.test.ts" }],
  },
  {
    name: "redis-scan-misses",
    planted: "SCAN skips some keys",
    file: `${FOLDER}/keyspace.ts`,
    old: "next: next < SLOTS ? next : 0",
    new: "next: next < SLOTS - 1 ? next + 1 : 0",
    suites: [{ file: "tests/examples/redis_server/data.test.ts" }],
  },
  {
    name: "redis-all-in-one-database",
    planted: "after a restart all keys are in the first database",
    file: "examples/redis_server/append_only/append_only_file.ts",
    old: "if (database !== this.#database) {",
    new: "if (false) {",
    suites: server("has all keys again"),
  },
  {
    name: "redis-lost-behind-a-new-file",
    planted: "changes after a rewrite of the file go to another database",
    file: "examples/redis_server/append_only/append_only_file.ts",
    old: "    this.#size = this.#firstSize = size;\n    this.#database = -1;",
    new: "    this.#size = this.#firstSize = size;",
    suites: kept("is written anew"),
  },
  {
    name: "redis-rewrites-without-the-rest",
    planted: "a rewritten file lacks the last elements of a large value",
    file: "examples/redis_server/append_only/snapshot.ts",
    old: "if (count % ELEMENTS > 0) yield args;",
    new: "",
    suites: server("writes its file anew with"),
  },
  {
    name: "redis-forgets-half-a-reading",
    planted: "only the first chunk of the file is read",
    file: "examples/redis_server/append_only/file_reader.ts",
    old: "this.#isAtEnd = count === 0;",
    new: "this.#isAtEnd = true;",
    suites: kept("in pieces"),
  },
  {
    name: "redis-thread-reads-on",
    planted:
      "a thread keeps reading from a client whose requests are still pending",
    file: `${FOLDER}/threads/io_thread.ts`,
    old: "    ctx.read(1);\n  }\n\n  onInboundMessage",
    new: "  }\n\n  onInboundMessage",
    suites: across("has one question under way"),
  },
  {
    name: "redis-thread-message-overtakes",
    planted: "messages overtake the replies to a client of another thread",
    file: `${FOLDER}/threads/remote_client.ts`,
    old: "    this.#sendReply();\n    this.#outbox.push(this.#id, chunk);",
    new: "    this.#outbox.push(this.#id, chunk);",
    suites: server("says to itself"),
  },
  {
    name: "redis-thread-client-stays",
    planted: "the clients of a thread stay connected when it is gone",
    file: `${FOLDER}/threads/remote_clients.ts`,
    old: `    signal.addEventListener("abort", () => client.close());\n`,
    new: "",
    suites: across("loses by the crash"),
  },
  {
    name: "redis-thread-answers-early",
    planted: "a thread gets a reply before its change is in the file",
    file: `${FOLDER}/threads/remote_client.ts`,
    old: "!this.#redis.isHolding &&\n      this.#sent === undefined",
    new: "this.#sent === undefined",
    suites: server("replies before it ends"),
  },
  {
    name: "redis-thread-floods",
    planted: "a publisher is not slowed down by a thread that is behind",
    file: `${FOLDER}/threads/outbox.ts`,
    old: "if (!this.#isBehind) return undefined;",
    new: "return undefined;",
    suites: across("lets no more be executed"),
  },
  {
    name: "redis-thread-floods-behind-a-file",
    planted:
      "a publisher whose messages wait for the file is not slowed down by a thread that is behind",
    file: `${FOLDER}/threads/remote_clients.ts`,
    old: "return reply.then((late) => this.#whenKeptUp(late));",
    new: "return reply;",
    suites: across("also if that waits for the file"),
  },
  {
    name: "redis-thread-asked-too-much",
    planted: "each short reply is posted to its thread on its own",
    file: `${FOLDER}/threads/outbox.ts`,
    old: "      this.push(id, chunk);\n",
    new: "      this.push(id, chunk);\n      this.flush();\n",
    suites: across("takes what is for many once"),
  },
];
