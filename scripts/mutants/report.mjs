// @ts-check

const HEAD = `# Mutants

\`npm run mutants\` plants these bugs in a copy of the project, one at a time, and
runs the tests that should find it. It fails if a bug survives, and otherwise
writes this page. If a bug makes a test wait forever, the time limit of the test
kills it: "hung".
`;

/**
 * Renders the page that lists which test killed each mutant.
 *
 * @param {import("../mutants.mjs").Mutant[]} mutants
 * @param {Map<string, import("../mutants.mjs").Kill>} kills By the name of the
 *   mutant.
 * @param {number} seconds How long all runs took.
 */
export function report(mutants, kills, seconds) {
  const rows = mutants.map(({ name, file, planted }) => [
    name,
    `\`${file}\``,
    planted,
    ...howKilled(kills.get(name)),
  ]);
  const titles = ["Name", "File", "Planted", "Killed by", "After"];
  const sum = `${mutants.length} mutants, all killed, in ${seconds} s.`;
  return `${HEAD}\n${sum}\n\n${table([titles, ...rows])}`;
}

function howKilled(
  /** @type {import("../mutants.mjs").Kill | undefined} */ kill,
) {
  if (kill === undefined) throw new Error("A mutant was not killed");
  const seconds = (kill.ms / 1000).toFixed(1);
  return [`\`${kill.file}\``, `${seconds} s${kill.hung ? ", hung" : ""}`];
}

/** Renders a table. The first row contains the headings. */
function table(/** @type {string[][]} */ rows) {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replace(/\|/g, "\\|"))
  );
  const widths = cells[0].map((_, column) =>
    Math.max(...cells.map((row) => row[column].length))
  );
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const [titles, ...rest] = cells;
  const rule = widths.map((width) => "-".repeat(width));
  return [titles, rule, ...rest].map(line).join("\n") + "\n";
}
