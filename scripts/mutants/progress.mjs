// @ts-check

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** @typedef {import("../mutants.mjs").Kill} Kill */

/**
 * What runs over one and the same project have found, in a file of the folder
 * for temporary files: a run that was stopped goes on there.
 */
export class Progress {
  /** @type {Map<string, number>} How many milliseconds each suite takes without a bug. */
  soundMs = new Map();
  /** @type {Map<string, Kill>} By the names of the mutants. */
  kills = new Map();
  /** @type {string | undefined} */
  #file = undefined;
  /** What earlier runs took. */
  #earlierMs = 0;
  #start = performance.now();

  /** Of the project with this fingerprint; without one nothing is kept. */
  constructor(/** @type {string | undefined} */ fingerprint) {
    if (fingerprint === undefined) return;
    this.#file = path.join(os.tmpdir(), `mutants-${fingerprint}.jsonl`);
    if (!fs.existsSync(this.#file)) return;
    for (const line of fs.readFileSync(this.#file, "utf8").split("\n")) {
      if (line !== "") this.#take(JSON.parse(line));
    }
  }

  /** How long all the runs took. */
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

  /** Nothing is left to be done. */
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
