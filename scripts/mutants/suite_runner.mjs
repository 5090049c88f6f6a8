// @ts-check

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** @typedef {import("../mutants.mjs").Mutant} Mutant */
/** @typedef {import("../mutants.mjs").Suite} Suite */

/** @typedef {{ passed: boolean, hung: boolean, test: string, ms: number, output: string }} Run */

/** Top-level entries that a copy of the project does not need. */
const NOT_COPIED = [".git", ".node", "node_modules", "coverage", "npm"];

/**
 * A copy of the project, in which one bug at a time is planted, and one suite
 * at a time runs.
 */
export class SuiteRunner {
  #copy = fs.mkdtempSync(path.join(os.tmpdir(), "mutants-"));
  /** @type {number | undefined} The process group of the running suite. */
  #group = undefined;

  constructor(/** @type {string} */ root) {
    fs.cpSync(root, this.#copy, {
      recursive: true,
      filter: (source) => !NOT_COPIED.includes(path.basename(source)),
    });
    const libraries = path.join(root, "node_modules");
    fs.symlinkSync(libraries, this.#pathOf("node_modules"), "junction");
  }

  /** A hash of all files of the project. */
  fingerprint() {
    const hash = createHash("sha256");
    const files = fs.readdirSync(this.#copy, {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)).sort();
    for (const file of files) {
      hash.update(path.relative(this.#copy, file) + "\0");
      hash.update(fs.readFileSync(file));
    }
    return hash.digest("hex").slice(0, 16);
  }

  /**
   * How often the `old` text of a mutant occurs in its file: it should be once.
   */
  placesOf(/** @type {Mutant} */ { file, old }) {
    const where = this.#pathOf(file);
    if (!fs.existsSync(where)) return 0;
    return fs.readFileSync(where, "utf8").split(old).length - 1;
  }

  /** Plants a bug. Returns a function that removes it. */
  plant(/** @type {Mutant} */ mutant) {
    const where = this.#pathOf(mutant.file);
    const sound = fs.readFileSync(where, "utf8");
    fs.writeFileSync(where, sound.replace(mutant.old, () => mutant.new));
    return () => fs.writeFileSync(where, sound);
  }

  /**
   * Runs a suite up to the first test that fails.
   *
   * @param {Suite} suite
   * @param {number} testLimitMs Time limit of a test, after which it counts as
   *   hung.
   * @param {number} suiteLimitMs Time limit of all tests together.
   * @returns {Promise<Run>}
   */
  run(suite, testLimitMs, suiteLimitMs) {
    const [program, ...args] = commandOf(suite, testLimitMs);
    return new Promise((resolve, reject) => {
      const start = performance.now();
      const child = spawn(program, args, {
        cwd: this.#copy,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...seedsOf(suite), NO_COLOR: "1" },
      });
      this.#group = child.pid;
      let output = "";
      let isOver = false;
      const limit = setTimeout(() => {
        isOver = true;
        this.#endGroup();
      }, suiteLimitMs);
      const collect = (/** @type {Buffer} */ chunk) => void (output += chunk);
      child.stdout.on("data", collect);
      child.stderr.on("data", collect);
      child.on("error", reject);
      // Processes that a failed test leaves behind would keep the output open.
      child.on("exit", () => this.#endGroup());
      child.on("close", (code) => {
        clearTimeout(limit);
        resolve({
          passed: code === 0,
          hung: isOver || /timed out after \d+ ?ms/.test(output),
          test: failedTest(output),
          ms: Math.round(performance.now() - start),
          output,
        });
      });
    });
  }

  /** Stops the running suite, and removes the copy. */
  end() {
    this.#endGroup();
    fs.rmSync(this.#copy, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Stops the running suite, with all processes that it has started. */
  #endGroup() {
    if (this.#group === undefined) return;
    const pid = this.#group;
    this.#group = undefined;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // The group has ended by itself.
    }
  }

  #pathOf(/** @type {string} */ file) {
    return path.join(this.#copy, file);
  }
}

function seedsOf(/** @type {Suite} */ { seeds }) {
  return seeds === undefined ? {} : { REACTIO_SEEDS: String(seeds) };
}

/** @returns {string[]} */
function commandOf(
  /** @type {Suite} */ { file, only, runtime = "bun" },
  /** @type {number} */ testLimitMs,
) {
  if (runtime === "bun") {
    const names = only === undefined ? [] : ["-t", only];
    const limit = ["--timeout", String(testLimitMs)];
    return ["bun", "test", "--bail", ...limit, ...names, `./${file}`];
  }
  // Not type-checked: a bug may leave something unused.
  const names = only === undefined ? [] : ["--filter", `/${only}/`];
  const allowed = ["net", "read", "env", "sys", "run"]
    .map((what) => `--allow-${what}`);
  const flags = ["--no-check", "--no-prompt", "--fail-fast"];
  return ["deno", "test", ...flags, ...allowed, ...names, file];
}

/** The name of the first failed test; empty if none failed. */
function failedTest(/** @type {string} */ output) {
  const [, name = ""] = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output) ??
    /^ *(.+?) \.\.\. FAILED/m.exec(output) ?? [];
  return name.split(" > ").at(-1) ?? "";
}
