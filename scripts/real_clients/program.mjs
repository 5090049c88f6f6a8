// @ts-check

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** A runtime that runs examples. */
export class Runtime {
  #command;

  /** @param {string} title @param {(file: string, permissions: string[]) => string[]} command */
  constructor(title, command) {
    this.title = title;
    this.#command = command;
  }

  /**
   * The command of an example, whose file is given without its ending. Deno
   * needs permissions.
   */
  command(
    /** @type {string} */ example,
    /** @type {string[]} */ permissions = [],
  ) {
    return this.#command(example, permissions);
  }

  /** Starts an example, whose file is given without its ending, with flags. */
  start(/** @type {string} */ example, /** @type {string[]} */ ...flags) {
    return new Program([...this.command(example), ...flags]);
  }
}

/**
 * The three runtimes. `built` is the folder with the examples as JavaScript, if
 * Node needs that.
 */
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

/**
 * The time limit of a process in milliseconds: one that hangs is killed, and
 * its caller fails.
 */
const LIMIT = 5 * 60_000;

/** A running process. */
export class Program {
  /** Its output so far, including stderr. */
  output = "";
  #child;
  #closed;
  #hasChildren;
  #isClosed = false;

  /**
   * `input` is its stdin; null if that comes later, through `write`. If it
   * starts programs itself, `hasChildren` lets these be killed with it.
   */
  constructor(
    /** @type {string[]} */ [program, ...args],
    /** @type {string | null} */ input = "",
    hasChildren = false,
  ) {
    this.#hasChildren = hasChildren;
    this.#child = spawn(program, args, { detached: hasChildren });
    this.#child.stdin.on("error", () => {}); // It has ended.
    if (input !== null) this.#child.stdin.end(input);
    this.#closed = once(this.#child, "close");
    const limit = setTimeout(() => this.kill(), LIMIT);
    this.#child.on("close", () => {
      this.#isClosed = true;
      clearTimeout(limit);
    });
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

  /**
   * Resolves to the match of `pattern` in its output. Rejects if it ends
   * without one.
   */
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

  /** Resolves to the port that it reports to listen on. */
  async port() {
    const [, port] = await this.printed(/listening on \S*:(\d+)/);
    return Number(port);
  }

  /** Asks it to terminate. Resolves to its exit code. */
  async terminate() {
    this.#child.kill("SIGTERM");
    return await this.ended();
  }

  /** Resolves to its exit code once it has ended. */
  async ended() {
    const [code] = await this.#closed;
    return code;
  }

  kill() {
    if (!this.#hasChildren) this.#child.kill("SIGKILL");
    else if (!this.#isClosed) process.kill(-this.pid, "SIGKILL");
  }
}
