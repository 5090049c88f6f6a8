// @ts-check

const HOST = "tests/adapters/host.test.ts";
const UNIX = "tests/adapters/unix_sockets.test.ts";

/**
 * Bugs of the adapters, each on its own runtime.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const adapterMutants = [
  {
    name: "bun-half-open",
    planted: "Bun closes a connection that it accepted at the peer's FIN",
    file: "src/adapters/bun_listener.ts",
    old: "exclusive: !reusePort,\n      allowHalfOpen: true,",
    new: "exclusive: !reusePort,\n      allowHalfOpen: false,",
    suites: [{ file: HOST, only: "half open|peer.s FIN" }],
  },
  {
    name: "bun-drain-ignored",
    planted: "a socket of Bun that was full never takes more",
    file: "src/adapters/bun_socket.ts",
    old: "connection.events.onWritable();",
    new: "void connection;",
    suites: [{ file: HOST, only: "close sends what is queued" }],
  },
  {
    name: "bun-tls-takes-no-options",
    planted: "keepAlive and noDelay have no effect in TLS, on Bun",
    file: "src/adapters/bun_socket.ts",
    old: "    this.#optioned = upgraded[0];\n",
    new: "",
    suites: [{
      file: "tests/adapters/keep_alive.test.ts",
      only: "bun over TLS",
    }],
  },
  {
    name: "bun-frees-of-others",
    planted: "memory is freed with a read of Bun that is not the read's alone",
    file: "src/adapters/bun_reads.ts",
    old: "memory.byteLength === length;",
    new: "memory.byteLength > 0;",
    suites: [{ file: "bun.test.ts", only: "memory of a long read" }],
  },
  {
    name: "bun-reads-pile-up",
    planted:
      "the memory of what Bun has read waits for a collection of garbage",
    file: "src/adapters/bun_reads.ts",
    old: "if (isOurs) memory.transfer(0);",
    new: "void isOurs;",
    suites: [{ file: "bun.test.ts", only: "memory of a long read" }],
  },
  {
    name: "bun-closes-twice",
    planted:
      "a socket of Bun that is destroyed closes inside the call, and again",
    file: "src/adapters/bun_socket.ts",
    old:
      "closed(error: Error | undefined): void {\n    if (this.#isClosed) return;",
    new: "closed(error: Error | undefined): void {",
    suites: [{ file: HOST, only: "abort" }],
  },
  {
    name: "node-writes-on",
    planted: "a socket of node:net that is full is given more",
    file: "src/adapters/node_socket.ts",
    old: "return native.writableLength === 0;",
    new: "return native.writableLength >= 0;",
    suites: [{
      file: "tests/adapters/node.test.ts",
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
    old: "afterTurns(TURNS_TO_POLL, callback)",
    new: "afterTurns(1, callback)",
    suites: [{ file: "tests/adapters/many_at_once.test.ts" }],
  },
  {
    name: "deno-looks-too-late",
    planted: "Deno tells that sockets were served before it has looked",
    file: "src/adapters/deno_fairness.ts",
    old: "afterTurns(TURNS_TO_POLL, () => {",
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
    suites: [{ file: "tests/adapters/many_at_once.test.ts", runtime: "deno" }],
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
    old:
      "new Promise<void>(this.#setSend).then(this.#onSent);\n    this.#callback",
    new: "this.send = () => queueMicrotask(this.#onSent);\n    this.#callback",
    suites: [{
      file: HOST,
      only: "asynchronous contexts",
      runtime: "deno",
    }],
  },
  {
    name: "bun-waits-for-the-end",
    planted:
      "a connection of Bun whose FINs have both passed is left for Bun to close",
    file: "src/adapters/bun_socket.ts",
    old: "if (!this.#finSent || !this.#finReceived) return;",
    new: "return;",
    suites: [{
      file: "bun.test.ts",
      only: "a connection whose FINs have both passed is",
    }],
  },
  {
    name: "option-ends-connection",
    planted: "an option that the host refuses to set is an error of the core",
    file: "src/adapters/host_calls.ts",
    old: "    // Ignored.\n",
    new: "    throw new Error();\n",
    suites: [{ file: "tests/adapters/host_faults.test.ts" }],
  },
  {
    name: "deno-write-throws",
    planted: "a write of Deno that throws at once throws through the core",
    file: "src/adapters/deno_socket.ts",
    old:
      "this.#native.write(bytes).then(this.#onTaken, this.#onWriteFailed);\n    } catch (error) {",
    new:
      "this.#native.write(bytes).then(this.#onTaken, this.#onWriteFailed);\n    } catch (error) {\n      throw error;",
    suites: [{ file: "tests/adapters/host_faults.test.ts", runtime: "deno" }],
  },
  {
    name: "bun-pause-throws",
    planted: "a pause of Bun that throws is ignored, and reading goes on",
    file: "src/adapters/bun_socket.ts",
    old:
      "      this.#native.pause();\n    } catch (error) {\n      this.#abandon(error);",
    new: "      this.#native.pause();\n    } catch {\n      // Ignored.",
    suites: [{ file: "tests/adapters/host_faults.test.ts" }],
  },
  {
    name: "deno-stops-accepting",
    planted: "node:net of Deno accepts nothing more once it has failed to",
    file: "src/adapters/node_keep_accepting.ts",
    old: 'if (!("Deno" in globalThis)) return () => {};',
    new: "if (true) return () => {};",
    suites: [{
      file: "tests/adapters/node.test.ts",
      only: "out of file descriptors",
      runtime: "deno",
    }],
  },
  {
    name: "accept-error-is-final",
    planted: "an error of one connection, met by accept, ends the listener",
    file: "src/adapters/failure_kinds.ts",
    old: 'return isFinal || failure.kind === "exhausted"',
    new: 'return failure.kind !== "timed-out"',
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "name-by-its-text",
    planted: "a name that Deno on Windows does not find is an unknown failure",
    file: "src/adapters/failure_kinds.ts",
    old: '"EAI_AGAIN", "ENOENT"]',
    new: '"EAI_AGAIN"]',
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "zone-lost",
    planted: "a link-local address loses its zone where the runtime forgets it",
    file: "src/adapters/zones.ts",
    old: "? hostname + asked.slice(zone)",
    new: "? hostname",
    suites: [{ file: "tests/adapters/zones.test.ts" }],
  },
  {
    name: "host-text-cut",
    planted: "the words of the host are cut after 100 characters",
    file: "src/contract/failure.ts",
    old: "super(messageOf(cause, MAX_REASON), { cause });",
    new: "super(messageOf(cause), { cause });",
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "unix-mode-late",
    planted: "the mode of a Unix socket is set when everybody can see it",
    file: "src/adapters/socket_files.ts",
    old:
      "    if (mode !== undefined) chmodSync(at, mode);\n    await publish(at, path);",
    new:
      "    await publish(at, path);\n    hostClock.setTimer(() => chmodSync(path, mode ?? 0), 1);",
    suites: [{ file: UNIX, only: "of bun .*mode" }],
  },
  {
    name: "unix-takes-over",
    planted: "a Unix socket takes the path of a server that is alive",
    file: "src/adapters/socket_files.ts",
    old: "if (await isOpen(path)) throw inUse",
    new: 'if (await isOpen(path) && path === "") throw inUse',
    suites: [{ file: UNIX, only: "of bun .*in use|of bun .*one only" }],
  },
  {
    name: "unix-any-file",
    planted: "a Unix socket takes the place of a file that is none",
    file: "src/adapters/socket_files.ts",
    old: "if (!found.isSocket()) throw inUse",
    new: "if (found === undefined) throw inUse",
    suites: [{ file: UNIX, only: "of bun .*none of a socket" }],
  },
  {
    name: "unix-stale-stays",
    planted: "a Unix socket that nobody has open is in use",
    file: "src/adapters/socket_files.ts",
    old: "if (UNUSED_CODES.includes(code)) resolve(isListed(path));",
    new: 'if (code === "") resolve(isListed(path));',
    suites: [{ file: UNIX, only: "of bun .*replaced" }],
  },
  {
    name: "unix-busy-loses",
    planted: "a server whose queue is full loses its path, on Bun",
    file: "src/adapters/socket_files.ts",
    old: "if (UNUSED_CODES.includes(code)) resolve(isListed(path));",
    new: "if (UNUSED_CODES.includes(code)) resolve(false);",
    suites: [{ file: UNIX, only: "of bun .*queue is full" }],
  },
  {
    name: "unix-unborn-loses",
    planted:
      "a Unix socket that is bound, and does not listen yet, is nobody's",
    file: "src/adapters/unix_table.ts",
    old: "parseInt(state, 16) === UNCONNECTED || ",
    new: "",
    suites: [{ file: "tests/adapters/unix_table.test.ts" }],
  },
  {
    name: "unix-removes-others",
    planted: "a listener removes the Unix socket of another one",
    file: "src/adapters/socket_files.ts",
    old: "const isOurs = this.#stats && isSame(this.#stats, statsOf(path));",
    new: "const isOurs = this.#stats !== undefined;",
    suites: [{ file: UNIX, only: "of bun .*in its place" }],
  },
  {
    name: "unix-file-stays",
    planted: "a listener leaves its Unix socket behind",
    file: "src/adapters/socket_files.ts",
    old: "if (isOurs) files().unlinkSync(path);",
    new: "void isOurs;",
    suites: [{ file: UNIX, only: "of bun .*nothing beside it" }],
  },
  {
    name: "unix-peer-has-path",
    planted: "who connects to a Unix socket is said to be at its path",
    file: "src/adapters/host_addresses.ts",
    old: ": { local: address, remote: UNKNOWN_ADDRESS };",
    new: ": { local: address, remote: address };",
    suites: [{ file: UNIX, only: "of bun .*has none" }],
  },
];
