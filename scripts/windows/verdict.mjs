// @ts-check

import { KNOWN_FAILURES } from "./known_failures.mjs";

/** Compares the test results of one runtime with the known failures of Wine. */
export class Verdict {
  /** Tests that failed unexpectedly. */
  failures = /** @type {string[]} */ ([]);
  /** Tests that passed although they are known to fail. */
  surprises = /** @type {string[]} */ ([]);
  countPassed = 0;
  countKnown = 0;
  #known;

  constructor(/** @type {string} */ runtime) {
    const known = KNOWN_FAILURES.flatMap(({ tests }) => tests[runtime] ?? []);
    this.#known = new Set(known);
  }

  /** Known failures that were not among the tests. */
  get missing() {
    return [...this.#known];
  }

  /** Adds the results of a test file. Returns whether they are as expected. */
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
