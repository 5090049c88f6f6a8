// @ts-check

const HOST = "tests/adapters/host.test.ts";
const UNIX = "tests/adapters/unix_sockets.test.ts";

/**
 * Bugs in the adapters, each tested on its own runtime.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const adapterMutants = [
  {
    name: "bun-half-open",
    planted: "on Bun, an accepted connection is closed at the peer's FIN",
    file: "src/adapters/bun_listener.ts",
    old: "exclusive: !reusePort,\n      allowHalfOpen: true,",
    new: "exclusive: !reusePort,\n      allowHalfOpen: false,",
    suites: [{ file: HOST, only: "half open|peer.s FIN" }],
  },
  {
    name: "bun-drain-ignored",
    planted: "a Bun socket that was full never accepts more",
    file: "src/adapters/bun_socket.ts",
    old: "connection.events.onWritable();",
    new: "void connection;",
    suites: [{ file: HOST, only: "close sends what is queued" }],
  },
  {
    name: "bun-drops-behind-drain",
    planted: "on Bun, what comes in as a completion pauses reading is dropped",
    file: "src/adapters/bun_socket.ts",
    old: "else connection.hold(chunk);",
    new: "",
    suites: [{ file: HOST, only: "by a completion, as bytes come in" }],
  },
  {
    name: "bun-tls-takes-no-options",
    planted: "keepAlive and noDelay have no effect on TLS sockets on Bun",
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
    planted: "a Bun read's memory is freed although it is shared",
    file: "src/adapters/bun_reads.ts",
    old: "memory.byteLength === length;",
    new: "memory.byteLength > 0;",
    suites: [{ file: "bun.test.ts", only: "memory of a long read" }],
  },
  {
    name: "bun-reads-pile-up",
    planted: "the memory of Bun's reads is only freed by garbage collection",
    file: "src/adapters/bun_reads.ts",
    old: "if (isOurs) memory.transfer(0);",
    new: "void isOurs;",
    suites: [{ file: "bun.test.ts", only: "memory of a long read" }],
  },
  {
    name: "bun-closes-twice",
    planted:
      "destroying a Bun socket reports the close inside the call, and then again",
    file: "src/adapters/bun_socket.ts",
    old:
      "closed(error: Error | undefined): void {\n    if (this.#isClosed) return;",
    new: "closed(error: Error | undefined): void {",
    suites: [{ file: HOST, only: "abort" }],
  },
  {
    name: "node-write-ends-a-later-one",
    planted:
      "a write of node:net that was out at once ends a later one that is under way",
    file: "src/adapters/node_socket.ts",
    old: "if (!isOut && !error",
    new: "if (!error",
    suites: [{ file: "tests/adapters/first_write.test.ts" }],
  },
  {
    name: "node-writes-on",
    planted: "a node:net socket that is full is given more data",
    file: "src/adapters/node_socket.ts",
    old: "isOut = native.writableLength === 0;",
    new: "isOut = native.writableLength >= 0;",
    suites: [{
      file: "tests/adapters/node.test.ts",
      only: "by sendNoQueue|beyond maxSendQueue|stalls|closeTimeoutMs",
    }],
  },
  {
    name: "deno-short-write",
    planted: "the rest of a partial write on Deno is not written",
    file: "src/adapters/deno_socket.ts",
    old: "if (count < this.#output.length) {",
    new: "if (count === 0) {",
    suites: [{ file: HOST, runtime: "deno", only: "closing|half-close" }],
  },
  {
    name: "bun-polls-too-late",
    planted: "Bun reports that sockets were served before it has polled",
    file: "src/adapters/bun.ts",
    old: "afterTurns(TURNS_TO_POLL, callback)",
    new: "afterTurns(1, callback)",
    suites: [{ file: "tests/adapters/many_at_once.test.ts" }],
  },
  {
    name: "deno-looks-too-late",
    planted: "Deno reports that sockets were served before it has polled",
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
    planted:
      "Deno polls once, although more events are ready than one poll serves",
    file: "src/adapters/deno_fairness.ts",
    old: "      else look();",
    new: "      else callback();",
    suites: [{ file: "tests/adapters/many_at_once.test.ts", runtime: "deno" }],
  },
  {
    name: "context-of-who-asked",
    planted:
      "handlers run in the asynchronous context of the code that requested the turn",
    file: "src/adapters/async_context.ts",
    old: ": outside.runInAsyncScope(action, undefined, ...args);",
    new: ": action(...args);",
    suites: [{ file: HOST, only: "asynchronous contexts" }],
  },
  {
    name: "deno-context-of-who-wrote",
    planted:
      "on Deno, completions run in the asynchronous context of the code that wrote",
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
      "on Bun, closing a connection is left to Bun after both FINs have passed",
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
    planted:
      "a socket option that the host refuses to set throws into the core",
    file: "src/adapters/host_calls.ts",
    old: "    // Ignored.\n",
    new: "    throw new Error();\n",
    suites: [{ file: "tests/adapters/host_faults.test.ts" }],
  },
  {
    name: "deno-write-throws",
    planted: "a Deno write that throws synchronously throws through the core",
    file: "src/adapters/deno_socket.ts",
    old:
      "this.#native.write(bytes).then(this.#onTaken, this.#onWriteFailed);\n    } catch (error) {",
    new:
      "this.#native.write(bytes).then(this.#onTaken, this.#onWriteFailed);\n    } catch (error) {\n      throw error;",
    suites: [{ file: "tests/adapters/host_faults.test.ts", runtime: "deno" }],
  },
  {
    name: "bun-pause-throws",
    planted: "an error thrown by pause on Bun is ignored, and reading goes on",
    file: "src/adapters/bun_socket.ts",
    old:
      "      this.#native.pause();\n    } catch (error) {\n      this.#abandon(error);",
    new: "      this.#native.pause();\n    } catch {\n      // Ignored.",
    suites: [{ file: "tests/adapters/host_faults.test.ts" }],
  },
  {
    name: "deno-stops-accepting",
    planted: "node:net on Deno accepts nothing more after a failed accept",
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
    planted: "an accept error that concerns one connection closes the listener",
    file: "src/adapters/failure_kinds.ts",
    old: 'return isFinal || failure.kind === "exhausted"',
    new: 'return failure.kind !== "timed-out"',
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "name-by-its-text",
    planted:
      "a host name that Deno on Windows cannot resolve is an unknown failure",
    file: "src/adapters/failure_kinds.ts",
    old: '"EAI_AGAIN", "ENOENT"]',
    new: '"EAI_AGAIN"]',
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "zone-lost",
    planted: "a link-local address loses its zone where the runtime drops it",
    file: "src/adapters/zones.ts",
    old: "? hostname + requested.slice(zone)",
    new: "? hostname",
    suites: [{ file: "tests/adapters/zones.test.ts" }],
  },
  {
    name: "host-text-cut",
    planted: "the host's error message is cut after 100 characters",
    file: "src/contract/failure.ts",
    old: "super(messageOf(cause, MAX_REASON), { cause });",
    new: "super(messageOf(cause), { cause });",
    suites: [{ file: "tests/adapters/failure_kinds.test.ts" }],
  },
  {
    name: "unix-mode-late",
    planted:
      "the mode of a Unix socket is set only after the socket is visible",
    file: "src/adapters/socket_files.ts",
    old:
      "    if (mode !== undefined) chmodSync(at, mode);\n    await publish(at, path);",
    new:
      "    await publish(at, path);\n    hostClock.setTimer(() => chmodSync(path, mode ?? 0), 1);",
    suites: [{ file: UNIX, only: "of bun .*mode" }],
  },
  {
    name: "unix-takes-over",
    planted: "a Unix socket takes the path of a running server",
    file: "src/adapters/socket_files.ts",
    old: "if (await isOpen(path)) throw inUse",
    new: 'if (await isOpen(path) && path === "") throw inUse',
    suites: [{ file: UNIX, only: "of bun .*in use|of bun .*one only" }],
  },
  {
    name: "unix-any-file",
    planted: "a Unix socket replaces a file that is not a socket",
    file: "src/adapters/socket_files.ts",
    old: "if (!found.isSocket()) throw inUse",
    new: "if (found === undefined) throw inUse",
    suites: [{ file: UNIX, only: "of bun .*that is not a socket" }],
  },
  {
    name: "unix-stale-stays",
    planted: "a stale Unix socket counts as in use",
    file: "src/adapters/socket_files.ts",
    old: "if (UNUSED_CODES.includes(code)) resolve(isListed(path));",
    new: 'if (code === "") resolve(isListed(path));',
    suites: [{ file: UNIX, only: "of bun .*replaced" }],
  },
  {
    name: "unix-busy-loses",
    planted: "on Bun, a server whose backlog is full loses its path",
    file: "src/adapters/socket_files.ts",
    old: "if (UNUSED_CODES.includes(code)) resolve(isListed(path));",
    new: "if (UNUSED_CODES.includes(code)) resolve(false);",
    suites: [{ file: UNIX, only: "of bun .*queue is full" }],
  },
  {
    name: "unix-unborn-loses",
    planted:
      "a Unix socket that is bound but not yet listening counts as stale",
    file: "src/adapters/unix_table.ts",
    old: "parseInt(state, 16) === UNCONNECTED || ",
    new: "",
    suites: [{ file: "tests/adapters/unix_table.test.ts" }],
  },
  {
    name: "unix-removes-others",
    planted: "a listener removes another listener's Unix socket",
    file: "src/adapters/socket_files.ts",
    old:
      "const isOurs = this.#stats && isSameFile(this.#stats, statsOf(path));",
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
    planted:
      "a client of a Unix socket has the listener's path as its remote address",
    file: "src/adapters/host_addresses.ts",
    old: ": { local: address, remote: UNKNOWN_ADDRESS };",
    new: ": { local: address, remote: address };",
    suites: [{ file: UNIX, only: "of bun .*has none" }],
  },
];
