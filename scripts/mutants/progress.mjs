// @ts-check

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** @typedef {import("../mutants.mjs").Kill} Kill */

/**
 * The results of all runs over the same state of the project, kept in a file in
 * the temporary folder, so that a stopped run can be continued.
 */
export class Progress {
  /** @type {Map<string, number>} How many milliseconds each suite takes without a bug. */
  soundMs = new Map();
  /** @type {Map<string, Kill>} By the name of the mutant. */
  kills = new Map();
  /** @type {string | undefined} */
  #file = undefined;
  /** How long earlier runs took. */
  #earlierMs = 0;
  #start = performance.now();

  /**
   * `fingerprint` identifies the state of the project; without one, nothing is
   * kept.
   */
  constructor(/** @type {string | undefined} */ fingerprint) {
    if (fingerprint === undefined) return;
    this.#file = path.join(os.tmpdir(), `mutants-${fingerprint}.jsonl`);
    if (!fs.existsSync(this.#file)) return;
    for (const line of fs.readFileSync(this.#file, "utf8").split("\n")) {
      if (line !== "") this.#take(JSON.parse(line));
    }
  }

  /** How long all runs took. */
  get ms() {
    return Math.round(this.#earlierMs + performance.now() - this.#start);
  }

  addSuite(/** @type {string} */ suite, /** @type {number} */ ms) {
    this.soundMs.set(suite, ms);
    this.#write({ suite, ms });
  }

  addKill(/** @type {Kill} */ kill) {
    this.kills.set(kill.name, kill);
    this.#write({ kill });
  }

  /** Removes the file, once all work is done. */
  remove() {
    if (this.#file !== undefined) fs.rmSync(this.#file, { force: true });
  }

  #write(/** @type {object} */ found) {
    if (this.#file === undefined) return;
    const line = JSON.stringify({ ...found, at: this.ms });
    fs.appendFileSync(this.#file, line + "\n");
  }

  #take(
    /** @type {{ suite?: string, ms: number, kill?: Kill, at: number }} */ line,
  ) {
    this.#earlierMs = line.at;
    if (line.kill !== undefined) this.kills.set(line.kill.name, line.kill);
    if (line.suite !== undefined) this.soundMs.set(line.suite, line.ms);
  }
}
