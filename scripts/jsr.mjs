// @ts-check

import { spawnSync } from "node:child_process";

/** The tests that need more of JSR than has a copy on npm. */
export const JSR_TESTS = "deno_std.test.ts";

/** Points what deno.json takes from JSR to its copies on npm. */
const ON_NPM = "scripts/jsr_on_npm.json";

/** The milliseconds that JSR has to answer, and Deno to start. */
const LIMIT = 4000;

/** Asks as Deno itself would. */
const ASK = `
const url = new URL("/@std/testing/meta.json", Deno.env.get("JSR_URL") || "https://jsr.io");
const signal = AbortSignal.timeout(${LIMIT - 1000});
await (await fetch(url, { signal })).json();
`;

/** @type {boolean | undefined} */
let answer = undefined;

/** True if JSR can be reached; says so if it cannot. */
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

/** What Deno is told, so that it finds what deno.json takes from JSR. */
export function importFlags() {
  return reachesJsr() ? [] : [`--import-map=${ON_NPM}`];
}
