// @ts-check

import { spawnSync } from "node:child_process";

/** Tests that need packages of JSR that have no copy on npm. */
export const JSR_TESTS = "deno_std.test.ts";

/**
 * An import map that replaces the JSR packages of deno.json by their copies on
 * npm.
 */
const ON_NPM = "scripts/jsr_on_npm.json";

/**
 * How long JSR may take to answer, including the start of Deno, in
 * milliseconds.
 */
const LIMIT = 4000;

/** Sends the request that Deno itself would send. */
const ASK = `
const url = new URL("/@std/testing/meta.json", Deno.env.get("JSR_URL") || "https://jsr.io");
const signal = AbortSignal.timeout(${LIMIT - 1000});
await (await fetch(url, { signal })).json();
`;

/** @type {boolean | undefined} */
let answer = undefined;

/** True if JSR is reachable. Prints a note if it is not. */
export function reachesJsr() {
  if (answer !== undefined) return answer;
  const asked = spawnSync("deno", ["eval", "--no-config", ASK], {
    timeout: LIMIT,
    killSignal: "SIGKILL",
  });
  answer = asked.status === 0;
  if (!answer) {
    console.log(
      "JSR is not reached: @std/assert is taken from its copy on npm, and\n" +
        `${JSR_TESTS}, which needs @std/testing, is NOT RUN here.`,
    );
  }
  return answer;
}

/** The flags for Deno that make the JSR imports of deno.json resolve. */
export function importFlags() {
  return reachesJsr() ? [] : [`--import-map=${ON_NPM}`];
}
