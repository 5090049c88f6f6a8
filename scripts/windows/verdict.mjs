// @ts-check

import { KNOWN_FAILURES } from "./known_failures.mjs";

/** What became of the tests of one runtime, beside what is known of Wine. */
export class Verdict {
  /** What failed, and is not known to. */
  failures = /** @type {string[]} */ ([]);
  /** What passed, and is known to fail. */
  surprises = /** @type {string[]} */ ([]);
  countPassed = 0;
  countKnown = 0;
  #known;

  constructor(/** @type {string} */ runtime) {
    const known = KNOWN_FAILURES.flatMap(({ tests }) => tests[runtime] ?? []);
    this.#known = new Set(known);
  }

  /** What is known to fail, and was not met. */
  get missing() {
    return [...this.#known];
  }

  /** Adds what a file of tests has come to; returns whether that is as expected. */
  add(
    /** @type {string} */ file,
    /** @type {Map<string, boolean>} */ outcomes,
    /** @type {{ status: number | null, isLate: boolean }} */ end,
  ) {
    const before = this.failures.length;
    for (const [name, passed] of outcomes) this.#addTest(name, passed);
    const hasFailed = [...outcomes.values()].includes(false);
    if (end.isLate) {
      this.#addTest(`${file} hangs`, false);
    } else if (end.status !== 0 && !hasFailed) {
      this.#addTest(`${file} ends with ${end.status}`, false);
    } else if (outcomes.size === 0) {
      this.#addTest(`${file} has no tests`, false);
    }
    return this.failures.length === before;
  }

  #addTest(/** @type {string} */ name, /** @type {boolean} */ passed) {
    const isKnown = this.#known.delete(name);
    if (passed) this.countPassed++;
    else if (isKnown) this.countKnown++;
    else this.failures.push(name);
    if (passed && isKnown) this.surprises.push(name);
  }
}
