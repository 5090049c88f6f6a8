// @ts-check

/**
 * Parses the output of a runtime. Returns which tests passed, by name: the
 * names of the enclosing groups and the test, joined by " > ".
 */
export function outcomesIn(/** @type {string} */ output) {
  const lines = output.split(/\r?\n/);
  return output.includes("TAP version ") ? ofTap(lines) : ofBun(lines);
}

function ofTap(/** @type {string[]} */ lines) {
  /** @type {Map<string, boolean>} */
  const outcomes = new Map();
  /** @type {string[]} The enclosing groups of the line, and the last test. */
  const names = [];
  let lastDepth = 0;
  let failuresInside = 0;
  for (const line of lines) {
    const [, indent = "", verdict, text = ""] =
      /^( *)(# Subtest:|ok|not ok)(?: \d+ -)? (.*)$/.exec(line) ?? [];
    if (verdict === undefined) continue;
    const depth = indent.length / 4;
    const name = text.replace(/ # (?:SKIP|TODO).*/, "")
      .replace(/\\(.)/g, "$1");
    names.length = depth;
    names[depth] = name;
    if (verdict === "# Subtest:") continue;
    const passed = verdict === "ok";
    const isGroup = depth < lastDepth;
    lastDepth = depth;
    // A group fails along with its tests. It fails by itself only if its hooks
    // do.
    if (!isGroup || (!passed && failuresInside === 0)) {
      outcomes.set(names.join(" > "), passed);
    }
    if (depth === 0) failuresInside = 0;
    else if (!passed) failuresInside++;
  }
  return outcomes;
}

function ofBun(/** @type {string[]} */ lines) {
  /** @type {Map<string, boolean>} */
  const outcomes = new Map();
  for (const line of lines) {
    const [, verdict, name] =
      /^\((pass|fail)\) (.*?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
    if (verdict !== undefined) outcomes.set(name, verdict === "pass");
  }
  return outcomes;
}
