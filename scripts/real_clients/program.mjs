// @ts-check

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** What runs examples. */
export class Runtime {
  #command;

  /** @param {string} title @param {(file: string, permissions: string[]) => string[]} command */
  constructor(title, command) {
    this.title = title;
    this.#command = command;
  }

  /** What runs an example: its file, without the ending; Deno needs permissions. */
  command(
    /** @type {string} */ example,
    /** @type {string[]} */ permissions = [],
  ) {
    return this.#command(example, permissions);
  }

  /** Starts an example: its file, without the ending, and its flags. */
  start(/** @type {string} */ example, /** @type {string[]} */ ...flags) {
    return new Program([...this.command(example), ...flags]);
  }
}

/** The three runtimes; `built` is where there are the examples as JavaScript, if Node needs that. */
export function runtimes(/** @type {string | undefined} */ built) {
  const source = (/** @type {string} */ it) => `examples/${it}.ts`;
  return [
    new Runtime("Deno", (it, permissions) => [
      ...["deno", "run", "--no-prompt", "--allow-net", "--allow-read=."],
      ...["--allow-sys=osRelease", ...permissions, source(it)],
    ]),
    new Runtime("Bun", (it) => ["bun", source(it)]),
    new Runtime("Node", (it) => [
      process.execPath,
      built === undefined ? source(it) : `${built}/examples/${it}.js`,
    ]),
  ];
}

/** The milliseconds a process may run: one that hangs is ended, and whoever waits for it fails. */
const LIMIT = 5 * 60_000;

/** A process that runs until it is ended. */
export class Program {
  /** What it has printed, errors included. */
  output = "";
  #child;
  #closed;

  /** `input` is what it reads; null if it is told later, by `write`. */
  constructor(
    /** @type {string[]} */ [program, ...args],
    /** @type {string | null} */ input = "",
  ) {
    this.#child = spawn(program, args);
    this.#child.stdin.on("error", () => {}); // It has ended.
    if (input !== null) this.#child.stdin.end(input);
    this.#closed = once(this.#child, "close");
    const limit = setTimeout(() => this.#child.kill("SIGKILL"), LIMIT);
    this.#child.on("close", () => clearTimeout(limit));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on("data", (text) => this.output += text);
    }
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  write(/** @type {string} */ text) {
    this.#child.stdin.write(text);
  }

  /** Resolves to what `pattern` finds in what it prints. Rejects if it ends before. */
  async printed(/** @type {RegExp} */ pattern) {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      const ended = this.#closed.then(() => true);
      const { stdout, stderr } = this.#child;
      const printed = [stdout, stderr].map((stream) =>
        once(stream, "data").then(() => false)
      );
      if (await Promise.race([ended, ...printed])) {
        throw new Error(`It ended early: ${this.output}`);
      }
    }
  }

  /** Resolves to the port that it says it listens on. */
  async port() {
    const [, port] = await this.printed(/listening on \S*:(\d+)/);
    return Number(port);
  }

  /** Asks it to end; resolves to its exit code. */
  async terminate() {
    this.#child.kill("SIGTERM");
    return await this.ended();
  }

  /** Resolves to its exit code, when it has ended. */
  async ended() {
    const [code] = await this.#closed;
    return code;
  }

  kill() {
    this.#child.kill("SIGKILL");
  }
}
