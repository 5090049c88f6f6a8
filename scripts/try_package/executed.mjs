// @ts-check

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * @typedef {object} Script
 * @property {string} url
 * @property {{ ranges: Range[] }[]} functions
 */

/**
 * @typedef {object} Range
 * @property {number} startOffset
 * @property {number} endOffset
 * @property {number} count
 */

/**
 * Returns how many bytes of the scripts beside `program` Node executes while it
 * runs, according to V8's coverage: functions and branches that are never
 * reached do not count.
 */
export function executedSize(/** @type {string} */ program) {
  const folder = path.dirname(program);
  const coverage = path.join(folder, "coverage");
  execFileSync(process.execPath, [program], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
  });
  const scripts = fs.readdirSync(coverage).flatMap((file) => {
    const text = fs.readFileSync(path.join(coverage, file), "utf8");
    return /** @type {Script[]} */ (JSON.parse(text).result);
  });
  const own = pathToFileURL(fs.realpathSync(folder)).href;
  return scripts.filter(({ url }) => url.startsWith(own))
    .reduce((sum, script) => sum + executedOf(script), 0);
}

function executedOf(/** @type {Script} */ { url, functions }) {
  const { size } = fs.statSync(fileURLToPath(url));
  const isExecuted = new Uint8Array(size).fill(1);
  const ranges = functions.flatMap(({ ranges }) => ranges);
  // Of two nested ranges, the inner one counts.
  ranges.sort((a, b) =>
    a.startOffset - b.startOffset || b.endOffset - a.endOffset
  );
  for (const { startOffset, endOffset, count } of ranges) {
    isExecuted.fill(Math.min(count, 1), startOffset, endOffset);
  }
  return isExecuted.reduce((sum, one) => sum + one, 0);
}
